"""Stand-ins for qmail's two compilers, which do to files what the real ones do: our own code, for tests and
demos.

`install(qmail_home)` writes executable `bin/qmail-newu` and `bin/qmail-newmrh`; a file `bin/fail-NAME` makes
one fail.
"""

import struct
import sys
from collections.abc import Iterable
from pathlib import Path

_SCRIPT = """#!{python}
import sys
sys.path.insert(0, {root!r})
from tests.fake_qmail import {function}
sys.exit({function}({home!r}))
"""


def _hash(key: bytes) -> int:
    value = 5381
    for byte in key:
        value = ((value << 5) + value & 0xFFFFFFFF) ^ byte
    return value


def make_cdb(pairs: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The bytes of a constant data base with these pairs."""
    body, position = bytearray(), 2048
    tables: list[list[tuple[int, int]]] = [[] for _ in range(256)]
    for key, value in pairs:
        record = struct.pack("<II", len(key), len(value)) + key + value
        tables[_hash(key) & 0xFF].append((_hash(key), position))
        body += record
        position += len(record)
    header = bytearray()
    for table in tables:
        slots = [(0, 0)] * (2 * len(table))
        for hashed, place in table:
            slot = (hashed >> 8) % len(slots)
            while slots[slot][1]:
                slot = (slot + 1) % len(slots)
            slots[slot] = (hashed, place)
        header += struct.pack("<II", position, len(slots))
        for pair in slots:
            body += struct.pack("<II", *pair)
        position += 8 * len(slots)
    return bytes(header + body)


def _replace(path: Path, data: bytes) -> None:
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_bytes(data)
    temporary.chmod(0o644)
    temporary.rename(path)


def newu(home: str) -> int:
    """Compile users/assign into users/cdb: `+` and `=` lines up to the line `.`; 111 for a damaged file."""
    users = Path(home) / "users"
    if (Path(home) / "bin" / "fail-qmail-newu").exists():
        print("qmail-newu: fatal: told to fail", file=sys.stderr)
        return 111
    pairs, ended = [], False
    for line in (users / "assign").read_bytes().split(b"\n"):
        if line.startswith(b"."):
            ended = True
            break
        name, colon, rest = line.partition(b":")
        fields = rest.split(b":")
        if not colon or len(fields) < 6 or name[:1] not in (b"+", b"="):
            break
        key = b"!" + name[1:].lower() + (b"\0" if name[:1] == b"=" else b"")
        pairs.append((key, b"\0".join(fields[:6])))
    if not ended:
        print("qmail-newu: fatal: bad format in users/assign", file=sys.stderr)
        return 111
    wildcards = sorted({key[-1:] for key, _ in pairs if not key.endswith(b"\0")})
    _replace(users / "cdb", make_cdb([*pairs, (b"", b"".join(wildcards))]))
    return 0


def newmrh(home: str) -> int:
    """Compile control/morercpthosts into morercpthosts.cdb."""
    control = Path(home) / "control"
    if (Path(home) / "bin" / "fail-qmail-newmrh").exists():
        print("qmail-newmrh: fatal: told to fail", file=sys.stderr)
        return 111
    lines = [line.strip().lower() for line in (control / "morercpthosts").read_bytes().split(b"\n")]
    _replace(
        control / "morercpthosts.cdb", make_cdb([(line, b"") for line in lines if line and line[:1] != b"#"])
    )
    return 0


def install(qmail_home: Path | str) -> None:
    """Write both programs into a qmail home; its users/ and control/ are made when they are not there."""
    home = Path(qmail_home)
    for name in ("bin", "users", "control"):
        (home / name).mkdir(parents=True, exist_ok=True)
    root = str(Path(__file__).resolve().parent.parent)
    for program, function in (("qmail-newu", "newu"), ("qmail-newmrh", "newmrh")):
        path = home / "bin" / program
        path.write_text(_SCRIPT.format(python=sys.executable, root=root, function=function, home=str(home)))
        path.chmod(0o755)

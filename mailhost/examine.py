"""Compares qmail's files with each other: what one says about a name and another does not.

`examine` only reads. Each difference is an item: what kind, which name, and what was seen.
"""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from mailhost import cdb, files, maildir, qmail
from mailhost.errors import HelperError
from mailhost.home import Call, qmail_file
from mailhost.qmail import AssignLine

Item = dict[str, Any]
_HASH_LETTERS = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
_HASH_LEVELS = 3


def is_hash(name: str, hash: str) -> bool:
    """Is a directory of that name below `hash` a hash directory?"""
    return len(name) == 1 and name in _HASH_LETTERS and hash.count("/") + bool(hash) < _HASH_LEVELS


def item(kind: str, name: str, evidence: str = "", **more: Any) -> Item:
    return {"kind": kind, "name": name, "evidence": evidence, **more}


@dataclass
class Seen:
    """The files of one moment, parsed. `compiled` is None where there is no compiler, so no data base is
    expected."""

    lines: dict[str, AssignLine] = field(default_factory=dict)
    doubled: list[AssignLine] = field(default_factory=list)
    compiled: dict[str, tuple[str, ...]] | None = None
    virtual: dict[str, str] = field(default_factory=dict)
    rcpthosts: set[str] = field(default_factory=set)
    more: set[str] = field(default_factory=set)
    more_compiled: set[str] | None = None
    local: set[str] = field(default_factory=set)
    routed: set[str] = field(default_factory=set)
    damaged: list[str] = field(default_factory=list)


def _read(call: Call, *parts: str) -> bytes:
    found = files.read(str(call.config.qmail_home.joinpath(*parts)), None)
    return found[0] if found else b""


def _names(call: Call, name: str) -> list[str]:
    """The lines of a control file in lower case, without comments and empty ones."""
    lines = (line.strip().lower() for line in qmail.control_lines(_read(call, "control", name)))
    return [line for line in lines if line and not line.startswith("#")]


def look(call: Call) -> Seen:
    """Read everything once."""
    seen = Seen()
    for line in qmail.parse_assign(qmail.decode(_read(call, "users", "assign"))):
        if line.domain not in seen.lines:
            seen.lines[line.domain] = line
        elif seen.lines[line.domain] != line:
            seen.doubled.append(line)
    seen.virtual = {
        name: rest for name, _, rest in (v.partition(":") for v in _names(call, "virtualdomains"))
    }
    seen.rcpthosts, seen.more = set(_names(call, "rcpthosts")), set(_names(call, "morercpthosts"))
    own = set(_names(call, "me"))
    seen.local = set(_names(call, "locals")) if qmail_file(call.config, "control", "locals").exists() else own
    seen.routed = own | {line.partition(":")[0] for line in _names(call, "smtproutes")}
    programs = call.config.qmail_home / "bin"
    if os.access(programs / "qmail-newu", os.X_OK):
        seen.compiled = _compiled(call, seen)
    if os.access(programs / "qmail-newmrh", os.X_OK):
        pairs = _pairs(call, seen, "control", "morercpthosts.cdb")
        seen.more_compiled = {qmail.decode(key) for key, _ in pairs}
    return seen


def _pairs(call: Call, seen: Seen, *parts: str) -> list[tuple[bytes, bytes]]:
    data = _read(call, *parts)
    try:
        return list(cdb.items(data)) if data else []
    except cdb.BadCdb:
        seen.damaged.append(parts[-1])
        return []


def _compiled(call: Call, seen: Seen) -> dict[str, tuple[str, ...]]:
    """Domain → real, uid, gid, directory, as users/cdb has them; other entries of qmail's are no domains."""
    found: dict[str, tuple[str, ...]] = {}
    for key, value in _pairs(call, seen, "users", "cdb"):
        name = qmail.decode(key)
        if name.startswith("!") and name.endswith("-") and "." in name:
            found.setdefault(name[1:-1], tuple(qmail.decode(value).split("\0")[:4]))
    return found


def examine(call: Call) -> Iterator[Item]:
    """Every difference."""
    seen = look(call)
    for name in seen.damaged:
        yield item("damaged", name)
    if seen.compiled is not None and "cdb" not in seen.damaged:
        yield from _against_cdb(call, seen, seen.compiled)
    yield from _aliases(seen)
    yield from _virtual(seen)
    yield from _accepted(seen)
    yield from _directories(call, seen)


def _against_cdb(call: Call, seen: Seen, compiled: dict[str, tuple[str, ...]]) -> Iterator[Item]:
    for name, line in seen.lines.items():
        wanted = (line.real, str(line.uid), str(line.gid), line.directory)
        if name.lower() not in compiled:
            yield item("cdb-lacks", name, str(line))
        elif compiled[name.lower()] != wanted:
            yield item("cdb-differs", name, f"{':'.join(compiled[name.lower()])} ≠ {':'.join(wanted)}")
    for name in compiled.keys() - {name.lower() for name in seen.lines}:
        values = compiled[name]
        there = len(values) == 4 and os.path.isdir(values[3])
        yield item("cdb-extra", name, ":".join(values), there=there)


def _aliases(seen: Seen) -> Iterator[Item]:
    for line in seen.doubled:
        yield item("assign-twice", line.domain, f"{seen.lines[line.domain]} / {line}")
    for line in seen.lines.values():
        real = seen.lines.get(line.real)
        if real is None:
            yield item("alias-without-real", line.domain, str(line))
        elif (real.uid, real.gid, real.directory) != (line.uid, line.gid, line.directory):
            yield item("alias-elsewhere", line.domain, f"{line} / {real}")


def _virtual(seen: Seen) -> Iterator[Item]:
    for name in seen.lines:
        if name not in seen.virtual:
            yield item("virtual-lacks", name)
        elif seen.virtual[name] != name:
            yield item("virtual-differs", name, f"{name}:{seen.virtual[name]}")
        if name in seen.local:
            yield item("local-too", name, "control/locals")
    for name, rest in seen.virtual.items():
        if rest == name and "." in name and name not in seen.lines:
            accepted = name in seen.rcpthosts or name in seen.more
            yield item("virtual-extra", name, f"{name}:{rest}", accepted=accepted)


def _accepted(seen: Seen) -> Iterator[Item]:
    both = seen.rcpthosts | seen.more
    for name in seen.lines.keys() - both:
        yield item("rcpt-lacks", name)
    known = seen.lines.keys() | seen.virtual.keys() | seen.local | seen.routed
    for name in both - known:
        if not name.startswith("."):
            yield item("rcpt-extra", name, "rcpthosts" if name in seen.rcpthosts else "morercpthosts")
    if seen.more_compiled is None or "morercpthosts.cdb" in seen.damaged:
        return
    for name in seen.more - seen.more_compiled:
        yield item("more-lacks", name)
    for name in seen.more_compiled - seen.more:
        yield item("more-extra", name)


def _directories(call: Call, seen: Seen) -> Iterator[Item]:
    known = set()
    for line in seen.lines.values():
        known.add(line.directory)
        if line.is_alias:
            continue
        try:
            status = os.stat(call.resolve(line.directory))
        except (OSError, HelperError):
            yield item("directory-missing", line.domain, line.directory)
            continue
        if (status.st_uid, status.st_gid) != (line.uid, line.gid):
            owners = f"{status.st_uid}:{status.st_gid} ≠ {line.uid}:{line.gid}"
            yield item("directory-owner", line.domain, f"{line.directory}: {owners}")
        if stat.S_IMODE(status.st_mode) & 0o022:
            mode = f"{stat.S_IMODE(status.st_mode):04o}"
            yield item("directory-mode", line.domain, f"{line.directory}: {mode}")
    top = call.config.vpopmail_home / "domains"
    for path in domain_directories(str(top), ""):
        if path not in known:
            yield item("directory-extra", os.path.basename(path), path)


def domain_directories(top: str, hash: str) -> Iterator[str]:
    """Directories that look like a domain's, hash directories included."""
    try:
        with files.directory(os.path.realpath(top)) as fd:
            names = [name for name in maildir.names_in(fd) if files.is_directory(name, fd)]
    except OSError:
        return
    for name in sorted(names):
        if is_hash(name, hash):
            yield from domain_directories(f"{top}/{name}", f"{hash}/{name}".lstrip("/"))
        elif "." in name and not name.startswith("."):
            yield f"{top}/{name}"

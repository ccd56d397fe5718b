"""qmail's control files as vpopmail keeps them: grammar, order of lines, adding and removing.

Pure functions on bytes.

Order and quirks follow vpopmail's update_file, sort_file and remove_lines. Files
are bytes; text is latin-1-safe through `surrogateescape`, so that what was read is written back unchanged.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from mailhost.cdb import BadCdb
from mailhost.cdb import get as read_cdb

__all__ = [
    "AssignLine",
    "BadCdb",
    "add_assign",
    "add_line",
    "assign_key",
    "cdb_entry",
    "control_lines",
    "count_lines",
    "domain_key",
    "find_assign",
    "names_of",
    "parse_assign",
    "read_cdb",
    "remove_assign",
    "remove_lines",
]

LONGEST_LINE = 299  # vpopmail reads lines into 300 bytes


def decode(data: bytes) -> str:
    """Bytes of a control file as text that `encode` turns back into the same bytes."""
    return data.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """The inverse of `decode`."""
    return text.encode("utf-8", "surrogateescape")


@dataclass(frozen=True, slots=True)
class AssignLine:
    """One `+domain-:real:uid:gid:directory:-::` line of users/assign.

    An alias domain's `real` is the other name.
    """

    domain: str
    real: str
    uid: int
    gid: int
    directory: str

    @property
    def is_alias(self) -> bool:
        """True when the line gives another name to a domain."""
        return self.domain != self.real

    def __str__(self) -> str:
        return f"+{self.domain}-:{self.real}:{self.uid}:{self.gid}:{self.directory}:-::"


def parse_line(line: str) -> AssignLine | None:
    """The domain a line assigns, or None for `=` lines, wildcards of other kinds, comments and damaged
    lines.
    """
    if not line.startswith("+"):
        return None
    fields = line[1:].split(":")
    if len(fields) < 7 or fields[5] != "-" or fields[6] or not fields[0].endswith("-"):
        return None
    domain, real = fields[0][:-1], fields[1]
    if "." not in domain or not real or not fields[4].startswith("/"):
        return None
    if not (fields[2].isascii() and fields[2].isdigit() and fields[3].isascii() and fields[3].isdigit()):
        return None
    return AssignLine(domain, real, int(fields[2]), int(fields[3]), fields[4])


def parse_assign(text: str) -> list[AssignLine]:
    """All domains and alias domains of users/assign, in the file's order.

    Everything after the line `.` is ignored.
    """
    found = []
    for line in text.split("\n"):
        if line == ".":
            break
        parsed = parse_line(line)
        if parsed:
            found.append(parsed)
    return found


def find_assign(data: bytes, domain: str) -> AssignLine | None:
    """The line of one domain without parsing the whole file (a search in bytes: a thousandth of the time)."""
    wanted = encode(f"\n+{domain}-:")
    data = b"\n" + data
    start = data.find(wanted)
    while start >= 0:
        end = data.find(b"\n", start + 1)
        line = parse_line(decode(data[start + 1 : end if end >= 0 else len(data)]))
        if line:
            return line
        start = data.find(wanted, start + 1)
    return None


def names_of(data: bytes, real: str) -> list[AssignLine]:
    """The lines whose real domain is `real`, its own included."""
    marker = encode(f":{real}:")
    lines = (decode(line) for line in data.split(b"\n") if marker in line)
    return [line for line in map(parse_line, lines) if line and line.real == real]


def domain_key(name: str) -> bytes:
    """The sort key of a name: its last two labels come first, then the others (`mail.aaa.test` →
    `aaa.test.mail`).

    Empty labels vanish and labels after the tenth are cut, as vpopmail's extract_domain does; bytes are
    compared.
    """
    labels = [label for label in name.split(".") if label][:10]
    return encode(".".join(labels[-2:] + labels[:-2]) if len(labels) > 1 else name)


def line_key(line: str) -> bytes:
    """The sort key of a line of rcpthosts, morercpthosts or virtualdomains."""
    return domain_key(line.split(":", 1)[0])


def assign_key(line: str) -> bytes:
    """The sort key of a line of users/assign: the first field without its first and last character."""
    return domain_key(line[1:].split(":", 1)[0][:-1])


def control_lines(data: bytes) -> list[str]:
    """The lines of a control file without their ends; a missing final newline is the same as one."""
    lines = decode(data).split("\n")
    if lines[-1] == "":
        lines.pop()
    return lines


def count_lines(data: bytes) -> int:
    """How many lines a control file has: what decides between rcpthosts and morercpthosts."""
    return len(control_lines(data))


def _join(lines: Iterable[str]) -> bytes:
    return encode("".join(line + "\n" for line in lines))


def _insert(lines: list[str], new: str, key: Callable[[str], bytes]) -> list[str]:
    """Put `new` before the first line with a greater key.

    Sort everything when the old lines were out of order.
    """
    keys = [key(line) for line in lines]
    new_key = key(new)
    place = next((number for number, old in enumerate(keys) if old > new_key), len(lines))
    result = [*lines[:place], new, *lines[place:]]
    if any(before > after for before, after in zip(keys, keys[1:], strict=False)):
        result.sort(key=key)
    return result


def add_line(data: bytes, line: str) -> bytes:
    """Add a line to rcpthosts, morercpthosts or virtualdomains in vpopmail's order.

    One that is there already stays.
    """
    lines = control_lines(data)
    return data if line in lines else _join(_insert(lines, line, line_key))


def remove_lines(data: bytes, unwanted: Iterable[str]) -> bytes:
    """Remove every line that is exactly one of `unwanted`; the same object comes back when there was none."""
    lines = control_lines(data)
    gone = set(unwanted)
    kept = [line for line in lines if line not in gone]
    return data if len(kept) == len(lines) else _join(kept)


def add_assign(data: bytes, line: AssignLine) -> bytes:
    """Add a line to users/assign in vpopmail's order, with `.` as the last line."""
    if len(encode(str(line))) > LONGEST_LINE:
        raise ValueError("The line for qmail's assign file would be longer than vpopmail can read.")
    lines = [old for old in control_lines(data) if old != "."]
    if str(line) in lines:
        return data
    return _join([*_insert(lines, str(line), assign_key), "."])


def remove_assign(data: bytes, domains: Iterable[str]) -> bytes:
    """Remove the `+` lines of these domains, however they are spaced; foreign lines stay as they are."""
    gone = set(domains)
    lines = control_lines(data)
    kept = [line for line in lines if (parsed := parse_line(line)) is None or parsed.domain not in gone]
    return data if len(kept) == len(lines) else _join(kept)


def cdb_entry(line: AssignLine) -> tuple[bytes, bytes]:
    """Key and value that qmail-newu writes into users/cdb for a line."""
    value = "\0".join((line.real, str(line.uid), str(line.gid), line.directory, "-", ""))
    return encode(f"!{line.domain}-"), encode(value)

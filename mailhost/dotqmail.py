"""dot-qmail files: what their lines mean, which lines may be written, how names become file names.

Grammar: dot-qmail(5) and vpopmail's own lines. A file `.qmail-NAME` in the
domain's directory wins over everything else; `.` in NAME is written as `:`.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["forward", "program", "maildir", "mbox", "comment", "empty"]

PREFIX = ".qmail-"
LONGEST_LINE = 500  # vpopmail reads lines into 512 bytes
LONGEST_FILE = 64 * 1024
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_PLAIN_PATH = re.compile(r"/[A-Za-z0-9._+=@/-]+\Z")  # nothing in it that a shell knows
_ADDRESS = re.compile(r"[^\s@,:;<>()\[\]\\\"]+@[A-Za-z0-9._-]+\Z")


class BadLine(ValueError):
    """A line that may not be written; the text is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line with its meaning.

    `target` is the address, the command or the path, without the mark before it.
    """

    text: str
    kind: Kind
    target: str


def parse_line(text: str) -> Line:
    """Read one line as qmail-local does: the first character decides, trailing blanks do not count."""
    line = text.rstrip(" \t")
    if not line:
        return Line(text, "empty", "")
    first, rest = line[0], line[1:]
    if first == "#":
        return Line(text, "comment", rest.strip())
    if first == "|":
        return Line(text, "program", rest.strip())
    if first in "./":
        return Line(text, "maildir" if line.endswith("/") else "mbox", line)
    return Line(text, "forward", rest.strip() if first == "&" else line)


def parse(data: bytes) -> list[str]:
    """The lines of a file without their ends; a missing last newline is the same as one."""
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    if lines[-1] == "":
        lines.pop()
    return lines


def write(lines: Sequence[str]) -> bytes:
    """The bytes of a file with these lines."""
    return "".join(line + "\n" for line in lines).encode("utf-8", "surrogateescape")


def check_line(text: str) -> Line:
    """Return the line's meaning when it is well formed, else raise BadLine.

    Whether it is *allowed* is not asked here.
    """
    if len(text.encode("utf-8", "surrogateescape")) > LONGEST_LINE:
        raise BadLine(f"A line has at most {LONGEST_LINE} characters.")
    if _CONTROL.search(text) or text != text.strip(" ") or text.startswith("-"):
        raise BadLine("A line holds no control characters and does not start with a hyphen or a blank.")
    line = parse_line(text)
    if line.kind == "empty" or (line.kind == "program" and not line.target):
        raise BadLine("A line must not be empty.")
    if line.kind == "forward" and not _ADDRESS.match(line.target):
        raise BadLine("A forward needs a whole address, like user@example.com.")
    if line.kind in ("maildir", "mbox") and "/../" in line.target + "/":
        raise BadLine("A path must not contain “..”.")
    return line


def check_lines(lines: Sequence[str], known: Collection[str] = ()) -> list[Line]:
    """Check a whole file: at least one line (an empty file would mean "deliver as usual"), and no bad new
    one.

    `known` are lines that stand in the file already: they may stay, however odd.
    """
    if not any(line.strip() for line in lines):
        raise BadLine("An alias needs at least one line.")
    checked = [parse_line(line) if line in known else check_line(line) for line in lines]
    if len(write(lines)) > LONGEST_FILE:
        raise BadLine("That are too many lines for one alias.")
    return checked


def is_own(line: Line, directory: str) -> bool:
    """True for a delivery below the domain's own directory; `directory` is D as the assign file spells it."""
    if line.target.startswith("./"):
        return True
    return line.target.startswith(directory.rstrip("/") + "/")


def is_delivery_to(line: Line, mailbox: str) -> bool:
    """True for a line of a mailbox's own `.qmail` that delivers into that mailbox's Maildir.

    `mailbox` is the mailbox's directory. vpopmail stands in it while it reads the file, so that `./Maildir/`
    is the same place (vdelivermail.c, check_forward_deliver).
    """
    return line.kind == "maildir" and line.text in ("./Maildir/", f"{mailbox}/Maildir/")


def is_vacation(line: Line, mailbox: str, programs: Collection[str]) -> bool:
    """True for a line that answers with the message below the mailbox's own `vacation/`, by one of
    `programs` (absolute paths), in the one form that qmailadmin writes.
    """
    program, *words = line.target.split(" ")
    place = f"{mailbox}/vacation"
    if line.kind != "program" or program not in programs or not _PLAIN_PATH.match(mailbox):
        return False
    if program.endswith("/qmail-autoresponder"):
        return words == [place]
    return [*map(str.isdigit, words[:2])] == [True, True] and words[2:] == [f"{place}/message", place]


def with_paths(text: str, former: str, now: str) -> str:
    """Lines with deliveries below the directory `former` led below the directory `now`."""
    return re.sub(rf"(?<![\w./-]){re.escape(former)}/", lambda _found: f"{now}/", text)


def file_name(name: str) -> str:
    """The file of an alias: `info.sales` → `.qmail-info:sales`."""
    return PREFIX + name.replace(".", ":")


def name_of(file: str) -> str | None:
    """The alias a file belongs to, or None: not an alias's file, or one that qmail-local never looks at.

    The domain's own `.qmail-default` is not an alias. qmail-local lower-cases and replaces dots, so that
    names with a dot or a capital are never found by it.
    """
    if not file.startswith(PREFIX):
        return None
    raw = file[len(PREFIX) :]
    if not raw or raw == "default" or "." in raw or raw != raw.lower() or _CONTROL.search(raw):
        return None
    return raw.replace(":", ".")


def default_line(home: str, unknown: str) -> str:
    """The line of a new domain's `.qmail-default`; `unknown` is "bounce", "delete" or an address."""
    argument = {"bounce": "bounce-no-mailbox"}.get(unknown, unknown)
    return f"| {home}/bin/vdelivermail '' {argument}"

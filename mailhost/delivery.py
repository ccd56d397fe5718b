"""A domain's `.qmail-default`: what happens to mail for addresses that are nobody's.

vpopmail writes one line, `| V/bin/vdelivermail '' ARGUMENT`. Other lines may stand beside it or in its place
(a filter, another delivery program): they are kept as they are. qmail-local hands each line to a shell, so an
argument that is written here has no letter that means anything there, except `$EXT` before another domain.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from mailhost import dotqmail
from mailhost.dotqmail import BadLine

# `foreign`: no line of vpopmail's, or several. `unclear`: a word that is sent mail like an address.
# `broken`: all
# mail of the domain waits and then bounces. `lost`: all of it vanishes.
Kind = Literal[
    "bounce", "delete", "address", "domain", "directory", "foreign", "unclear", "broken", "lost", "missing"
]

NAME = "default"  # of the file, as aliases are named
BOUNCE, DELETE = "bounce-no-mailbox", "delete"
_CALL = re.compile(
    r"(?P<before>\|[ \t]*(?P<program>/[\w./+-]*/vdelivermail)[ \t]+"
    r"(?:''|\"\")(?:[ \t]+|\Z))(?P<argument>.*)\Z"
)
_SAFE_ADDRESS = re.compile(r"[A-Za-z0-9_+=][A-Za-z0-9._+=-]*@[A-Za-z0-9][A-Za-z0-9.-]*\Z")
_SAFE_DOMAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*\Z")
_SAFE_PATH = re.compile(r"/[\w./@+=-]*\Z", re.ASCII)
_OTHER_DOMAIN = re.compile(r"\$EXT@|\"\$EXT\"@")


@dataclass(frozen=True, slots=True)
class Delivery:
    """What the lines of the file mean.

    `target` is the address, the other domain, the directory or the argument; `place` is the number of the
    line that says so, None where no line is vpopmail's; `others` are lines beside it that do something."""

    kind: Kind
    target: str = ""
    place: int | None = None
    others: tuple[str, ...] = ()


def parse(lines: Sequence[str] | None) -> Delivery:
    """Read the file; `lines` None: there is none."""
    if lines is None:
        return Delivery("missing")
    calls = [number for number, line in enumerate(lines) if _CALL.match(line)]
    if len(calls) != 1:
        return Delivery(_without_call(lines), others=tuple(filter(_acts, lines)))
    place = calls[0]
    others = tuple(line for number, line in enumerate(lines) if number != place and _acts(line))
    kind, target = _meaning(argument_of(lines[place]))
    return Delivery(kind, target, place, others)


def _without_call(lines: Sequence[str]) -> Kind:
    if any(map(_acts, lines)):
        return "foreign"
    return "lost" if any(line.startswith("#") for line in lines) else "broken"


def _acts(line: str) -> bool:
    return dotqmail.parse_line(line).kind not in ("comment", "empty")


def argument_of(line: str) -> str:
    """What vdelivermail is given in this line; "" when it is no line of vpopmail's."""
    found = _CALL.match(line)
    return found["argument"].strip(" \t") if found else ""


def _meaning(argument: str) -> tuple[Kind, str]:
    text = _unquoted(argument)
    if text in (BOUNCE, DELETE):
        return ("bounce" if text == BOUNCE else "delete"), ""
    if (found := _OTHER_DOMAIN.match(text)) and _SAFE_DOMAIN.match(text[found.end() :]):
        return "domain", text[found.end() :].lower()
    if text != argument:
        text = text.removeprefix("&")  # outside quotes the shell takes it
    if _SAFE_ADDRESS.match(text):
        return "address", text
    if _SAFE_PATH.match(text):
        return "directory", text
    return ("unclear" if _is_one_word(text) else "broken"), argument


def _is_one_word(text: str) -> bool:
    """vdelivermail takes exactly two arguments; the shell keeps a carriage return."""
    return bool(text) and not re.search(r"[ \t;&|<>()`]", text)


def _unquoted(argument: str) -> str:
    """Without quotes around the whole; within single ones `$EXT` is not replaced, so those stay then."""
    for quote in "'\"":
        if len(argument) > 2 and argument[0] == argument[-1] == quote and quote not in argument[1:-1]:
            return argument if quote == "'" and "$" in argument else argument[1:-1]
    return argument


def argument_for(unknown: str) -> str:
    """What vdelivermail is given for `bounce`, `delete`, an address, or `@domain`. Raises BadLine.

    `$EXT@domain` is how qmailadmin writes and reads another domain.
    """
    if unknown in ("bounce", "delete"):
        return BOUNCE if unknown == "bounce" else DELETE
    if unknown.startswith("@") and _SAFE_DOMAIN.match(unknown[1:]):
        return f"$EXT{unknown}"
    if _SAFE_ADDRESS.match(unknown):
        return unknown
    raise BadLine(
        "Mail for unknown recipients is bounced, deleted, sent to a plain address or to another domain."
    )


def composed(lines: Sequence[str] | None, unknown: str, home: str) -> list[str]:
    """The file with this delivery: of a line of vpopmail's only the argument is new, all others stay.

    Where no line is vpopmail's the whole file becomes the one line that vpopmail writes.
    """
    argument, found = argument_for(unknown), parse(lines)
    if lines is None or found.place is None:
        return [f"| {home}/bin/vdelivermail '' {argument}"]
    return [
        _with_argument(line, argument) if number == found.place else line for number, line in enumerate(lines)
    ]


def _with_argument(line: str, argument: str) -> str:
    found = _CALL.match(line)
    if found is None or _meaning(argument_of(line)) == _meaning(argument):
        return line  # another spelling of the same stays as it is
    return found["before"] + argument


def check_lines(lines: Sequence[str], known: Collection[str], home: str, directory: str) -> list[str]:
    """Return the lines that only a mail host that allows programs takes. Raises BadLine for what no file may
    hold.

    `known` lines stand in the file already; `home` is vpopmail's, `directory` the domain's. Others are
    vpopmail's own line, with a plain argument, or one that delivers inside the domain's directory.
    """
    if not any(map(_acts, lines)):
        raise BadLine(
            "Without any delivery the mail of every mailbox of the domain would wait and then bounce."
        )
    if len(dotqmail.write(lines)) > dotqmail.LONGEST_FILE:
        raise BadLine("That are too many lines.")
    for line in lines:
        if line not in known and "\r" in line:
            raise BadLine("A line holds no control characters.")
    programs = {f"{home}/bin/vdelivermail"}
    programs.update(found["program"] for line in known if (found := _CALL.match(line)))
    return [line for line in lines if line not in known and not _is_plain(line, programs, directory)]


def _is_plain(line: str, programs: Collection[str], directory: str) -> bool:
    found = _CALL.match(line)
    if found is None:
        return not _acts(line) and line.isprintable()
    if found["program"] not in programs:
        return False
    argument = argument_of(line)
    kind, target = _meaning(argument)
    if kind == "directory":
        return (
            argument == target
            and "/../" not in f"{target}/"
            and target.startswith(f"{directory.rstrip('/')}/")
        )
    return kind not in ("unclear", "broken") and argument in (BOUNCE, DELETE, target, f"$EXT@{target}")

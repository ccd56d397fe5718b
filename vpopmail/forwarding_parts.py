"""What the lines of an account's own `.qmail` mean to vpopmail (vdelivermail.c, check_forward_deliver).

It stands in the mailbox and takes line by line, cutting no blanks off. A line that is there replaces the
delivery into the mailbox: a file of comments alone loses all mail. An empty file is passed over.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from mailhost.dotqmail import BadLine, check_line, parse_line

Kind = Literal["destination", "copy", "blackhole", "vacation", "foreign"]
BLACKHOLE = "# delete"  # qmailadmin's mark
_BLACKHOLES = ("# delete", "#delete")
_TRUE = re.compile(r"(?:\S*/)?true(?: delete)?\Z")
_VACATION = re.compile(r"(?:\S*/)?(?:autorespond|qmail-autoresponder) ")
# Programs that put mail into the mailbox of whoever they are told: with one of them a copy is kept already.
_DELIVERING = re.compile(r"(?:^|[\s/])(?:dovecot-lda|dovecot/deliver|maildrop|procmail)(?=\s|$)")


@dataclass(frozen=True, slots=True)
class Place:
    """How mail gets into an account's mailbox on this server.

    `mailbox` is its directory, `lines` what keeps a copy, `usual` the lines of control/defaultdelivery where
    this build obeys them.
    """

    mailbox: str
    lines: tuple[str, ...]
    usual: frozenset[str] = frozenset()

    def delivers(self, text: str) -> bool:
        """Is this one of the lines that keep a copy, by whichever build it was written?"""
        return text in self.usual or text in ("./Maildir/", f"{self.mailbox}/Maildir/")


@dataclass(frozen=True, slots=True)
class Part:
    """One line with what it is; `target` is the address, command or path."""

    text: str
    kind: Kind
    target: str

    @property
    def delivers(self) -> bool:
        """Does a program that is not ours put mail into a mailbox?"""
        return self.kind == "foreign" and self.text[:1] == "|" and bool(_DELIVERING.search(self.target))

    @property
    def waits(self) -> bool:
        """Does it make all mail wait? vpopmail delivers to directories that end in a slash, not to files; and
        its own program in this file reads the file again."""
        file = self.text[:1] in ("/", ".") and not self.text.endswith("/")
        return file or (self.text[:1] == "|" and "vdelivermail" in self.text)

    @property
    def shown(self) -> str:
        """The line for people: what is not UTF-8 is replaced."""
        return printable(self.text)


@dataclass(frozen=True, slots=True)
class Forwarding:
    """What an account's `.qmail` says. `fingerprint` tells this state of the file from others, None when
    there is none; `readable` is False for a file that the panel may not read, or a mailbox elsewhere."""

    place: Place
    parts: tuple[Part, ...] = ()
    fingerprint: dict[str, Any] | None = None
    exists: bool = False
    readable: bool = True
    elsewhere: bool = field(default=False, kw_only=True)

    def _targets(self, kind: Kind) -> tuple[str, ...]:
        return tuple(part.target for part in self.parts if part.kind == kind)

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(part.text for part in self.parts)

    @property
    def destinations(self) -> tuple[str, ...]:
        """The addresses, each once."""
        return tuple(dict.fromkeys(self._targets("destination")))

    @property
    def foreign(self) -> tuple[Part, ...]:
        """Lines that are kept as they are."""
        return tuple(part for part in self.parts if part.kind == "foreign")

    @property
    def vacation(self) -> str:
        """The line that answers for somebody who is away, or ""."""
        return next((part.text for part in self.parts if part.kind == "vacation"), "")

    @property
    def keeps_copy(self) -> bool:
        """Does mail reach the mailbox? An empty file is passed over."""
        return not self.parts or any(part.kind == "copy" or part.delivers for part in self.parts)

    @property
    def keeps_by_program(self) -> bool:
        """Is it a program that is not ours which keeps the copy? Then that cannot be switched off here."""
        return any(part.delivers for part in self.parts)

    @property
    def blackhole(self) -> bool:
        """Is mail thrown away? Lines that do nothing replace the delivery as well."""
        return not self.keeps_copy and not self._does_anything

    @property
    def _does_anything(self) -> bool:
        return any(
            part.kind == "destination" or (part.kind == "foreign" and part.text and part.text[0] != "#")
            for part in self.parts
        )

    @property
    def delivers_twice(self) -> bool:
        """Would each mail arrive more than once in the mailbox?"""
        copies = [part.text for part in self.parts if part.kind == "copy"]
        times = 1 if sorted(copies) == sorted(self.place.lines) else len(copies)
        return times + sum(part.delivers for part in self.parts) > 1


def read_line(text: str, place: Place) -> Part:
    """One line as vpopmail takes it: unlike qmail it cuts no blanks off."""
    line = parse_line(text)
    if place.delivers(text):
        return Part(text, "copy", text)
    if text.startswith("|"):
        if _VACATION.match(line.target):
            return Part(text, "vacation", line.target)
        return Part(text, "blackhole" if _TRUE.match(line.target) else "foreign", line.target)
    if line.kind == "comment":
        return Part(text, "blackhole" if text in _BLACKHOLES else "foreign", line.target)
    if line.kind == "forward" and _is_plain(text):
        return Part(text, "destination", line.target)
    return Part(text, "foreign", line.target)


def _is_plain(text: str) -> bool:
    try:
        return check_line(text).kind == "forward" and "& " not in text and text == printable(text)
    except BadLine:
        return False


def parse(lines: Iterable[str], place: Place, **found: Any) -> Forwarding:
    """The meaning of a file's lines."""
    return Forwarding(place, tuple(read_line(text, place) for text in lines), **found)


def printable(text: str) -> str:
    """Text from a file for people: bytes that are not UTF-8 and control characters are replaced."""
    clean = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return "".join(letter if letter.isprintable() else "�" for letter in clean)

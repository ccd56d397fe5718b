"""What lies in the trash of the mail host: deleted accounts and domains, with the rows they had."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from vpopmail import helper
from vpopmail.engines.base import NotFound

SECONDS = 1.0  # for measuring what is shown
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Parked:
    """One journal entry's part of the trash. `name` is "" for a whole domain.

    `recorded` says whether the rows lie beside it; without them only its mail can be put somewhere. `bytes`
    and `messages` are at least that much when `complete` is False.
    """

    source: str
    domain: str
    name: str
    place: str
    since: datetime
    until: datetime
    parked: tuple[str, ...]
    recorded: bool
    bytes: int = 0
    messages: int = 0
    complete: bool = True
    may_forget: bool = False
    inside: bool = False  # one account of a parked whole domain

    def part(self, account: str) -> "Parked":
        """One account of this whole domain; its own size is not known."""
        return replace(self, name=account, bytes=0, messages=0, complete=False, inside=True)

    @property
    def target(self) -> str:
        """The address, or the domain."""
        return f"{self.name}@{self.domain}" if self.name else self.domain

    @property
    def may_come_back(self) -> bool:
        """Not what is left of a domain whose rows are back."""
        return self.recorded or not self.is_domain

    @property
    def is_domain(self) -> bool:
        return not self.name


@dataclass(frozen=True, slots=True)
class Page:
    """A part of the trash, the newest first. `next` begins the next part ("" on the last)."""

    rows: Sequence[Parked]
    next: str
    may_forget: bool


def page(after: str = "", limit: int = 50) -> Page:
    """What lies in the trash. `may_forget`: may it be emptied before its time?"""
    answer = helper.call("list_trash", after=after, limit=limit, seconds=SECONDS)
    found = [_parked(entry | {"may_forget": answer["may_forget"]}) for entry in answer["entries"]]
    return Page(found, answer["next"], bool(answer["may_forget"]))


def find(source: str) -> Parked:
    """One entry's part. Raises NotFound when there is none any more."""
    found = helper.call("look_trash", source=source, seconds=SECONDS)
    if not found["parked"] and not found["recorded"]:
        raise NotFound(_("Nothing of this entry is in the trash any more."))
    return _parked(found)


def record(source: str) -> Iterator[tuple[str, Row]]:
    """Pairs of table and row as they were deleted; the table "" says what was."""
    offset: int | None = 0
    while offset is not None:
        part = helper.call("trash_record", source=source, offset=offset)
        for line in part["text"].splitlines():
            try:
                found = json.loads(line)
                yield str(found["table"]), dict(found["row"])
            except (ValueError, KeyError, TypeError):
                continue  # a line that a power failure cut off
        offset = part["next"]


def _parked(entry: dict[str, Any]) -> Parked:
    name, domain = _subject(entry)
    return Parked(
        source=entry["source"],
        domain=domain,
        name=name,
        place=entry["place"],
        since=datetime.fromtimestamp(entry["since"], UTC),
        until=datetime.fromtimestamp(entry["until"], UTC),
        parked=tuple(entry["parked"]),
        recorded=bool(entry["recorded"]),
        bytes=int(entry["bytes"]),
        messages=int(entry["messages"]),
        complete=bool(entry["complete"]),
        may_forget=bool(entry.get("may_forget")),
    )


def _subject(entry: dict[str, Any]) -> tuple[str, str]:
    """Name and domain: what the directories are called says it, else the record's first line."""
    for label in entry["parked"]:
        name, at, domain = str(label).rpartition("@")
        return (name, domain) if at else ("", str(label))
    about = next((row for table, row in record(entry["source"]) if not table), {})
    return str(about.get("name", "")), str(about.get("domain", ""))

"""Attempts to sign in that vpopmail wrote to its table `vlog`: who, from where, by which service, and how it
ended (vchkpw.c). Dovecot's own are in its log, not here.

Clear passwords are in the column `passwd`, and in texts of `message` where vpopmail was built to log them:
the first is never named in a query here, of the second only the service at its beginning is read. What was
typed for a name that does not exist is shown only when it is a whole address: it may have been a password.

Each query looks at so many of the latest rows only (LOOK), by an index in the order of their ids, and says
where it stopped; nothing scans the table.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any

from vpopmail.database import quoted, reading, rows
from vpopmail.schema import schema

TABLE = "vlog"
LOOK = 20_000  # rows that one query looks at
_SERVICE = 18  # "vchkpw-submission:" is the longest; a logged password begins later
_COLUMNS = {"id", "user", "domain", "logon", "remoteip", "message", "timestamp", "error"}


class Result(IntEnum):
    """The column `error`."""

    INTERNAL = 0
    UNKNOWN = 1
    SUCCESS = 2
    PASSWORD = 3
    ACCESS = 4


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which attempts: of a real domain, of an account in it, from an IP address. `failed`: no successes."""

    domain: str = ""
    name: str = ""
    address: str = ""
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt. `who` is the account's address, "" where what was typed is not shown; `service` is "imap",
    "submission", …, or ""; `time` is in Unix seconds."""

    id: int
    name: str
    domain: str
    who: str
    address: str
    service: str
    time: int
    result: Result | None

    @property
    def failed(self) -> bool:
        return self.result is not Result.SUCCESS


@dataclass(frozen=True, slots=True)
class AttemptPage:
    """Attempts, the latest first; `next_after` is the id that the next page begins behind, 0 on the last.

    `more`: the rows looked at were used up before the page was full; older ones are on the next.
    """

    rows: Sequence[Attempt]
    next_after: int = 0
    more: bool = False


def recorded() -> bool:
    """Does vpopmail keep the table, and may the panel read what it needs of it?"""
    return set(schema().readable(TABLE)) >= _COLUMNS


def page(wanted: Wanted, after: int = 0, limit: int = 50) -> AttemptPage:
    """Attempts older than the id `after` (0: the latest). Two queries."""
    if not all(text.isascii() and "\0" not in text for text in (wanted.domain, wanted.name, wanted.address)):
        return AttemptPage([])
    return reading(_page, wanted, after, limit)


def _page(wanted: Wanted, after: int, limit: int) -> AttemptPage:
    if not recorded():
        return AttemptPage([])
    hint, by, params = _indexed(wanted)
    if after:
        by, params = f"{by} AND id < %s", [*params, after]
    lowest, looked = _window(hint, by, params)
    if not looked:
        return AttemptPage([])
    also, also_params = _conditions(wanted)
    found = rows(
        f"SELECT id, {quoted('user')}, domain, logon, remoteip, SUBSTR(message, 1, {_SERVICE}), "  # noqa: S608
        f"{quoted('timestamp')}, error FROM {quoted(TABLE)}{hint} "
        f"WHERE {by} AND id >= %s{also} ORDER BY id DESC LIMIT {2 * limit + 2:d}",
        [*params, lowest, *also_params],
    )
    attempts = _once(list(map(_attempt, found)))
    if len(attempts) > limit:
        return AttemptPage(attempts[:limit], attempts[limit - 1].id)
    if looked == LOOK:
        return AttemptPage(attempts, lowest, more=True)
    return AttemptPage(attempts)


def _indexed(wanted: Wanted) -> tuple[str, str, list[Any]]:
    """A hint for the index that narrows most, and its condition. Only InnoDB's give rows in the order of ids;
    elsewhere the ids themselves are gone through."""
    columns = (("user", wanted.name), ("remoteip", wanted.address), ("domain", wanted.domain))
    for column, value in columns:
        index = schema().index_on(TABLE, column) if value else ""
        if index and schema().sqlite:
            return "", f"{quoted(column)} = %s", [value]
        if index and schema().engine(TABLE) == "InnoDB":
            return f" FORCE INDEX ({quoted(index)})", f"{quoted(column)} = %s", [value]
    return ("" if schema().sqlite else " FORCE INDEX (PRIMARY)"), "1 = 1", []


def _window(hint: str, by: str, params: list[Any]) -> tuple[int, int]:
    """The lowest of the ids to be looked at, and how many they are."""
    latest = f"SELECT id FROM {quoted(TABLE)}{hint} WHERE {by} ORDER BY id DESC LIMIT {LOOK:d}"  # noqa: S608
    lowest, count = rows(f"SELECT MIN(id), COUNT(*) FROM ({latest}) AS latest", params)[0]  # noqa: S608
    return int(lowest or 0), int(count)


def _conditions(wanted: Wanted) -> tuple[str, list[Any]]:
    text = ""
    params: list[Any] = []
    for column, value in (("user", wanted.name), ("domain", wanted.domain), ("remoteip", wanted.address)):
        if value:
            text, params = f"{text} AND {quoted(column)} = %s", [*params, value]
    return text + (f" AND error <> {Result.SUCCESS:d}" if wanted.failed else ""), params


def _attempt(row: Sequence[Any]) -> Attempt:
    number, user, domain, logon, address, message, time, error = row
    result = Result(error) if error in Result.__members__.values() else None
    user, domain = str(user or ""), str(domain or "")
    shown = bool(user and domain) and (result is not Result.UNKNOWN or "@" in str(logon or ""))
    service = str(message or "").partition(":")[0].removeprefix("vchkpw-")
    return Attempt(
        int(number),
        user if shown else "",
        domain if shown else "",
        f"{user}@{domain}" if shown else "",
        str(address or ""),
        service if service.isalnum() else "",
        int(time or 0),
        result,
    )


def _once(attempts: list[Attempt]) -> list[Attempt]:
    """vchkpw writes a row for a wrong password twice: the first of two that differ in the id alone is left
    out."""
    kept: list[Attempt] = []
    for attempt in attempts:
        twin = kept[-1] if kept else None
        if twin and attempt.result is Result.PASSWORD and replace(twin, id=attempt.id) == attempt:
            kept[-1] = attempt
        else:
            kept.append(attempt)
    return kept


# --- for what empties and purges it ---


def older_than(before: int, most: int) -> list[int]:
    """The ids of rows older than `before` (Unix seconds), of so many that were written first: ids grow with
    time, and not every version has an index on it."""
    if not {"id", "timestamp"} <= set(schema().columns(TABLE)):
        return []
    first = f"SELECT id, {quoted('timestamp')} FROM {quoted(TABLE)} ORDER BY id LIMIT {most:d}"  # noqa: S608
    return [int(number) for number, moment in reading(rows, first) if int(moment or 0) < before]


def any_password() -> bool:
    """Is there a row with a password? True where the panel may not ask. No value is read."""
    readable = schema().readable(TABLE)
    if "passwd" not in readable or "message" not in readable:
        return "passwd" in schema().columns(TABLE)
    found = f"SELECT 1 FROM {quoted(TABLE)} WHERE passwd <> '' OR message LIKE %s LIMIT 1"  # noqa: S608
    return bool(reading(rows, found, ["%(pass: %"]))

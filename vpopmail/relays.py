"""IP addresses that may send mail through this server for a while, because somebody read mail from there:
the table `relay` of a vpopmail built with --enable-roaming-users."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from vpopmail.database import quoted, reading, rows
from vpopmail.schema import schema

TABLE = "relay"
OPTION = "POP_AUTH_OPEN_RELAY"
MINUTES = 180  # unless vpopmail was built for others


@dataclass(frozen=True, slots=True)
class Relay:
    """An address, when somebody last signed in from there, and until when it stays open (Unix seconds).

    `overdue`: its time is over; it is open until clearopensmtp runs.
    """

    address: str
    since: int
    until: int
    overdue: bool


@dataclass(frozen=True, slots=True)
class RelayPage:
    rows: Sequence[Relay]
    next_after: str = ""


def exist() -> bool:
    """Is the table there, or was vpopmail built to make it?"""
    return {"ip_addr", "timestamp"} <= set(schema().columns(TABLE)) or OPTION in schema().options


def minutes() -> int:
    """How long an address stays open."""
    text = schema().options.get("RELAY_CLEAR_MINUTES", "")
    return int(text) if text.isdigit() else MINUTES


def page(after: str = "", limit: int = 50) -> RelayPage:
    """Addresses in the order of their texts, after `after`."""
    return reading(_page, after, limit)


def _page(after: str, limit: int) -> RelayPage:
    if not {"ip_addr", "timestamp"} <= set(schema().columns(TABLE)) or not after.isascii():
        return RelayPage([])
    found = rows(
        f"SELECT ip_addr, {quoted('timestamp')} FROM {quoted(TABLE)} "  # noqa: S608
        f"WHERE ip_addr > %s ORDER BY ip_addr LIMIT {limit + 1:d}",
        [after],
    )
    now, seconds = time.time(), minutes() * 60
    relays = [_relay(str(address), moment, seconds, now) for address, moment in found[:limit]]
    return RelayPage(relays, relays[-1].address if len(found) > limit else "")


def _relay(address: str, moment: object, seconds: int, now: float) -> Relay:
    """5.4 has the time as text."""
    text = str(moment or "").strip()
    since = int(text) if text.isdigit() else 0
    return Relay(address, since, since + seconds, since + seconds <= now)

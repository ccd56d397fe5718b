"""How full mailboxes are: what maildirsize says, or Dovecot's own table, for a page of accounts at once.

No mail is walked for it. maildirsize is there where an account has a quota; deliveries and mail programs
keep its sum, so it tells how it is now. What was read is believed for a minute.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from django.conf import settings

from mailhost.names import BadName, check_local_part
from vpopmail import helper, quota
from vpopmail.assigned import Assigned, domains
from vpopmail.database import quoted, reading, rows
from vpopmail.engines.base import VpopmailError
from vpopmail.engines.native.users import hash_of
from vpopmail.schema import schema

KEEP = 60.0  # seconds
MOST_KEPT = 20_000
_IN_ONE_CALL = 100  # domains; the helper's own limit

Place = tuple[str, str, str]  # the domain's directory, hash directory, name


@dataclass(frozen=True, slots=True)
class Usage:
    """Bytes and messages that count for the quota. `at`: when the sum was last written, in seconds since
    1970, 0 where Dovecot keeps it; `counted`: the mail itself was counted, since no file tells."""

    bytes: int
    messages: int
    at: float = 0.0
    counted: bool = False

    def percent(self, shell: str) -> int | None:
        """The fuller of size and number against a stored quota, also over 100; None without a quota."""
        pairs = ((self.bytes, quota.bytes_of(shell)), (self.messages, quota.messages_of(shell)))
        return max((used * 100 // most for used, most in pairs if most), default=None)


class Holder(Protocol):
    """What has a mailbox: an account, or a row of one."""

    usage: Usage | None

    @property
    def name(self) -> str: ...
    @property
    def domain(self) -> str: ...
    @property
    def dir(self) -> str: ...
    @property
    def shell(self) -> str: ...
    @property
    def address(self) -> str: ...


def percent(account: Holder) -> int | None:
    """How full the mailbox is, also over 100; None without a quota, and where nothing tells."""
    return account.usage.percent(account.shell or "") if account.usage else None


_kept: dict[Place, tuple[float, Usage | None]] = {}


def reset() -> None:
    """Forget what was read."""
    _kept.clear()


def attach(accounts: Iterable[Holder]) -> None:
    """Set `.usage` of each account, None where nothing tells it."""
    some = list(accounts)
    found = of_accounts(some)
    for account in some:
        account.usage = found.get(account.address)


def of_accounts(accounts: Sequence[Holder], seconds: float | None = None) -> Mapping[str, Usage]:
    """By address; those that nothing is known of are missing.

    With `seconds` those without a sound maildirsize are counted as long as that lasts (for commands, never
    for a page). What cannot be reached is not known.
    """
    kept_by_dovecot = reading(_from_table, [account.address for account in accounts])
    try:
        known = domains()  # once: it asks the helper
    except VpopmailError:
        return kept_by_dovecot  # the page says elsewhere that the helper is out of reach
    places = {
        account.address: place
        for account in accounts
        if account.address not in kept_by_dovecot and (place := _place(known, account))
    }
    return {**kept_by_dovecot, **_read(places, seconds)}


def _place(known: Assigned, account: Holder) -> Place | None:
    """Where the mailbox lies; None for one that is elsewhere, or whose name the helper would not take."""
    domain = known.real(account.domain)
    hash = hash_of(domain, account.name, account.dir) if domain else None
    if domain is None or hash is None:
        return None
    try:
        return domain.directory, hash, check_local_part(account.name)
    except BadName:
        return None


# --- Dovecot's table ---


def _from_table(addresses: Sequence[str]) -> dict[str, Usage]:
    """The rows of the table that Dovecot's quota plugin keeps, where DOVECOT_QUOTA_TABLE names one."""
    table = settings.DOVECOT_QUOTA_TABLE
    if not table or not addresses or not schema().has_table(table):
        return {}
    marks = ", ".join(["%s"] * len(addresses))
    found = rows(
        f"SELECT username, bytes, messages FROM {quoted(table)} WHERE username IN ({marks})",  # noqa: S608
        list(addresses),
    )
    return {str(name): Usage(max(int(size or 0), 0), max(int(count or 0), 0)) for name, size, count in found}


# --- maildirsize ---


def _read(places: Mapping[str, Place], seconds: float | None) -> dict[str, Usage]:
    now = time.monotonic()
    kept = {address: _kept.get(place) for address, place in places.items()} if seconds is None else {}
    fresh = {address: one[1] for address, one in kept.items() if one and one[0] > now}
    asked = {address: place for address, place in places.items() if address not in fresh}
    found = dict(_ask(asked, seconds))
    if len(_kept) + len(asked) > MOST_KEPT:
        _kept.clear()
    for address, place in asked.items():
        _kept[place] = (now + KEEP, found.get(address))
    return found | {address: usage for address, usage in fresh.items() if usage}


def _ask(places: Mapping[str, Place], seconds: float | None) -> Iterable[tuple[str, Usage]]:
    by_domain: dict[str, list[str]] = {}
    for address in places:
        by_domain.setdefault(address.rpartition("@")[2], []).append(address)
    names = list(by_domain)
    for start in range(0, len(names), _IN_ONE_CALL):
        some = names[start : start + _IN_ONE_CALL]
        yield from _call({name: by_domain[name] for name in some}, places, seconds)


def _call(
    by_domain: Mapping[str, Sequence[str]], places: Mapping[str, Place], seconds: float | None
) -> Iterable[tuple[str, Usage]]:
    asked = [
        {"domain": name, "mailboxes": [dict(zip(("hash", "name"), places[a][1:], strict=True)) for a in some]}
        for name, some in by_domain.items()
    ]
    try:
        answers = helper.call("read_usage", places=asked, seconds=seconds)["usage"]
    except VpopmailError:
        return
    for addresses, told in zip(by_domain.values(), answers, strict=True):
        for address, one in zip(addresses, told, strict=True):
            if "bytes" in one:
                counted = one["state"] == "counted"
                yield address, Usage(one["bytes"], one["messages"], one["at"], counted)

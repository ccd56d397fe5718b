"""Which accounts a list shows: those near their quota, not in use, closed, in charge, or badly kept.

A filter is a word of an address (`over-80`, `idle-90`, `disabled`) and a question that is asked of an account
with its last sign-in and its usage: the same one for the list of a domain and for the report of all domains.
"""

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from vpopmail import flags, listing, passwords, usage
from vpopmail.database import quoted, reading, rows
from vpopmail.listing import AccountPage
from vpopmail.locked import is_shut
from vpopmail.schema import schema
from vpopmail.usage import Usage, percent

DAY = 86_400  # seconds
CHUNK = 1000  # accounts that are looked at by one query
MOST_SEEN = 20_000  # accounts that one request looks at
MOST_MEASURED = 2000  # accounts whose usage one request asks for
SIGN_INS, USAGE = "sign-ins", "usage"
NEVER = ("", "0.0.0.0")  # noqa: S104  (vpopmail's marks for "made, never signed in")
_ADMINISTRATOR = flags.DOMAIN_ADMIN | flags.SYSTEM_ADMIN
_NUMBERED = re.compile(r"(over|idle)-([1-9][0-9]{0,3})", re.ASCII)


class SignIn(NamedTuple):
    """As LastAuth: when, and whether that is only when the account was made."""

    timestamp: int
    never: bool


@dataclass(slots=True)
class Row:
    """What a filter asks of an account: a part of its row, since models are slow by the thousand."""

    name: str
    domain: str
    passwd: str
    gid: int
    dir: str
    shell: str
    last_auth: SignIn | None = None
    usage: Usage | None = None

    @property
    def address(self) -> str:
        return f"{self.name}@{self.domain}"


@dataclass(frozen=True, slots=True)
class Filter:
    """`needs`: what `holds` asks of an account beside its row, SIGN_INS, USAGE or "". `value` orders what a
    report holds, the most urgent first."""

    key: str
    label: str | Promise
    holds: Callable[[Row], bool]
    needs: str = ""
    value: Callable[[Row], int] = lambda row: 0


def signed_in_at(row: Row) -> int:
    """The time of the last sign-in, or of the making of an account that never had one; 0: not recorded."""
    return row.last_auth.timestamp if row.last_auth else 0


def is_disabled(row: Row) -> bool:
    return row.gid & flags.SERVICES == flags.SERVICES or is_shut(row.passwd)


def is_restricted(row: Row) -> bool:
    return bool(row.gid & flags.SERVICES) and not is_disabled(row)


def is_administrator(row: Row) -> bool:
    return bool(row.gid & _ADMINISTRATOR) or row.name == "postmaster"


def never_signed_in(row: Row) -> bool:
    """Names that the table of sign-ins has no room for are not known to have never signed in."""
    if row.last_auth is not None:
        return row.last_auth.never
    return len(row.name) <= schema().width("lastauth", "user", 64)


def _over(most: int) -> Filter:
    label = _("Quota exceeded") if most >= 100 else _("Over %(percent)d %%") % {"percent": most}
    return Filter(
        f"over-{most}", label, lambda a: (percent(a) or 0) >= most, USAGE, lambda a: -(percent(a) or 0)
    )


def _idle(days: int) -> Filter:
    """Accounts that never signed in count from when they were made, where that is recorded."""
    label = _("No sign-in for a year") if days == 365 else _("No sign-in for %(days)d days") % {"days": days}
    return Filter(
        f"idle-{days}",
        label,
        lambda a: 0 < signed_in_at(a) <= time.time() - days * DAY,
        SIGN_INS,
        signed_in_at,
    )


_PLAIN = {
    one.key: one
    for one in (
        Filter("never", _("Never signed in"), never_signed_in, SIGN_INS, signed_in_at),
        Filter("restricted", _("Restricted"), is_restricted),
        Filter("disabled", _("Disabled"), is_disabled),
        Filter("administrator", _("Administrators"), is_administrator),
        Filter("weak", _("Weak password scheme"), lambda row: passwords.is_weak(row.passwd)),
    )
}
_SHOWN = ("over-80", "over-95", "over-100", "never", "idle-90", "idle-365", *list(_PLAIN)[1:])


def find(key: str) -> Filter | None:
    """The filter of that word; `over-N` (percent) and `idle-N` (days) take any number."""
    numbered = _NUMBERED.fullmatch(key)
    if numbered:
        kind, number = numbered[1], int(numbered[2])
        return _over(number) if kind == "over" else _idle(number)
    return _PLAIN.get(key)


def shown() -> Sequence[Filter]:
    """Those that lists offer; about sign-ins only where vpopmail records them."""
    known = schema().has_table("lastauth")
    found = (find(key) for key in _SHOWN)
    return [one for one in found if one and (known or one.needs != SIGN_INS)]


# --- in one domain ---


def walk(domain: str, after: str = "", limit: int = CHUNK, search: str = "") -> list[Row]:
    """The accounts of a real domain by name, in one query; without last sign-ins and usage."""
    return reading(_walk, domain, after.lower(), limit, search.lower())


def _walk(domain: str, after: str, limit: int, search: str) -> list[Row]:
    table, where, params = listing.in_domain(domain, after, search)
    if not schema().has_table(table):
        return []
    found = rows(
        f"SELECT pw_name, pw_passwd, pw_gid, pw_dir, pw_shell "  # noqa: S608
        f"FROM {quoted(table)}{listing.domain_hint(table)} WHERE {where} ORDER BY pw_name LIMIT {limit:d}",
        params,
    )
    return [
        Row(name, domain, passwd or "", gid or 0, place or "", shell or "")
        for name, passwd, gid, place, shell in found
    ]


def complete(accounts: Sequence[Row], needs: str) -> None:
    """Add to rows of one domain what a filter asks for."""
    if needs == SIGN_INS and accounts:
        signed_in = reading(_sign_ins, accounts[0].domain, [row.name for row in accounts])
        for row in accounts:
            row.last_auth = signed_in.get(row.name.lower())
    elif needs == USAGE:
        usage.attach(accounts)


def _sign_ins(domain: str, names: Sequence[str]) -> dict[str, SignIn]:
    return {
        name: SignIn(timestamp, address in NEVER)
        for name, address, timestamp in listing.sign_ins(domain, names)
    }


def account_page(
    domain: str, chosen: Filter, after: str = "", limit: int = 50, search: str = ""
) -> tuple[AccountPage, int]:
    """Accounts of a real domain that the filter holds for, as listing.account_page gives all of them.

    Looks at the accounts of the domain alone, and at a bounded number of them: where that ended the search,
    the number is told, and the next page goes on there.
    """
    if not search.isascii() or not after.isascii():
        return AccountPage([]), 0
    most = MOST_MEASURED if chosen.needs == USAGE else MOST_SEEN
    names: list[str] = []
    for seen in count(0, CHUNK):
        accounts = walk(domain, after, CHUNK, search) if seen < most else []
        complete(accounts, chosen.needs)
        names += [account.name for account in accounts if chosen.holds(account)]
        if len(names) > limit:
            return AccountPage(listing.named(domain, names[:limit]), names[limit - 1]), 0
        if len(accounts) < CHUNK:
            break
        after = accounts[-1].name
    stopped = seen >= most
    return AccountPage(listing.named(domain, names), after if stopped else ""), seen if stopped else 0

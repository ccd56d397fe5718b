"""Which accounts a list shows: those near their quota, not in use, closed, in charge, or badly kept.

A filter is a word of an address (`over-80`, `idle-90`, `disabled`) and a question that is asked of an account
with its last sign-in and its usage: the same one for the list of a domain and for the report of all domains.
"""

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from vpopmail import flags, listing, passwords, usage
from vpopmail.database import quoted, reading, rows
from vpopmail.listing import AccountPage
from vpopmail.locked import is_disabled
from vpopmail.models import Account
from vpopmail.schema import schema
from vpopmail.usage import percent

DAY = 86_400  # seconds
CHUNK = 1000  # accounts that are looked at by one query
MOST_SEEN = 20_000  # accounts that one request looks at
MOST_MEASURED = 2000  # accounts whose usage one request asks for
SIGN_INS, USAGE = "sign-ins", "usage"
_ADMINISTRATOR = flags.DOMAIN_ADMIN | flags.SYSTEM_ADMIN
_NUMBERED = re.compile(r"(over|idle)-([1-9][0-9]{0,3})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Filter:
    """`needs`: what `holds` asks of an account beside its row, SIGN_INS, USAGE or "". `value` orders what a
    report holds, the most urgent first."""

    key: str
    label: str | Promise
    holds: Callable[[Account], bool]
    needs: str = ""
    value: Callable[[Account], int] = lambda account: 0


def signed_in_at(account: Account) -> int:
    """The time of the last sign-in, or of the making of an account that never had one; 0: not recorded."""
    return account.last_auth.timestamp if account.last_auth else 0


def is_restricted(account: Account) -> bool:
    return bool(account.gid & flags.SERVICES) and not is_disabled(account)


def is_administrator(account: Account) -> bool:
    return bool(account.gid & _ADMINISTRATOR) or account.name == "postmaster"


def never_signed_in(account: Account) -> bool:
    """Names that the table of sign-ins has no room for are not known to have never signed in."""
    if len(account.name) > schema().width("lastauth", "user", 64):
        return False
    return account.last_auth is None or account.last_auth.never


def _over(most: int) -> Filter:
    label = _("Quota exceeded") if most >= 100 else _("Over %(percent)d %%") % {"percent": most}
    return Filter(
        f"over-{most}", label, lambda a: (percent(a) or 0) >= most, USAGE, lambda a: -(percent(a) or 0)
    )


def _idle(days: int) -> Filter:
    """Accounts that never signed in count from when they were made, where that is recorded."""
    label = _("Not for a year") if days == 365 else _("Not for %(days)d days") % {"days": days}
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
        Filter("weak", _("Weak password scheme"), lambda a: passwords.is_weak(a.passwd or "")),
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


def walk(domain: str, after: str = "", limit: int = CHUNK, search: str = "") -> list[Account]:
    """Whole rows of a real domain by name, in one query; without last sign-ins and usage."""
    return reading(_walk, domain, after.lower(), limit, search.lower())


def _walk(domain: str, after: str, limit: int, search: str) -> list[Account]:
    table, where, params = listing.in_domain(domain, after, search)
    if not schema().has_table(table):
        return []
    columns = ", ".join(listing.COLUMNS.values())
    found = rows(
        f"SELECT {columns} FROM {quoted(table)}{listing.domain_hint(table)} "  # noqa: S608
        f"WHERE {where} ORDER BY pw_name LIMIT {limit:d}",
        params,
    )
    return [listing.account_of(domain, row) for row in found]


def complete(domain: str, accounts: Sequence[Account], needs: str) -> None:
    """Add to rows what a filter asks for."""
    if needs == SIGN_INS:
        signed_in = reading(listing.last_auths, domain, [account.name for account in accounts])
        for account in accounts:
            account.last_auth = signed_in.get(account.name.lower())
    elif needs == USAGE:
        usage.attach(accounts)


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
        complete(domain, accounts, chosen.needs)
        names += [account.name for account in accounts if chosen.holds(account)]
        if len(names) > limit:
            return AccountPage(listing.named(domain, names[:limit]), names[limit - 1]), 0
        if len(accounts) < CHUNK:
            break
        after = accounts[-1].name
    stopped = seen >= most
    return AccountPage(listing.named(domain, names), after if stopped else ""), seen if stopped else 0

"""Finding an account among all: by the beginning of its name, through a key, never by scanning."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext as _

from mailhost.names import BadName
from vpopmail import forwarding_lists, listing, usage
from vpopmail.assigned import domains
from vpopmail.listing import Found
from vpopmail.models import Account, LastAuth
from vpopmail.schema import MANY, schema
from web.access import domains_of
from web.fields import domain_to_ascii

MOST = 50


@dataclass(frozen=True, slots=True)
class Result:
    """Accounts found: rows where one table holds them all, else addresses; `note`: what is missing."""

    accounts: Sequence[Account] = ()
    addresses: Sequence[Found] = ()
    note: str = ""
    more: bool = False
    count: int = field(default=0)


def find(person: AbstractBaseUser | AnonymousUser, text: str) -> Result:
    """`anna`, `anna@exam`, `anna@example.com`, among what the person may know of.

    With one table per domain a name alone is looked for among past sign-ins.
    """
    text = _ascii(text)
    if not text:
        return Result()
    own = domains_of(person)
    found = listing.find_accounts(text, limit=MOST + 1, among=own)
    more, found = len(found) > MOST, found[:MOST]
    if schema().layout == MANY:
        return Result(accounts=rows_of(found), more=more, count=len(found))
    note = ""
    if own is None and (any(not account.certain for account in found) or "@" not in text):
        note = _(
            "Each domain has a table of its own here, so a name alone finds only accounts that were made or "
            "signed in since vpopmail records that. Type the whole domain behind the @ to look into it: "
            "anna@example.com."
        )
    return Result(addresses=found, note=note, more=more, count=len(found))


def _ascii(text: str) -> str:
    """The text with the domain in its stored form, where it is a whole one."""
    name, at, domain = text.strip().lower().rpartition("@")
    if not at:
        return domain
    try:
        return f"{name}@{domain_to_ascii(domain)}"
    except BadName:
        return f"{name}@{domain}"


def rows_of(found: Sequence[Found]) -> list[Account]:
    """The rows of one page, in order, with all that lists show of them; those that are gone are left out."""
    accounts = _rows(found) if schema().layout == MANY else _rows_of_domains(found)
    usage.attach(accounts)
    forwarding_lists.attach(accounts)
    return accounts


def _rows_of_domains(found: Sequence[Found]) -> list[Account]:
    """Where each domain has a table of its own: two queries for each domain of the page."""
    names: dict[str, list[str]] = {}
    for one in found:
        names.setdefault(one.domain, []).append(one.name)
    known = domains()
    rows = {
        account.address: account
        for domain, some in names.items()
        if known.get(domain) and schema().has_table(schema().user_table(domain))
        for account in listing.named(domain, some)
    }
    return [rows[one.address] for one in found if one.address in rows]


def _rows(found: Sequence[Found]) -> list[Account]:
    """The same by key from the one table: two queries."""
    keys = [account.address for account in found]
    if not keys:
        return []
    rows = {account.address: account for account in Account.objects.filter(key__in=keys)}
    signed_in = {}
    if schema().has_table("lastauth"):
        signed_in = {f"{auth.user}@{auth.domain}": auth for auth in LastAuth.objects.filter(key__in=keys)}
    for address, account in rows.items():
        account.last_auth = signed_in.get(address)
    return [rows[key] for key in keys if key in rows]

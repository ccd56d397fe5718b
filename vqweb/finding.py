"""Search over everything: domains and alias domains in memory, accounts and aliases by the beginning of their
names.

Nothing here scans a table: names are looked up by prefix through a key, destinations exactly, and each group
stops
at a few rows and says so.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mailhost.names import BadName
from vpopmail import aliases, assigned, listing
from vpopmail.aliases import AliasLine
from vpopmail.assigned import AssignedDomain
from vpopmail.models import find_account
from vpopmail.schema import MANY, schema
from web.access import domains_of, known_alias_domains, known_domains, may, may_somewhere
from web.fields import domain_to_ascii
from web.matching import is_match

Person = AbstractBaseUser | AnonymousUser


@dataclass(frozen=True, slots=True)
class Found:
    """One thing found: where it leads, and what tells why it was found where its name alone does not."""

    text: str
    url: str
    why: str


@dataclass(frozen=True, slots=True)
class Group:
    """Things of one kind. `why` says what they share with what was typed; `note` when the search stopped
    early or could not look everywhere.
    """

    title: str | Promise
    rows: Sequence[Found]
    why: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """What was typed, taken apart: `name` before the @ (everything when there is none), `domain` behind it.

    `domain` is in its xn-- form when it is a whole domain, so that a Unicode domain is found as well.
    """

    text: str
    name: str
    domain: str
    is_address: bool

    @classmethod
    def of(cls, text: str) -> "Query":
        text = text.strip().lower()
        name, at, domain = text.rpartition("@")
        with suppress(BadName):  # a part of a domain, or nothing that can be one
            domain = domain_to_ascii(domain)
        return cls(text, name if at else text, domain, bool(at))

    @property
    def address(self) -> str:
        return f"{self.name}@{self.domain}"


def exact(person: Person, query: Query) -> str:
    """The page of the account, alias or domain that is named in full and that the person may see, or ""."""
    domain = assigned.domains().get(query.domain)
    if domain is None or not may(person, "vpopmail.view_domain", domain):
        return ""
    if not query.is_address:
        return reverse("domain", args=[domain.real])
    if find_account(domain.real, query.name):
        return reverse("account", args=[domain.real, query.name])
    if aliases.get_alias(domain.real, query.name):
        return reverse("alias", args=[domain.real, query.name])
    return ""


def find(person: Person, query: Query, limit: int) -> list[Group]:
    """What fits, in groups that are not empty; at most `limit` rows in each."""
    if not query.text:
        return []
    groups = [_domains(person, query, limit)]
    if may_somewhere(person, "vpopmail.view_account"):
        groups.append(_accounts(person, query, limit))
    if may_somewhere(person, "vpopmail.view_alias"):
        groups.append(_aliases(person, query, limit))
    groups.append(_alias_domains(person, query, limit))
    return [group for group in groups if group.rows or group.note]


def _group(
    title: str | Promise, rows: Iterable[Found], limit: int, *, why: str = "", note: str = ""
) -> Group:
    """At most `limit` rows; one more tells that there are more."""
    found = list(islice(rows, limit + 1))
    if len(found) > limit:
        note = _("There are more than these %(count)d: type more of the name.") % {"count": limit}
    return Group(title, found[:limit], why, note)


def _domains(person: Person, query: Query, limit: int) -> Group:
    part = query.domain
    names = (name for name in known_domains(person) if part and is_match(name, part))
    rows = (Found(name, reverse("domain", args=[name]), "") for name in names)
    return _group(gettext_lazy("Domains"), rows, limit, why=_containing(part))


def _alias_domains(person: Person, query: Query, limit: int) -> Group:
    part = query.domain
    domains = (domain for domain in known_alias_domains(person) if part and is_match(domain.name, part))
    rows = (
        Found(
            domain.name,
            reverse("domain-alias-domains", args=[domain.real]),
            _("another name of %(domain)s") % {"domain": domain.real},
        )
        for domain in domains
    )
    return _group(gettext_lazy("Alias domains"), rows, limit, why=_containing(part))


def _containing(part: str) -> str:
    return _("with “%(part)s” in the name") % {"part": part}


def _beginning(part: str) -> str:
    return _("beginning with “%(part)s”") % {"part": part}


def _accounts(person: Person, query: Query, limit: int) -> Group:
    """Addresses that begin so; a person's display name stands beside them."""
    if not query.name:
        return Group(gettext_lazy("Accounts"), ())
    own, typed = domains_of(person), query.address if query.is_address else query.name
    found = listing.find_accounts(typed, limit=limit + 1, among=own)
    rows = (Found(row.address, reverse("account", args=[row.domain, row.name]), row.gecos) for row in found)
    everywhere = own is not None or schema().layout == MANY or query.domain in assigned.domains()
    note = "" if everywhere else str(_SIGNED_IN)
    return _group(gettext_lazy("Accounts"), rows, limit, why=_beginning(query.text), note=note)


_SIGNED_IN = gettext_lazy(
    "Without a domain only accounts that signed in are found; type name@domain to look into a domain."
)


def _aliases(person: Person, query: Query, limit: int) -> Group:
    """Aliases whose own name begins so, then those that lead to the address that was typed."""
    rows: dict[str, Found] = {}
    for row in (*_named_so(person, query, limit), *_leading_there(person, query, limit)):
        rows.setdefault(row.text, row)
    why = _("beginning with “%(part)s”, or leading there") % {"part": query.text}
    return _group(
        gettext_lazy("Aliases"), rows.values(), limit, why=why if query.is_address else _beginning(query.text)
    )


def _named_so(person: Person, query: Query, limit: int) -> Iterable[Found]:
    domain = _known(person, query) if query.is_address else None
    own = None if domain else domains_of(person)
    places = [domain.name] if domain else [""] if own is None else sorted(own)
    lines = [line for place in places for line in aliases.find_aliases(query.name, limit + 1, domain=place)]
    return [
        _alias(line, _("leads to %(address)s") % {"address": line.destination} if line.destination else "")
        for line in lines
        if domain or not query.is_address or line.address.startswith(query.text)
    ]


def _known(person: Person, query: Query) -> AssignedDomain | None:
    """The real domain behind the whole one that was typed, if the person may know of it."""
    found = assigned.domains().real(query.domain)
    return found if found and may(person, "vpopmail.view_domain", found) else None


def _leading_there(person: Person, query: Query, limit: int) -> Iterable[Found]:
    if not query.is_address or not query.name:
        return []
    if domains_of(person) is not None and _known(person, query) is None:
        return []
    lines = aliases.aliases_to(query.address, limit=limit + 1)
    return [_alias(line, _("leads to %(address)s") % {"address": query.address}) for line in lines]


def _alias(line: AliasLine, why: str) -> Found:
    return Found(line.address, reverse("alias", args=[line.domain, line.alias]), why)

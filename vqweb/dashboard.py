"""The first page, by role: the whole server, several domains, or one; the owner of a mailbox is sent to its
own page.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.overview.reading import overview
from audit.models import Entry
from audit.visible import entries_for
from domains.facts import Facts, facts_of
from vpopmail import assigned, bounds, limits, listing, sign_in_figures
from vqweb.health import problems
from web.access import MissingRight, domains_of, known_alias_domains, known_domains, may, may_somewhere, needs

LATEST = 10
MOST_DOMAINS = 20  # of several, those listed on the first page


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit of a domain and what is used of it; `most` is None for no limit."""

    title: str | Promise
    used: object
    most: int | None


@needs("accounts.own_sign_in")
def dashboard(request: HttpRequest) -> HttpResponse:
    if not may_somewhere(request.user, "vpopmail.view_domain"):
        if may(request.user, "accounts.own_mailbox"):
            return redirect("own-account")
        raise MissingRight("vpopmail.view_domain")
    if domains_of(request.user) is None:
        return _of_server(request)
    names = known_domains(request.user)
    return _of_one(request, names[0]) if len(names) == 1 else _of_several(request, names)


def _of_server(request: HttpRequest) -> HttpResponse:
    domains = assigned.domains()
    context = {
        "domains": len(domains.real_domains),
        "alias_domains": len(domains.alias_domains),
        "accounts": listing.estimated_accounts(),
        "overview": overview(None),
        "problems": problems(),
        "unusual": _unusual(request),
        "entries": _latest(request),
    }
    return render(request, "vqweb/dashboard.html", context)


def _unusual(request: HttpRequest) -> sign_in_figures.Figures | None:
    """Failed sign-ins to mail that are more than usual; None for who may not see them."""
    if not may(request.user, "vpopmail.view_sign_ins"):
        return None
    found = sign_in_figures.figures()
    return found if found.unusual_addresses or found.unusual_accounts else None


def _of_several(request: HttpRequest, names: Sequence[str]) -> HttpResponse:
    """Figures of the domains that a confined administrator looks after."""
    counts = listing.count_about(names)
    rows = [(name, counts.get(name)) for name in names[:MOST_DOMAINS]]
    context = {
        "domains": len(names),
        "alias_domains": len(known_alias_domains(request.user)),
        "accounts": listing.Count(sum(counts.values()), about=True),
        "overview": overview(names),
        "rows": rows,
        "entries": _latest(request),
    }
    return render(request, "vqweb/own_domains.html", context)


def _of_one(request: HttpRequest, name: str) -> HttpResponse:
    """The figures of one domain, its limits and what is used of them."""
    domain = assigned.domains().get(name)
    assert domain is not None  # noqa: S101 - the name comes from the same list
    request.about = domain  # type: ignore[attr-defined]
    facts = facts_of(domain)
    context = {
        "domain": domain,
        "facts": facts,
        "overview": overview([name]),
        "limits": _limits(name, facts),
        "entries": _latest(request),
    }
    return render(request, "vqweb/own_domain.html", context)


def _limits(name: str, facts: Facts) -> list[Limit]:
    values, used = limits.read(name).values, bounds.names_used(name)
    kinds = ((_("Forwards"), "maxforwards"), (_("Other aliases"), "maxaliases"))
    names = [Limit(title, used[column], _most(values[column])) for title, column in kinds]
    return [Limit(_("Accounts"), facts.accounts, facts.most_accounts), *names]


def _most(value: int) -> int | None:
    return value if value >= 0 else None


def _latest(request: HttpRequest) -> Sequence[Entry] | None:
    """None for who may not read the journal."""
    if not may_somewhere(request.user, "audit.view_entry"):
        return None
    return list(entries_for(request.user).order_by("-id")[:LATEST])

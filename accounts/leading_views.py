"""The page that says who sends mail on to an address."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.leading_forms import LeadingForm
from vpopmail.assigned import domains
from vpopmail.leading import Scope, leading_to
from web.access import domains_of, known_domains, may, needs
from web.paging import position

VIEW_ALIAS, VIEW_ACCOUNT = "vpopmail.view_alias", "vpopmail.view_account"


@require_safe
@needs(VIEW_ALIAS, somewhere=True)
def aliases_to(request: HttpRequest) -> HttpResponse:
    """In the domains that the person may see; the address may be anybody's."""
    form = LeadingForm(request.GET if "address" in request.GET else None)
    context: dict[str, object] = {"form": form, "after": position(request)}
    if form.is_valid():
        address = form.cleaned_data["address"]
        names = _first(_names(request), address)
        scope = Scope(names, lambda name: _may(request, VIEW_ACCOUNT, name), domains_of(request.user) is None)
        found = leading_to(address, scope, position(request))
        here = _is_here(request, address)
        context |= {"address": address, "found": found, "all": len(names), "is_here": here}
    return render(request, "accounts/aliases_to.html", context)


def _names(request: HttpRequest) -> Sequence[str]:
    names = known_domains(request.user)
    if may(request.user, VIEW_ALIAS):
        return names
    return [name for name in names if _may(request, VIEW_ALIAS, name)]


def _may(request: HttpRequest, permission: str, name: str) -> bool:
    return may(request.user, permission, domains().get(name))


def _first(names: Sequence[str], address: str) -> Sequence[str]:
    """Most that leads to an address is in its own domain: that is looked at first."""
    real = domains().real(address.rpartition("@")[2])
    if real is None or real.name not in names:
        return names
    return [real.name, *(name for name in names if name != real.name)]


def _is_here(request: HttpRequest, address: str) -> bool:
    """Is it in a domain that the person may know of?"""
    real = domains().real(address.rpartition("@")[2])
    return real is not None and may(request.user, "vpopmail.view_domain", real)

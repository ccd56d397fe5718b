"""Pages of alias domains: all of them, those of one domain, adding one, deleting one."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from aliasdomains import services
from aliasdomains.forms import AddAliasDomainForm
from aliasdomains.listing import alias_page, aliases_of
from vpopmail import assigned, plans
from vpopmail.assigned import AssignedDomain
from vpopmail.engines.base import NotFound, VpopmailError
from web.access import demand, get_domain, known_alias_domains, needs
from web.confirm import needs_confirmation
from web.feedback import refuse, status_of, tell
from web.fields import domain_to_unicode
from web.matching import search_text
from web.paging import position

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@needs("vpopmail.view_domain", somewhere=True)
def alias_domain_list(request: HttpRequest) -> HttpResponse:
    """The alias domains that the person may know of, or those found by either name; with htmx only the table
    comes back."""
    known = known_alias_domains(request.user)
    text = request.GET.get("q", "")
    context = {
        "page": alias_page(known, text=search_text(text), after=position(request)),
        "total": len(known),
        "query_domains": text,
        "with_real": True,
    }
    part = request.headers.get("HX-Target") == "found"
    return render(
        request, "aliasdomains/_list.html" if part else "aliasdomains/alias_domain_list.html", context
    )


@needs("vpopmail.view_domain")
def domain_alias_domains(request: HttpRequest, domain: str) -> HttpResponse:
    """The tab of one domain."""
    found = get_domain(request, domain)
    if found.real != domain:
        return redirect("domain-alias-domains", found.real)
    page = alias_page(aliases_of(assigned.domains(), found.real), after=position(request))
    context = {"domain": found, "tab": "alias_domains", "page": page}
    return render(request, "aliasdomains/domain_alias_domains.html", context)


@get_or_post
@needs("vpopmail.add_aliasdomain", somewhere=True)
def add_alias_domain(request: HttpRequest) -> HttpResponse:
    """From the list, or from a domain's page with `?real=` filled in."""
    form = AddAliasDomainForm(
        request.POST if request.method == "POST" else None,
        person=request.user,
        initial={"real": request.GET.get("real", "")},
    )
    status = 200
    if form.is_valid():
        real, alias = form.cleaned_data["real"], form.cleaned_data["alias"]
        try:
            outcome = services.add_alias_domain(actor=request.user, real=real, alias=alias)
        except VpopmailError as error:
            status = refuse(form, error, "alias")
        else:
            tell(request, _linked(_("Mail for %(alias)s now reaches"), alias, real), outcome)
            return redirect("domain-alias-domains", real)
    return render(request, "aliasdomains/add_alias_domain.html", {"form": form}, status=status)


def _linked(sentence: str, alias: str, real: str) -> str:
    """A sentence about an alias domain that ends with a link to its domain."""
    begun = sentence % {"alias": domain_to_unicode(alias)}
    return format_html(
        '{} <a href="{}">{}</a>.', begun, reverse("domain", args=[real]), domain_to_unicode(real)
    )


@needs("vpopmail.add_aliasdomain", somewhere=True)
def check_alias_domain(request: HttpRequest) -> HttpResponse:
    """For htmx while the names are typed: valid, free, known?"""
    form = AddAliasDomainForm(request.GET, person=request.user)
    form.is_valid()
    return render(request, "aliasdomains/_check.html", {"form": form})


@get_or_post
@needs("vpopmail.delete_aliasdomain", somewhere=True)
@needs_confirmation
def delete_alias_domain(request: HttpRequest, alias: str) -> HttpResponse:
    """The plan; one POST deletes."""
    found = get_domain(request, alias)
    demand(request, "vpopmail.delete_aliasdomain", found)
    if not found.is_alias:
        raise Http404(_("%(domain)s is not an alias domain.") % {"domain": found.name})
    error, status = "", 200
    if request.method == "POST":
        try:
            outcome = services.delete_alias_domain(actor=request.user, alias=found.name)
        except VpopmailError as failed:
            error, status = failed.message, status_of(failed)
        else:
            text = _linked(_("%(alias)s was deleted; it was an alias domain of"), found.name, found.real)
            tell(request, text, outcome)
            return redirect("domain-alias-domains", found.real)
    context = {"domain": found, "plan": _plan(found), "error": error}
    return render(request, "aliasdomains/delete_alias_domain.html", context, status=status)


def _plan(domain: AssignedDomain) -> plans.DeletionPlan:
    """404 when somebody else was faster."""
    try:
        return plans.plan_vdelalias_domain(domain.name)
    except NotFound as error:
        raise Http404(error.message) from error

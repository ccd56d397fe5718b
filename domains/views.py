"""Pages of domains: the list, adding one, the domain's own page and activity, deleting it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit.visible import entries_for
from domains import services
from domains.addition import addition
from domains.facts import facts_of
from domains.forms import AddDomainForm, DeleteDomainForm
from domains.listing import domain_page, letters, with_counts
from mailhost.names import LONGEST_LOCAL_PART
from vpopmail import assigned, filters, forwarding_lists, listing, plans, usage
from vpopmail.assigned import AssignedDomain
from vpopmail.engines.base import NotFound, Outcome, VpopmailError
from web.access import domains_of, get_domain, known_alias_domains, known_domains, may, needs
from web.confirm import needs_confirmation
from web.feedback import refuse, tell, tell_deleted
from web.fields import domain_to_unicode
from web.matching import search_text
from web.paging import PAGE_SIZE, KeysetPage, cut, position

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@needs("vpopmail.view_domain", somewhere=True)
def domain_list(request: HttpRequest) -> HttpResponse:
    """The real domains that the person may know of, or those found by any of their names; with htmx only the
    table comes back."""
    domains, names = assigned.domains(), known_domains(request.user)
    text, letter = request.GET.get("q", ""), request.GET.get("letter", "")[:1]
    aliased = request.GET.get("with") == "aliases"
    page = domain_page(
        domains,
        text=search_text(text),
        letter=letter,
        aliased=aliased,
        after=position(request),
        own=domains_of(request.user),
    )
    context = {
        "page": with_counts(page),
        "total": len(names),
        "has_alias_domains": bool(known_alias_domains(request.user)),
        "letters": letters(names),
        "letter": letter,
        "aliased": aliased,
        "query_domains": text,
    }
    part = request.headers.get("HX-Target") == "found"
    return render(request, "domains/_list.html" if part else "domains/domain_list.html", context)


@get_or_post
@needs("vpopmail.add_domain")
def add_domain(request: HttpRequest) -> HttpResponse:
    form = AddDomainForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_valid():
        try:
            secret = form.fill_password()
            outcome = services.add_domain(actor=request.user, **form.values())
        except VpopmailError as error:
            status = refuse(form, error, "domain")
        else:
            return _added(request, form.values(), outcome, secret)
    return render(
        request, "domains/add_domain.html", {"form": form, "addition": _addition(form)}, status=status
    )


def _addition(form: AddDomainForm) -> object:
    """What will be made, once the name is one that can be made."""
    if not form.is_bound or not {"domain", "unknown"} <= form.cleaned_data.keys():
        return None
    data = form.cleaned_data
    return addition(data["domain"], data["unknown"] or "bounce", data.get("alias_domains", []))


def _added(request: HttpRequest, values: dict[str, object], outcome: Outcome, secret: str) -> HttpResponse:
    """A generated password is shown in this one answer and kept nowhere."""
    name = str(values["domain"])
    url = reverse("domain", args=[name])
    text = format_html('<a href="{}">{}</a> {}', url, domain_to_unicode(name), _("was added."))
    tell(request, text, outcome)
    if not secret:
        return redirect(url)
    response = render(request, "domains/added.html", {"domain": name, "url": url, "secret": secret})
    response["Cache-Control"] = "no-store"
    return response


@needs("vpopmail.add_domain")
def check_domain(request: HttpRequest) -> HttpResponse:
    """For htmx while the name is typed: is it valid and free, and what will be made."""
    form = AddDomainForm(request.GET)
    form.is_valid()
    return render(request, "domains/_check.html", {"form": form, "addition": _addition(form)})


@needs("vpopmail.view_domain")
def domain(request: HttpRequest, domain: str) -> HttpResponse:
    """The domain's accounts first, since that is why people come."""
    found = get_domain(request, domain)
    if found.real != domain:
        return redirect("domain", found.real)
    context = {"domain": found, "tab": "accounts", "facts": facts_of(found)}
    if may(request.user, "vpopmail.view_account", found):
        context |= _accounts(request, found)
    return render(request, "domains/domain.html", context)


def _accounts(request: HttpRequest, domain: AssignedDomain) -> dict[str, object]:
    """A page of accounts, those with a part of a name in `q` and for which `filter` holds."""
    after, text = position(request), request.GET.get("q", "").strip()[:LONGEST_LOCAL_PART]
    chosen, seen = filters.find(request.GET.get("filter", "")), 0
    if chosen:
        found, seen = filters.account_page(domain.real, chosen, after=after, search=text)
    else:
        found = listing.account_page(domain.real, after=after, search=text)
    usage.attach(found.rows)
    forwarding_lists.attach(found.rows)
    return {
        "accounts": found.rows,
        "page": KeysetPage(found.rows, found.next_after, after),
        "query_accounts": text,
        "filters": filters.shown(),
        "filter": chosen,
        "seen": seen,
    }


@needs("vpopmail.view_domain", "audit.view_entry")
def domain_activity(request: HttpRequest, domain: str) -> HttpResponse:
    """The journal's entries of one domain, the newest first."""
    found = get_domain(request, domain)
    if found.real != domain:
        return redirect("domain-activity", found.real)
    entries = entries_for(request.user).filter(domain=found.real).order_by("-id")
    after = position(request)
    if after.isdecimal():
        entries = entries.filter(id__lt=int(after))
    page = cut(list(entries[: PAGE_SIZE + 1]), after, key=lambda entry: entry.pk)
    return render(request, "domains/domain_activity.html", {"domain": found, "tab": "activity", "page": page})


@get_or_post
@needs("vpopmail.delete_domain")
@needs_confirmation
def delete_domain(request: HttpRequest, domain: str) -> HttpResponse:
    """The plan, and the name to type; one POST deletes."""
    found = get_domain(request, domain)
    if found.is_alias:
        return redirect("delete-alias-domain", found.name)
    aliases = assigned.domains().aliases_of(found.name)
    form = DeleteDomainForm(
        request.POST if request.method == "POST" else None, domain=found.name, alias_domains=aliases
    )
    status = 200
    if form.is_valid():
        try:
            outcome = services.delete_domain(
                actor=request.user, domain=found.name, with_alias_domains=bool(aliases)
            )
        except VpopmailError as error:
            status = refuse(form, error)
        else:
            return _deleted(request, found, outcome)
    context = {"domain": found, "form": form, "plan": _plan(found)}
    return render(request, "domains/delete_domain.html", context, status=status)


def _plan(domain: AssignedDomain) -> plans.DeletionPlan:
    """404 when somebody else was faster."""
    try:
        return plans.plan_vdeldomain(domain.name)
    except NotFound as error:
        raise Http404(error.message) from error


def _deleted(request: HttpRequest, domain: AssignedDomain, outcome: Outcome) -> HttpResponse:
    text = _("%(domain)s was deleted.") % {"domain": domain_to_unicode(domain.name)}
    if outcome.kept_until:
        day = date_format(outcome.kept_until, "DATE_FORMAT")
        text += " " + _("Its mail is kept until %(day)s in %(directory)s.") % {
            "day": day,
            "directory": outcome.trash,
        }
    tell_deleted(request, text, outcome)
    return redirect("domains")

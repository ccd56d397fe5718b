"""The tab Limits of a domain, its way back to the defaults, and the defaults of the server."""

import hashlib

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from domains import services
from domains.limits_forms import LimitsForm, State
from domains.limits_page import facts, mask_facts, page_of, parts_of, state_of, state_of_defaults
from domains.limits_services import CHANGE_LIMITS
from domains.views import get_or_post
from mailhost import limitsfile
from vpopmail import limits, limits_use
from vpopmail.engines.base import Changed, Outcome, VpopmailError
from web.access import demand, get_domain, may, needs
from web.feedback import refuse, status_of, tell, tell_unchanged


@get_or_post
@needs("vpopmail.view_limits")
def domain_limits(request: HttpRequest, domain: str) -> HttpResponse:
    """Shown with what is used of them to whoever may see them; a POST changes them."""
    found = get_domain(request, domain)
    if request.method == "POST":
        demand(request, CHANGE_LIMITS, found)
    if found.real != domain:
        return redirect("limits", found.real)
    now, status = limits.read(found.real), 200
    form = _domain_form(request, now)
    if form.is_valid():
        if not form.changes:
            return _unchanged(request, "limits", found.real)
        try:
            outcome = _save(request, form, found.real)
        except VpopmailError as error:
            status = _refused(form, error, state_of(limits.read(found.real)))
        else:
            return _saved(request, found.real, outcome)
    context = {"domain": found, "tab": "limits", "may_change": may(request.user, CHANGE_LIMITS, found)}
    return render(request, "domains/limits.html", context | page_of(found.real, now, form), status=status)


def _domain_form(request: HttpRequest, now: limits.DomainLimits) -> LimitsForm:
    posted = request.POST if request.method == "POST" else None
    unsaid = _("As for all domains (%(value)s)")
    return LimitsForm(posted, state=state_of(now), fallback=limits.default().values, unsaid=unsaid)


def _save(request: HttpRequest, form: LimitsForm, domain: str) -> Outcome:
    """The domain's own limits name each value: as by default is what the default is now."""
    seen, default = form.cleaned_data["seen"], form.fallback
    changes = {c: default[c] if value is None else value for c, value in form.changes.items()}
    expected = {c: default[c] if seen[c] is None else seen[c] for c in changes}
    return services.change_limits(actor=request.user, domain=domain, changes=changes, expected=expected)


def _saved(request: HttpRequest, domain: str, outcome: Outcome) -> HttpResponse:
    """Which limits are below what there is, the page itself says."""
    over = limits_use.over(domain, limits.read(domain).values)
    others = Outcome(tuple(text for text in outcome.warnings if text not in over))
    tell(request, _("The limits of this domain were saved."), others)
    return redirect("limits", domain)


def _refused(form: LimitsForm, error: VpopmailError, state: State) -> int:
    if isinstance(error, Changed):
        status = refuse(form, error)
        form.renew(state)
        return status
    name = f"{error.field}_number" if f"{error.field}_number" in form.fields else error.field
    error.field = name
    return refuse(form, error)


def _unchanged(request: HttpRequest, name: str, *args: str) -> HttpResponse:
    tell_unchanged(request)
    return redirect(name, *args)


def _seen(now: limits.DomainLimits) -> str:
    """Stands in the form for the limits that the page showed."""
    return hashlib.sha256(repr((now.own, sorted(now.values.items()))).encode()).hexdigest()[:32]


def _check_seen(request: HttpRequest, now: limits.DomainLimits) -> None:
    if request.POST.get("seen", "") not in ("", _seen(now)):
        raise Changed(_("The limits were changed by somebody else meanwhile. Nothing was deleted."))


@get_or_post
@needs("vpopmail.change_limits")
def delete_limits(request: HttpRequest, domain: str) -> HttpResponse:
    """What would hold then; one POST deletes the domain's own limits."""
    found = get_domain(request, domain)
    if found.real != domain:
        return redirect("delete-limits", found.real)
    now, refused, status = limits.read(found.real), "", 200
    if request.method == "POST":
        try:
            _check_seen(request, now)
            outcome = services.delete_limits(actor=request.user, domain=found.real, expected=now.values)
        except VpopmailError as error:
            refused, status = error.message, status_of(error)
        else:
            tell(request, _("The limits for all domains hold for this one again."), outcome)
            return redirect("limits", found.real)
    context = {"domain": found, "seen": _seen(now), "refused": refused, **_plan(now)}
    return render(request, "domains/delete_limits.html", context, status=status)


def _plan(now: limits.DomainLimits) -> dict[str, object]:
    """Each limit now and afterwards."""
    default = limits.default()
    both = zip(facts(now, {}), facts(default, {}), strict=True)
    masks = zip(mask_facts(now), mask_facts(default), strict=True)
    return {
        "own": now.own,
        "rows": [(title, before, after) for (title, _u, before), (_t, _v, after) in both],
        "masks": [(title, before, after) for (title, before), (_t, after) in masks],
    }


@get_or_post
@needs("vpopmail.change_limits")
def default_limits(request: HttpRequest) -> HttpResponse:
    """The editor of vlimits.default, for administrators of the whole server."""
    now, status = limits.defaults(), 200
    posted = request.POST if request.method == "POST" else None
    form = LimitsForm(
        posted, state=state_of_defaults(now), fallback=limitsfile.DEFAULTS, unsaid=_("Not said (%(value)s)")
    )
    if form.is_valid():
        if not form.changes:
            return _unchanged(request, "default-limits")
        try:
            outcome = _save_defaults(request, form)
        except VpopmailError as error:
            status = _refused(form, error, state_of_defaults(limits.defaults()))
        else:
            tell(request, _("The limits for all domains were saved."), outcome)
            return redirect("default-limits")
    text = now.text.encode("utf-8", "backslashreplace").decode()  # it may hold any bytes
    context = {"exists": now.exists, "text": text, **parts_of(form, {})}
    return render(request, "domains/default_limits.html", context, status=status)


def _save_defaults(request: HttpRequest, form: LimitsForm) -> Outcome:
    seen = form.cleaned_data["seen"]
    expected = {column: seen[column] for column in form.changes}
    return services.change_default_limits(actor=request.user, changes=form.changes, expected=expected)

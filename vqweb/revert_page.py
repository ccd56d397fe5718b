"""The page that takes an entry of the journal back: what would be written, or why that is not possible."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import gate
from audit.models import Entry
from audit.templatetags.journal import changes_of
from vpopmail import assigned
from vpopmail.engines.base import NotFound, Outcome, VpopmailError
from vqweb import revert
from vqweb.revert_plans import NEEDS
from web.access import MissingRight, may, needs
from web.feedback import status_of, tell

REVERT = "vpopmail.change_domain"  # what 403 names: an administrator's


@require_http_methods(["GET", "HEAD", "POST"])
@needs("audit.view_entry", somewhere=True)
def revert_entry(request: HttpRequest, key: str) -> HttpResponse:
    try:
        entry = revert.find(key, request.user)
    except NotFound as error:
        raise Http404(error.message) from error
    try:
        _demand(request, entry)
        plan = revert.plan_of(entry)
        revert.check_person(request.user, plan)
        if request.method == "POST":
            return _done(request, _revert(request, key), key)
    except VpopmailError as error:
        context = {"entry": entry, "refused": error.message}
        return render(request, "vqweb/revert.html", context, status=status_of(error))
    planned = Entry(action=entry.action, changes=plan.changes)
    context = {
        "entry": entry,
        "changes": changes_of(planned),
        "beside": revert.beside_note(plan) if plan.beside else "",
        "command": revert.command_of(entry, plan),
    }
    return render(request, "vqweb/revert.html", context)


def _demand(request: HttpRequest, entry: Entry) -> None:
    """The right to change the thing itself, for its domain. Whom limits bind changes it on its own page,
    where they are looked at."""
    if gate.is_bound(request.user):
        raise MissingRight(REVERT)
    permission = NEEDS.get(entry.action)
    if permission and not may(request.user, permission, assigned.domains().get(entry.domain)):
        raise MissingRight(permission)


def _revert(request: HttpRequest, key: str) -> Outcome:
    return revert.revert(actor=request.user, key=key, beside_account="beside_account" in request.POST)


def _done(request: HttpRequest, outcome: Outcome, key: str) -> HttpResponse:
    tell(request, _("The change was taken back."), outcome)
    return redirect("activity-entry", key)

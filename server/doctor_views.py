"""The doctor's page: the last report, examining anew, repairing one finding or all safe ones."""

import time

from django.contrib import messages
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from server import doctor, doctor_report, doctor_services
from vpopmail.engines.base import VpopmailError
from web.access import needs
from web.feedback import tell

SHOWN = 200  # findings
SECONDS = 20.0  # that a request may take


@require_safe
@needs("vpopmail.change_domain")
def doctor_page(request: HttpRequest) -> HttpResponse:
    """What was found last, and when."""
    report = doctor_report.last()
    found = sorted(report.findings, key=lambda one: (not one["safe"], not one["repair"])) if report else []
    context = {"report": report, "findings": found[:SHOWN], "hidden": report.total - SHOWN if report else 0}
    return render(request, "server/doctor.html", context)


@require_POST
@needs("vpopmail.change_domain")
def doctor_examine(request: HttpRequest) -> HttpResponse:
    """Look again, for as long as a page may take; what is left is for the next time or for the timer."""
    try:
        report = doctor_report.run(resume="resume" in request.POST, seconds=SECONDS)
    except (VpopmailError, DatabaseError, OSError) as error:
        messages.error(request, _("The examination stopped: %(reason)s") % {"reason": error})
    else:
        found = ngettext("%(n)d finding.", "%(n)d findings.", report.total) % {"n": report.total}
        messages.success(request, _("Examined: %(found)s") % {"found": found})
    return redirect("doctor")


@require_POST
@needs("vpopmail.change_domain")
def doctor_repair(request: HttpRequest) -> HttpResponse:
    """Repair the finding `id`, or without one all safe ones of the report, as many as a page has time for."""
    report = doctor_report.last() or doctor_report.Report()
    wanted = request.POST.get("id", "")
    keys = [wanted] if wanted else [one["id"] for one in report.findings if one["safe"]]
    until, left = time.monotonic() + SECONDS, len(keys)
    for key in keys:
        if time.monotonic() > until:
            messages.warning(request, _("%(n)d safe repairs are left; begin them again.") % {"n": left})
            break
        left -= 1
        if _repair(request, key):
            report.drop(key)
    if report.ended:
        report.save()
    return redirect("doctor")


def _repair(request: HttpRequest, key: str) -> bool:
    """Is the fault gone?"""
    try:
        finding = doctor.find(key)
        if finding is None:
            messages.info(request, _("%(key)s does not stand any more.") % {"key": key})
            return True
        outcome = doctor_services.repair(actor=request.user, finding=finding)
    except VpopmailError as error:
        messages.error(request, f"{key}: {error.message}")
        return False
    tell(request, _("Repaired: %(text)s") % {"text": finding.text}, outcome)
    return True

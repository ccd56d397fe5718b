"""The button on the activity page that settles what was interrupted."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from audit.models import Entry
from vqweb.recover import WAITING, recover
from web.access import needs


@needs("vpopmail.change_domain")
@require_POST
def recover_entries(request: HttpRequest) -> HttpResponse:
    """Say of each entry what was found and done."""
    reports = list(recover())
    for report in reports:
        line = f"{report.action} {report.target}: {' '.join(report.sentences)}"
        if report.state == Entry.State.OK:
            messages.success(request, line)
        elif report.state == WAITING:
            messages.error(request, line)
        else:
            messages.warning(request, line)
    if not reports:
        messages.info(request, _("Nothing was interrupted."))
    return redirect("activity")

"""Is everything that the panel stands on there: for monitoring as JSON, for the dashboard as sentences."""

from dataclasses import dataclass

from django.contrib.auth.decorators import login_not_required
from django.core import checks
from django.db import DEFAULT_DB_ALIAS, DatabaseError
from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import vacations
from vpopmail import helper
from vpopmail.engines.base import VpopmailError
from vqweb.outage import reachable

OK, DOWN, LATE = "ok", "down", "late"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that does not work. `serious` is False for what `manage.py check` recommends."""

    message: str
    hint: str = ""
    serious: bool = True


def status() -> dict[str, str]:
    """A word for each thing that must answer."""
    return {
        "panel": OK if reachable(DEFAULT_DB_ALIAS) else DOWN,
        "vpopmail": OK if reachable("vpopmail") else DOWN,
        "helper": OK if not _helper_problem() else DOWN,
    }


def _vacations() -> str:
    """Does the timer run that begins and ends automatic answers?"""
    try:
        return LATE if vacations.overdue().exists() else OK
    except DatabaseError:
        return DOWN


def _helper_problem() -> str:
    try:
        helper.call("ping")
    except VpopmailError as error:
        return error.message
    return ""


def problems() -> list[Problem]:
    """What does not work, the worst first: databases, the helper, then what the checks of vpopmail's
    rooms say.
    """
    found = []
    if not reachable("vpopmail"):
        found.append(Problem(_("vpopmail's database does not answer.")))
    if reason := _helper_problem():
        found.append(Problem(_("The helper does not answer: %(reason)s") % {"reason": reason}))
    if not found and _vacations() == LATE:
        late = _("Automatic answers begin or end late: the timer that runs vacations_due does not run.")
        found.append(Problem(late, _("Enable vqweb-vacations.timer, or run manage.py vacations_due.")))
    return found or _recommendations()


def _recommendations() -> list[Problem]:
    messages = checks.run_checks(tags=["vpopmail"], databases=["vpopmail"])
    messages.sort(key=lambda message: -message.level)
    return [
        Problem(m.msg, m.hint or "", m.level >= checks.ERROR) for m in messages if m.level >= checks.WARNING
    ]


@login_not_required
@never_cache
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """200 when everything answers, else 503; words only, whoever asks. What is late answers all the same."""
    parts = {**status(), "vacations": _vacations()}
    well = DOWN not in parts.values()
    return JsonResponse({"status": OK if well else DOWN, **parts}, status=200 if well else 503)

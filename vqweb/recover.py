"""Recovery: every change whose process ended before it did is settled, and its entry says how."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import DatabaseError, InterfaceError
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.log import follow
from audit.models import Entry
from vpopmail import assigned, helper, underway
from vpopmail.engines import get_engine
from vpopmail.engines.base import Settled, VpopmailError

logger = logging.getLogger(__name__)

OK, FAILED, RUNNING, WAITING = "ok", "failed", "running", "waiting"


@dataclass(frozen=True, slots=True)
class Report:
    """One entry: what became of it (`ok`, `failed`; `running`: somebody is at work on it; `waiting`: it could
    not be settled now), and why."""

    key: str
    action: str
    target: str
    state: str
    sentences: tuple[str, ...]


def interrupted() -> int:
    """How many entries were left `started`, those under way among them."""
    return Entry.objects.filter(state=Entry.State.STARTED).count()


def recover() -> Iterator[Report]:
    """Settle what can be settled, the oldest first; what somebody is at work on is left alone."""
    started = Entry.objects.filter(state=Entry.State.STARTED).values_list("key", flat=True)
    keys = {*started, *underway.keys()}
    for entry in Entry.objects.filter(key__in=keys).order_by("id"):
        yield _settle(entry)
    for key in keys - set(Entry.objects.filter(key__in=keys).values_list("key", flat=True)):
        _forget_unwritten(key)


def _forget_unwritten(key: str) -> None:
    """A change whose entry was never committed was never begun."""
    try:
        with underway.taken_over(key):
            if not Entry.objects.filter(key=key).exists():
                underway.forget(key)
    except underway.StillRunning:
        return


def _settle(entry: Entry) -> Report:
    try:
        with underway.taken_over(entry.key) as notes, helper.session():
            entry.refresh_from_db()
            if not notes and entry.state != Entry.State.STARTED:
                underway.forget(entry.key)
                return _report(entry, entry.state, (_("It had ended meanwhile."),))
            assigned.reset()
            settled = get_engine().settle(notes, entry=entry.key)
            _write(entry, settled)
            return _report(entry, entry.state, settled.report)
    except underway.StillRunning:
        return _report(entry, RUNNING, (_("Somebody is at work on it."),))
    except VpopmailError as error:
        return _report(entry, WAITING, (error.message,))
    except (DatabaseError, InterfaceError, OSError) as error:
        logger.error("%s could not be settled: %s", entry, error)
        return _report(entry, WAITING, (_("The database or the disk cannot be used at the moment."),))


def _write(entry: Entry, settled: Settled) -> None:
    """The journal's word on it: done or failed, with what recovery found."""
    entry.state = Entry.State.OK if settled.done else Entry.State.FAILED
    told = _("It was interrupted. %(report)s") % {"report": " ".join(settled.report)}
    if settled.done:
        entry.warnings = [*entry.warnings, told]
        follow(entry)
    else:
        entry.reason = f"{entry.reason} {told}".strip()
    entry.ended_at = timezone.now()
    entry.save(update_fields=["state", "reason", "ended_at", "warnings"])
    underway.forget(entry.key)
    logger.warning("recovered %s %s: %s", entry.key, entry, told)


def _report(entry: Entry, state: str, sentences: tuple[str, ...]) -> Report:
    return Report(entry.key, entry.action, entry.target, str(state), sentences)

"""What the panel and its helper left behind: changes without an end, locks, trash that nobody empties."""

from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from audit.models import Entry
from server.findings import Finding
from vpopmail import helper

OLD = timedelta(minutes=10)
MOST = 500


def entries() -> Iterator[Finding]:
    """Entries of the journal that were begun and never ended."""
    before = timezone.now() - OLD
    for entry in Entry.objects.filter(state=Entry.State.STARTED, started_at__lt=before).order_by("id")[:MOST]:
        yield Finding(
            "entry-started",
            entry.key,
            _("%(change)s was begun and has no recorded end.") % {"change": entry},
            timezone.localtime(entry.started_at).strftime("%Y-%m-%d %H:%M:%S"),
            _("manage.py recover settles it, or says that it is still running."),
        )


def helper_state() -> Iterator[Finding]:
    """Locks held for seconds, and trash over its age."""
    for one in helper.call("examine_helper")["items"]:
        if one["kind"] == "lock-held":
            text = _("The lock %(name)s is held: changes wait for it and are refused.")
            plan = _("Look at what that process does; a lock ends with its process.")
        else:
            text = _("The trash of the entry %(name)s should have been emptied days ago.")
            plan = _("Enable vqweb-helper-trash.timer, or see why it fails.")
        yield Finding(one["kind"], one["name"], text % {"name": one["name"]}, one["evidence"], plan)

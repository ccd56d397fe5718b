"""Keeping vpopmail's log of sign-ins small and free of passwords, each run one entry of the journal."""

import time
from collections.abc import Callable

from django.utils.translation import gettext as _

from audit.change import command_line
from audit.log import Actor, audit
from vpopmail import sign_ins
from vpopmail.engines import get_engine
from vpopmail.engines.base import NotFound, Refused
from vpopmail.schema import schema

PIECE = 1000  # rows that one statement changes: a few hundredths of a second
DAY = 86_400
LONGEST = 36_500  # days
Progress = Callable[[int], object]


def _check_table() -> None:
    if not schema().has_table(sign_ins.TABLE):
        raise NotFound(_("This vpopmail has no log of sign-ins in its database (table vlog)."))


def purge_vlog(*, actor: Actor, days: int, progress: Progress = int) -> int:
    """Remove attempts older than so many days; how many rows went. Nothing to remove leaves no entry.

    `progress` is told the sum after each piece. Raises VpopmailError; what was removed before stays removed.
    """
    if not 1 <= days <= LONGEST:
        raise Refused(_("A number of days from 1 to %(most)d is needed.") % {"most": LONGEST})
    _check_table()
    before = int(time.time()) - days * DAY
    if not sign_ins.older_than(before, PIECE):
        return 0
    command = command_line("purge_vlog", [("--older-than", str(days))])
    with audit(actor, "purge_vlog", sign_ins.TABLE, changes={"days": days}, command=command) as entry:
        total = 0
        while removed := get_engine().purge_vlog(before, PIECE, entry=entry.key):
            total += removed
            entry.changes["rows"] = total
            progress(total)
    return total


def blank_vlog_passwords(*, actor: Actor, progress: Progress = int) -> int:
    """Empty the passwords in the log; how many rows had one, or were gone through where the panel may not
    know. Nothing to empty leaves no entry where it may. Raises VpopmailError."""
    _check_table()
    if not sign_ins.any_password():
        return 0
    command = command_line("blank_vlog_passwords", [])
    with audit(actor, "blank_vlog_passwords", sign_ins.TABLE, command=command) as entry:
        total, after = 0, 0
        while True:
            after, changed = get_engine().blank_vlog(after, PIECE, entry=entry.key)
            if not after:
                break
            total += changed
            entry.changes["rows"] = total
            progress(total)
    return total

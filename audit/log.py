"""The gate every change goes through: no entry, no change."""

import getpass
import logging
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import DatabaseError
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from audit import origin
from audit.models import Entry
from vpopmail import underway
from vpopmail.engines.base import Incomplete, Refused, Unavailable, VpopmailError

logger = logging.getLogger(__name__)

Actor = AbstractBaseUser | AnonymousUser | None


def name_of(actor: Actor) -> str:
    """What the journal calls the person; None is whoever runs the command."""
    if actor is not None:
        return actor.get_username()
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a uid without a name
        return "unknown"


def _start(key: str, actor: Actor, action: str, target: str, **details: Any) -> Entry:
    where = origin.current.get()
    try:
        return Entry.objects.create(
            key=key,
            started_at=timezone.now(),
            actor_id=actor.pk if actor is not None else None,
            actor_name=name_of(actor),
            address=where.address,
            via=where.via,
            action=action,
            target=target,
            **details,
        )
    except DatabaseError as error:
        underway.forget(key)
        logger.error("%s %s: no entry could be written: %s", action, target, error)
        raise Unavailable(_("The journal cannot be written, so nothing was changed.")) from error


def _end(entry: Entry, state: str, reason: str = "", *, settled: bool = True) -> None:
    """Write the outcome. What was noted of the change is kept until that is written, and while anything of it
    is left."""
    entry.state, entry.reason, entry.ended_at = state, reason, timezone.now()
    try:
        entry.save(update_fields=["state", "reason", "ended_at", "changes", "warnings"])
        if settled:
            underway.forget(entry.key)
    except DatabaseError as error:
        logger.error("%s: the outcome %s could not be written: %s", entry, state, error)
        if state == Entry.State.OK:
            told = _("The change was made, but the journal could not record its outcome.")
            entry.warnings = [*entry.warnings, told]


@contextmanager
def audit(
    actor: Actor,
    action: str,
    target: str,
    *,
    domain: str = "",
    changes: Mapping[str, Any] | None = None,
    command: str = "",
) -> Iterator[Entry]:
    """Commit an entry `started`, run the block, then write `ok`, or `failed` with the reason.

    Raises Refused, without an entry, in the session of somebody who only looks as somebody else.

    Whoever runs the block may add to `entry.changes` and `entry.warnings` (never a secret). Raises
    Unavailable, with nothing done, when the journal cannot be written. An error that is not a VpopmailError
    leaves `failed` as well and goes on upwards.
    """
    if origin.current.get().looker:
        raise Refused(_("You are looking as somebody else, so nothing can be changed."))
    key = uuid.uuid4().hex
    with underway.begin(key):
        details = {"domain": domain, "changes": dict(changes or {}), "command": command}
        entry = _start(key, actor, action, target, **details)
        try:
            yield entry
        except VpopmailError as error:
            settled = not isinstance(error, Incomplete)
            _end(entry, Entry.State.FAILED, error.message, settled=settled)
            raise
        except BaseException as error:
            _end(entry, Entry.State.FAILED, type(error).__name__, settled=False)
            raise
        follow(entry)
        _end(entry, Entry.State.OK)


def follow(entry: Entry) -> None:
    """Call what settings.FOLLOWERS names, for an entry whose change was made and whose outcome is not yet
    written; what one of them cannot do becomes a warning. Named there, since rooms do not import each other.
    """
    for path in settings.FOLLOWERS:
        try:
            import_string(path)(entry)
        except (DatabaseError, OSError, VpopmailError) as error:
            logger.error("%s: %s failed: %s", entry, path, error)
            told = _("The change was made, but the panel could not tidy up after it: %(reason)s")
            entry.warnings = [*entry.warnings, told % {"reason": type(error).__name__}]

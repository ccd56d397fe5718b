"""Sessions of people: what each begins with, and how they are listed and ended.

A session holds `vqweb.mark` (an HMAC of the mail password's hash), `vqweb.started`, `vqweb.seen` and
`vqweb.confirmed` (seconds since the epoch).
"""

from __future__ import annotations

import time
from datetime import timedelta
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY, update_session_auth_hash
from django.http import HttpRequest
from django.utils import timezone

from accounts import standing
from accounts.models import SignedIn, User
from audit import origin
from web.confirm import CONFIRMED

MARK = "vqweb.mark"
STARTED = "vqweb.started"
SEEN = "vqweb.seen"
SEEN_EVERY = 60  # seconds between two notes of the last request


def begin(sender: object, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Receiver of user_logged_in: the session's marks, and its line in the person's list."""
    session, now = request.session, int(time.time())
    session[STARTED] = session[SEEN] = session[CONFIRMED] = now
    if user.is_mailbox:
        account = user.account
        session[MARK] = standing.mark_of(account) if account is not None else ""
    if not session.session_key:
        session.create()
    forget_ended(user)
    SignedIn.objects.update_or_create(
        session_key=session.session_key,
        defaults={
            "user": user,
            "started_at": timezone.now(),
            "seen_at": timezone.now(),
            "address": origin.current.get().address,
            "agent": request.META.get("HTTP_USER_AGENT", "")[:200],
        },
    )


def finish(sender: object, request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    """Receiver of user_logged_out; Django itself deletes the session."""
    SignedIn.objects.filter(session_key=request.session.session_key).delete()


def keep(request: HttpRequest, user: User) -> None:
    """After a change of the person's own password in this session: it goes on under a new key, and all others
    end. (Those of a mailbox would end by themselves, this one too.)
    """
    before = request.session.session_key
    update_session_auth_hash(request, user)
    if user.is_mailbox:
        user.account = account = standing.row(user.domain, user.name)
        request.session[MARK] = standing.mark_of(account) if account is not None else ""
    request.session[CONFIRMED] = int(time.time())
    user.sessions.filter(session_key=before).update(session_key=request.session.session_key)
    end_all(user, but=request.session.session_key or "")


def has_expired(request: HttpRequest) -> bool:
    """Older than SESSION_HOURS, or without a request for SESSION_IDLE_MINUTES."""
    session, now = request.session, time.time()
    started, seen = session.get(STARTED), session.get(SEEN)
    if not isinstance(started, int) or not isinstance(seen, int):
        return True
    oldest, idle = settings.SESSION_HOURS * 3600, settings.SESSION_IDLE_MINUTES * 60
    return bool(now - started > oldest or now - seen > idle)


def note_request(request: HttpRequest) -> None:
    """Remember that the session is in use; written once a minute at most."""
    session, now = request.session, int(time.time())
    if now - session[SEEN] < SEEN_EVERY:
        return
    session[SEEN] = now
    SignedIn.objects.filter(session_key=session.session_key).update(seen_at=timezone.now())


def of(user: User) -> list[SignedIn]:
    """The sessions in which the person is signed in, the last used first."""
    forget_ended(user)
    return list(user.sessions.order_by("-seen_at"))


def end(user: User, keys: list[str]) -> int:
    """End these sessions of the person; how many there were."""
    found = user.sessions.filter(session_key__in=keys)
    for key in list(found.values_list("session_key", flat=True)):
        _store()(key).delete()
    return found.delete()[0]


def end_all(user: User, but: str = "") -> int:
    """End every session of the person except the one with the key `but`."""
    return end(user, list(user.sessions.exclude(session_key=but).values_list("session_key", flat=True)))


def forget_ended(user: User) -> None:
    """Drop the lines of sessions that are over: without a trace in Django's store, or idle for too long."""
    idle = timezone.now() - timedelta(minutes=settings.SESSION_IDLE_MINUTES, seconds=SEEN_EVERY)
    old = timezone.now() - timedelta(hours=settings.SESSION_HOURS)
    user.sessions.filter(seen_at__lt=idle).delete()
    user.sessions.filter(started_at__lt=old).delete()
    gone = [key for key in user.sessions.values_list("session_key", flat=True) if not _is_of(key, user)]
    user.sessions.filter(session_key__in=gone).delete()


def _is_of(key: str, user: User) -> bool:
    return bool(str(_store()(key).get(SESSION_KEY, "")) == str(user.pk))


def _store() -> Any:
    return import_module(settings.SESSION_ENGINE).SessionStore

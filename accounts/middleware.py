"""Every request asks again whether the person may still be signed in."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

from accounts import sessions, standing
from accounts.models import SignedIn, User


class StillAllowedMiddleware:
    """`request.user` is nobody once the account of a mailbox, its domain or its right is gone or its
    password is another one, and when the session is too old or was idle for too long. The session ends.

    One query in vpopmail's database for a mailbox, none for administrators. While that database is down the
    session of a mailbox stays, and whoever looks at `request.user` gets the error (vqweb.outage answers).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        unchecked = request.user
        request.user = SimpleLazyObject(lambda: _checked(request, unchecked))  # type: ignore[assignment]
        return self.get_response(request)


def _checked(request: HttpRequest, user: object) -> User | AnonymousUser:
    if not isinstance(user, User) or not user.is_authenticated:
        return AnonymousUser()
    if sessions.has_expired(request) or (user.is_mailbox and not _still_allowed(request, user)):
        SignedIn.objects.filter(session_key=request.session.session_key).delete()
        request.session.flush()
        return AnonymousUser()
    sessions.note_request(request)
    return user


def _still_allowed(request: HttpRequest, user: User) -> bool:
    user.account = account = standing.row(user.domain, user.name)
    if account is None or user.ended_at is not None or not standing.is_allowed(account):
        return False
    return constant_time_compare(request.session.get(sessions.MARK, ""), standing.mark_of(account))

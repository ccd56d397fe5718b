"""Looking as somebody else: a superuser sees the panel as the owner of a mailbox does, for a quarter of an
hour, and changes nothing.

The session stays the superuser's. `audit()` refuses every change in it (audit.origin.Origin.looker), and
pages about one's own sign-in are closed. The journal's entry of the account says who looked, and until when.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import standing
from accounts.models import User
from accounts.roles import OWN_SIGN_IN
from audit import origin
from audit.change import perform
from vpopmail.engines.base import Outcome, Refused
from vpopmail.models import Account
from web.access import may

AS, UNTIL = "vqweb.looking_as", "vqweb.looking_until"
MINUTES = 15
ACTION = "look-as"
LOOK_AS = "accounts.look_as"
_ALWAYS = frozenset({"stop-looking", "sign-out"})


@dataclass(frozen=True, slots=True)
class Looking:
    """`looker` is the superuser's name, `username` the address of whom the pages are."""

    looker: str
    username: str
    until: datetime


def begin(request: HttpRequest, account: Account) -> None:
    """Look as the owner of the account from the next page on. Raises Refused or Unavailable."""
    assert isinstance(request.user, User)  # noqa: S101  (the view asks for a right)
    until = int(time.time()) + MINUTES * 60

    def change(entry: str) -> Outcome:
        user = User.objects.of_mailbox(account.name, account.domain)
        if user is None:
            raise Refused(_("Somebody else in this panel is called %(name)s.") % {"name": account.address})
        request.session[AS], request.session[UNTIL] = user.username, until
        return Outcome()

    end = timezone.localtime(datetime.fromtimestamp(until, UTC)).isoformat(timespec="minutes")
    perform(
        request.user, ACTION, account.address, change, domain=account.domain, changes={"looked_until": end}
    )


def end(request: HttpRequest) -> str:
    """Be oneself again; the address whose pages these were, or ""."""
    request.session.pop(UNTIL, None)
    return str(request.session.pop(AS, ""))


def current(request: HttpRequest) -> Looking | None:
    """Who is looked as in this session; what is over, or is not allowed any more, ends here."""
    username, until = request.session.get(AS), request.session.get(UNTIL)
    if not username:
        return None
    if not isinstance(until, int) or time.time() >= until or not may(request.user, LOOK_AS):
        end(request)
        messages.info(request, _("You are yourself again: you looked as %(name)s.") % {"name": username})
        return None
    return Looking(request.user.get_username(), str(username), datetime.fromtimestamp(until, UTC))


def seen_as(looking: Looking) -> User | None:
    """The owner, with the account as it is now; None when either is gone."""
    user = User.objects.filter(username=looking.username, is_active=True).exclude(domain="").first()
    if user is not None:
        user.account = standing.row(user.domain, user.name)
    return user if user is not None and user.account is not None else None


class LookingMiddleware:
    """Stands behind the second factor's: until here the superuser is asked for, then the owner."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if not getattr(view, "login_required", True) or not request.user.is_authenticated:
            return None
        looking = current(request)
        if looking is None:
            return None
        # audit.origin's middleware takes this away with the rest of the request's origin.
        origin.current.set(replace(origin.current.get(), looker=looking.looker))
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name in _ALWAYS:
            return None
        if name != "dashboard" and is_closed(view):  # everybody's first page, which shows nobody's sign-in
            return render(request, "accounts/looking_closed.html", {"looking": looking}, status=403)
        return self._put_on(request, looking)

    @staticmethod
    def _put_on(request: HttpRequest, looking: Looking) -> HttpResponse | None:
        user = seen_as(looking)
        if user is None:
            end(request)
            messages.info(request, _("There is no %(name)s any more.") % {"name": looking.username})
            return redirect("dashboard")
        request.user = user
        request.looking = looking  # type: ignore[attr-defined]
        return None


def is_closed(view: Callable[..., Any]) -> bool:
    """Pages without a declared right (of signing in, and Django's admin), and those of one's own sign-in."""
    needs = getattr(view, "needs", ())
    return not needs or OWN_SIGN_IN in needs

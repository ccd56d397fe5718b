"""Signing in again before something dangerous, when the last proof is older than CONFIRM_MINUTES."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

View = Callable[..., HttpResponseBase]
CONFIRMED = "vqweb.confirmed"  # key of the session: when the last proof was, in seconds since the epoch


def is_fresh(request: HttpRequest) -> bool:
    """Whether the person proved itself within the last CONFIRM_MINUTES."""
    last = request.session.get(CONFIRMED)
    return isinstance(last, int) and 0 <= time.time() - last <= settings.CONFIRM_MINUTES * 60


def confirmed(request: HttpRequest) -> None:
    """The person has just proved itself, by its password or a passkey."""
    request.session[CONFIRMED] = int(time.time())


def needs_confirmation(view: View) -> View:
    """Decorate a view below `@needs`: its page is shown, and what it sends is taken, only while the proof is
    fresh. A form sent too late is not done: its page comes again.
    """

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if is_fresh(request):
            return view(request, *args, **kwargs)
        return ask(request)

    checked.needs_confirmation = True  # type: ignore[attr-defined]
    return checked


def ask(request: HttpRequest) -> HttpResponse:
    """To the page that asks for the password again, and from there back to this one."""
    if request.method != "GET":
        messages.info(request, _("Nothing was done yet: sign in again first, then send the form once more."))
    url = f"{resolve_url('confirm')}?{urlencode({'next': request.get_full_path()})}"
    if request.headers.get("HX-Request") == "true":
        return HttpResponseClientRedirect(url)
    return redirect(url)


class AdminConfirmationMiddleware:
    """The same for the Django admin: deleting, and whatever concerns people, groups and grants."""

    PEOPLE = ("accounts_", "auth_", "otp_")  # beginnings of its URL names

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, args: Any, kwargs: Any) -> HttpResponse | None:
        match = request.resolver_match
        if match is None or match.app_name != "admin" or not request.user.is_authenticated:
            return None
        name = match.url_name or ""
        looking = name.endswith(("_changelist", "_history")) and request.method != "POST"
        dangerous = name.endswith("_delete") or "delete" in request.POST.get("action", "")
        if dangerous or (name.startswith(self.PEOPLE) and not looking):
            return None if is_fresh(request) else ask(request)
        return None

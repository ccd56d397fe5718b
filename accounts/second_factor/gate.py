"""Who has given the password but not the second factor gets no further than the page that asks for it."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import Error
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.http import urlencode
from django_htmx.http import HttpResponseClientRedirect

from accounts.models import User
from accounts.roles import Role, role_of
from accounts.second_factor.factors import Person, Standing, standing

STEP = frozenset({"second-factor-step", "sign-out"})
ENROLLING = frozenset({"second-factor", "add-app", "add-passkey", "confirm", "sign-out"})


def is_required(user: Person) -> bool:
    """Whether REQUIRE_SECOND_FACTOR means this person."""
    if settings.REQUIRE_SECOND_FACTOR == "administrators":
        return isinstance(user, User) and role_of(user) not in (Role.POSTMASTER, Role.OWNER)
    return bool(settings.REQUIRE_SECOND_FACTOR == "everybody")


class SecondFactorMiddleware:
    """Stands behind the middleware that finds out who asks; every page passes it, the Django admin too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if not request.user.is_authenticated:
            return None
        if not getattr(view, "login_required", True):
            _forget_the_half_signed_in(request)
            return None
        found = standing(request)
        name = request.resolver_match.view_name if request.resolver_match else ""
        if found.enrolled:
            return None if found.shown or name in STEP else _ask(request)
        if is_required(request.user) and name not in ENROLLING:
            return _lead(request, resolve_url("second-factor"))
        return None


def _forget_the_half_signed_in(request: HttpRequest) -> None:
    """To pages open to everybody they are nobody yet: signing in anew is possible, /health/ tells words
    only.
    """
    try:
        found = standing(request)
    except Error:  # such pages answer without the panel's database too
        found = Standing(enrolled=True, shown=False)
    if found.enrolled and not found.shown:
        request.user = AnonymousUser()


def _ask(request: HttpRequest) -> HttpResponse:
    """The page that asks, and the way back here."""
    back = request.get_full_path() if request.method == "GET" else "/"
    if htmx := getattr(request, "htmx", None):
        back = htmx.current_url_abs_path or "/"
    return _lead(request, f"{resolve_url('second-factor-step')}?{urlencode({'next': back})}")


def _lead(request: HttpRequest, url: str) -> HttpResponse:
    if request.headers.get("HX-Request") == "true":
        return HttpResponseClientRedirect(url)
    return HttpResponseRedirect(url)

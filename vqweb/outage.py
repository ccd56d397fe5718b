"""What happens while a database or the helper cannot be reached: a page that says so, status 503, and no harm
done. And what happens when something on the mail host is not as it should be: a page that says what, status
409.

Nothing is remembered between requests, so everything works again as soon as what was down is back.
"""

import logging
from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import DEFAULT_DB_ALIAS, Error, InterfaceError, OperationalError, connections
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from vpopmail.engines.base import Unavailable, VpopmailError

logger = logging.getLogger(__name__)
OUTAGES = (OperationalError, InterfaceError, Unavailable)
RETRY_AFTER = 30  # seconds


class OutageMiddleware:
    """Answers for views and for the middleware below; `vqweb.errors.server_error` for what fails
    elsewhere.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Find out who asks before the middleware that demands a sign-in does: an error there would be
        past catching.
        """
        try:
            bool(request.user.is_authenticated)
        except OUTAGES as error:
            if getattr(view, "login_required", True):
                return unavailable(request, error)
            request.user = AnonymousUser()  # /health/ answers all the same
        except VpopmailError as error:
            request.user = AnonymousUser()
            if getattr(view, "login_required", True):
                return in_the_way(request, error)
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, OUTAGES):
            return unavailable(request, error)
        return in_the_way(request, error) if isinstance(error, VpopmailError) else None


def in_the_way(request: HttpRequest, error: VpopmailError) -> HttpResponse:
    """The page for what a view could not tell beside a field, status 409: a file that it looks at is damaged
    and left alone.
    """
    logger.warning("%s %s: %s", request.method, request.path, error)
    is_part = request.headers.get("HX-Request") == "true"
    page = "includes/in_the_way.html" if is_part else "409.html"
    response = render(request, page, {"what": error.message}, status=409)
    if is_part:
        response["HX-Retarget"], response["HX-Reswap"] = "#main", "innerHTML"
    response["Cache-Control"] = "no-store"
    return response


def unavailable(request: HttpRequest, error: BaseException) -> HttpResponse:
    """The 503 page; a part of a page asked for by htmx becomes the whole content, since nothing else is
    to be trusted.
    """
    logger.error("%s %s: %s", request.method, request.path, error)
    what = error.message if isinstance(error, Unavailable) else _what_is_down()
    context = {
        "what": what,
        "changing": request.method == "POST",
        "retry": request.get_full_path(),
        "parts": _parts_for(request),
    }
    if request.headers.get("HX-Request") == "true":
        response = render(request, "includes/outage.html", context, status=503)
        response["HX-Retarget"], response["HX-Reswap"] = "#main", "innerHTML"
    else:
        response = render(request, "503.html", context, status=503)
    response["Retry-After"], response["Cache-Control"] = str(RETRY_AFTER), "no-store"
    return response


def _parts_for(request: HttpRequest) -> list[tuple[str, bool]]:
    """To administrators: what the panel stands on, and whether each answers. To others nothing."""
    try:
        user = getattr(request, "user", None)
        if user is None or not user.is_authenticated or getattr(user, "is_mailbox", False):
            return []
    except OUTAGES:
        return []
    from vqweb import health

    names = {
        "panel": _("The panel’s own database"),
        "vpopmail": _("vpopmail’s database"),
        "helper": _("The helper on the mail host"),
    }
    return [(names[part], word == health.OK) for part, word in health.status().items()]


def _what_is_down() -> str:
    if not reachable(DEFAULT_DB_ALIAS):
        return _("The panel's own database does not answer.")
    if not reachable("vpopmail"):
        return _("vpopmail's database does not answer.")
    return _("A database did not answer in time.")


def reachable(alias: str) -> bool:
    """Whether the database answers a statement; a connection found dead is closed, so that the next
    request opens another.
    """
    connection = connections[alias]
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        if not connection.in_atomic_block:
            connection.close()
        return False
    return True

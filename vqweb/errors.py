"""Error pages. Each says what happened in words and has a way on; none shows a traceback."""

import logging
import sys

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from vpopmail.engines.base import VpopmailError
from vqweb import outage
from web.access import MissingRight

logger = logging.getLogger(__name__)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "400.html", status=400)


def _layout(request: HttpRequest) -> str:
    """With navigation for who is signed in; a request that failed before the user was known has none."""
    user = getattr(request, "user", None)
    return "base.html" if user is not None and user.is_authenticated else "plain.html"


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Names the right that is missing, so that the person knows what to ask for."""
    right = exception.permission if isinstance(exception, MissingRight) else ""
    return render(request, "403.html", {"right": right, "layout": _layout(request)}, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Says what was looked for: our own 404s carry a sentence, an unknown URL is shown as it is."""
    reason = str(exception.args[0]) if exception.args and isinstance(exception.args[0], str) else ""
    context = {"reason": reason, "path": request.path, "layout": _layout(request)}
    return render(request, "404.html", context, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """An outage that showed itself outside a view (in a session, in a template) is told as an outage."""
    error = sys.exc_info()[1]
    if isinstance(error, outage.OUTAGES):
        return outage.unavailable(request, error)
    if isinstance(error, VpopmailError):
        return outage.in_the_way(request, error)
    return render(request, "500.html", status=500)

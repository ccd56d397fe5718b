"""Where a change comes from: a page, a command or the Django admin, and the address of the person."""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse


@dataclass(frozen=True, slots=True)
class Origin:
    """`looker` is the name of an administrator who only looks as somebody else (accounts.looking)."""

    via: str = "command"
    address: str = ""
    looker: str = ""


_COMMAND = Origin()
current: ContextVar[Origin] = ContextVar("origin", default=_COMMAND)


class OriginMiddleware:
    """Makes the request's origin known to the journal for as long as the request lasts."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        via = "admin" if request.path.startswith("/admin/") else "page"
        token = current.set(Origin(via, request.META.get("REMOTE_ADDR", "")))
        try:
            return self.get_response(request)
        finally:
            current.reset(token)

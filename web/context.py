"""What every page knows: where the person can go, where they are, and which host this is.

Nothing here touches a database before a template asks for it: error pages are dressed by the same templates.
"""

import platform
from dataclasses import dataclass
from functools import cached_property

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from web.access import may


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of the navigation; `current` when the page shown lies in it."""

    title: Promise
    icon: str
    url: str
    current: bool


# URL name, title, icon, permission
PLACES = (
    ("dashboard", _("Dashboard"), "layout-dashboard", "vpopmail.view_domain"),
    ("domains", _("Domains"), "world", "vpopmail.view_domain"),
    ("accounts", _("Accounts"), "users", "vpopmail.view_account"),
    ("alias-domains", _("Alias domains"), "replace", "vpopmail.view_domain"),
    ("server", _("Server"), "server", "vpopmail.change_domain"),
    ("activity", _("Activity"), "activity", "audit.view_entry"),
)


class Panel:
    """`panel` in templates."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def host(self) -> str:
        return platform.node() or "localhost"

    @cached_property
    def navigation(self) -> list[Place]:
        """The sections this person may see; a section that is not built has no URL and is absent."""
        places = []
        for name, title, icon, permission in PLACES:
            url = _url(name)
            if url and may(self._request.user, permission):
                places.append(Place(title, icon, url, self._is_current(url)))
        return places

    @cached_property
    def looking_as(self) -> str:
        """The address as whose owner an administrator only looks (accounts.looking), or ""."""
        session = getattr(self._request, "session", None)
        return str(session.get("vqweb.looking_as", "")) if session is not None else ""

    def _is_current(self, url: str) -> bool:
        path = self._request.path
        return path == url if url == reverse("dashboard") else path.startswith(url)


def _url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def panel(request: HttpRequest) -> dict[str, Panel]:
    """Context processor."""
    return {"panel": Panel(request)}

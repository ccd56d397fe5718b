"""What every page knows: where the person can go, where they are, and which host this is.

Nothing here touches a database before a template asks for it: error pages are dressed by the same templates.
"""

import platform
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from web.access import domains_of, may, may_somewhere


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of the navigation; `current` when the page shown lies in it."""

    title: str | Promise
    icon: str
    url: str
    current: bool


# Of administrators: URL name, title, icon, permission. A confined one sees those where only its own domains
# are shown.
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
    def own_domain(self) -> str:
        """The one domain of a postmaster; "" for everybody else."""
        if not may(self._request.user, "accounts.own_mailbox"):
            return ""
        names = domains_of(self._request.user) or frozenset()
        return next(iter(names)) if len(names) == 1 else ""

    @cached_property
    def sees_domains(self) -> bool:
        """Whether there is anything to look for: the owner of a mailbox sees no domain."""
        return may_somewhere(self._request.user, "vpopmail.view_domain")

    @cached_property
    def navigation(self) -> list[Place]:
        """The sections this person may see; a section that is not built has no URL and is absent. The owner
        of a mailbox has one page, and no navigation.
        """
        if self.own_domain:
            return self._marked(self._of_postmaster())
        owner = may(self._request.user, "accounts.own_mailbox")
        if owner and not self.sees_domains:
            return []
        places = [
            (title, icon, _url(name))
            for name, title, icon, permission in PLACES
            if self._may_go(name, permission)
        ]
        return self._marked([*places, _own_account()] if owner else places)

    def _may_go(self, name: str, permission: str) -> bool:
        if name == "server":
            return may(self._request.user, permission)
        return may_somewhere(self._request.user, permission)

    def _of_postmaster(self) -> Iterator[tuple[str | Promise, str, str]]:
        yield _("My domain"), "layout-dashboard", reverse("dashboard")
        yield _("Accounts"), "users", reverse("domain", args=[self.own_domain])
        yield _("Aliases"), "arrow-forward", reverse("domain-aliases", args=[self.own_domain])
        yield _("Alias domains"), "replace", reverse("domain-alias-domains", args=[self.own_domain])
        yield _("Activity"), "activity", reverse("activity")
        yield _own_account()

    def _marked(self, places: Iterable[tuple[str | Promise, str, str]]) -> list[Place]:
        """The place that the page lies in is the one with the longest address."""
        found = [place for place in places if place[2]]
        inside = [url for _title, _icon, url in found if self._lies_in(url)]
        current = max(inside, key=len, default="")
        return [Place(title, icon, url, url == current) for title, icon, url in found]

    def _lies_in(self, url: str) -> bool:
        path = self._request.path
        return path == url or (url != reverse("dashboard") and path.startswith(url))

    @cached_property
    def looking_as(self) -> str:
        """The address as whose owner an administrator only looks (accounts.looking), or ""."""
        session = getattr(self._request, "session", None)
        return str(session.get("vqweb.looking_as", "")) if session is not None else ""


def _own_account() -> tuple[str | Promise, str, str]:
    return _("My account"), "user", reverse("own-account")


def _url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


class Permissions:
    """`perms` in templates: `perms.vpopmail.change_account` holds for the domain or account that the page is
    about, where web.access has found one. What would be refused although the person holds the right is not
    offered either (the user's `hides`).
    """

    def __init__(self, request: HttpRequest, app: str = "") -> None:
        self._request, self._app = request, app

    def __getitem__(self, name: str) -> "Permissions | bool":
        if not self._app:
            return Permissions(self._request, name)
        about, permission = getattr(self._request, "about", None), f"{self._app}.{name}"
        if not may(self._request.user, permission, about):
            return False
        hides: Callable[[str, object], bool] | None = getattr(self._request.user, "hides", None)
        return hides is None or not hides(permission, about)

    def __contains__(self, permission: str) -> bool:
        app, _dot, name = permission.partition(".")
        return bool(Permissions(self._request, app)[name])

    def __iter__(self) -> Iterator[str]:
        raise TypeError("ask for one permission")


def panel(request: HttpRequest) -> dict[str, Panel | Permissions]:
    """Context processor; `perms` takes the place of Django's, which knows no objects."""
    return {"panel": Panel(request), "perms": Permissions(request)}

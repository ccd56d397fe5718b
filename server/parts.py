"""The pages about this server, for its index: each with the right it needs."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from vpopmail import ip_map, relays, sign_ins
from web.access import may


@dataclass(frozen=True, slots=True)
class Part:
    """One entry of the index. `name` is the URL's; a part that is not built has none and is absent."""

    name: str
    permission: str
    title: Promise
    text: Promise
    exists: Callable[[], bool] = lambda: True  # on this server

    @property
    def url(self) -> str:
        try:
            return reverse(self.name)
        except NoReverseMatch:
            return ""


PARTS = (
    Part(
        "who-may-do-what",
        "vpopmail.view_domain",
        _("Who may do what"),
        _("Every page of this panel, and which kind of person may open it or change something there."),
    ),
    Part(
        "administrators",
        "accounts.view_user",
        _("Administrators"),
        _("Who may do what on this server, beside postmasters and owners of mailboxes."),
    ),
    Part(
        "default-limits",
        "vpopmail.change_limits",
        _("Limits for all domains"),
        _("What a domain without limits of its own may have, and what its new accounts get."),
    ),
    Part(
        "sign-ins",
        "vpopmail.view_sign_ins",
        _("Sign-ins"),
        _("Who failed to sign in to mail, from where, and at which accounts."),
        sign_ins.recorded,
    ),
    Part(
        "relay",
        "vpopmail.view_sign_ins",
        _("Open relays"),
        _("IP addresses that may send mail for a while because somebody read mail from there."),
        relays.exist,
    ),
    Part(
        "ip-map",
        "vpopmail.view_domain",
        _("IP addresses and domains"),
        _("Which domain people belong to who sign in with a name alone."),
        ip_map.exists,
    ),
    Part(
        "trash",
        "vpopmail.view_trash",
        _("Trash"),
        _("Deleted accounts and domains with their mail, to be brought back."),
    ),
    Part(
        "doctor",
        "vpopmail.change_domain",
        _("Doctor"),
        _("Finds where tables, files and qmail’s control files have drifted apart, and repairs it."),
    ),
)


def parts(user: AbstractBaseUser | AnonymousUser) -> list[Part]:
    """Those that this person may see."""
    return [part for part in PARTS if part.url and may(user, part.permission) and part.exists()]

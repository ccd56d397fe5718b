"""Fetch and authorise: the permission every view declares, and the domain or account it works on.

Unknown or foreign is 404 (a person is not told what exists elsewhere); known but not allowed is 403.
"""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _

from vpopmail import assigned
from vpopmail.assigned import AssignedDomain
from vpopmail.closed import find_account
from vpopmail.models import Account

View = Callable[..., HttpResponseBase]
VIEW_DOMAIN = "vpopmail.view_domain"
VIEW_ACCOUNT = "vpopmail.view_account"


class MissingRight(PermissionDenied):
    """403; `permission` is what the person lacks, the 403 page names it."""

    def __init__(self, permission: str) -> None:
        super().__init__(permission)
        self.permission = permission


def may(user: AbstractBaseUser | AnonymousUser, permission: str, obj: object = None) -> bool:
    """Whether `user` holds the permission everywhere (an administrator), or on this domain or account
    (accounts.backends).
    """
    has_perm: Callable[..., bool] = getattr(user, "has_perm", lambda *args: False)
    return has_perm(permission) or (obj is not None and has_perm(permission, obj))


def domains_of(user: AbstractBaseUser | AnonymousUser) -> frozenset[str] | None:
    """The real domains this person may know of; None: all of them. Nobody knows of any."""
    visible: Callable[[], frozenset[str] | None] | None = getattr(user, "visible_domains", None)
    return frozenset() if visible is None else visible()


def known_domains(user: AbstractBaseUser | AnonymousUser) -> Sequence[str]:
    """The real domains of this server that this person may know of, in order."""
    own, known = domains_of(user), assigned.domains()
    if own is None:
        return known.real_domains
    return sorted(name for name in own if (found := known.get(name)) and not found.is_alias)


def known_alias_domains(user: AbstractBaseUser | AnonymousUser) -> Sequence[AssignedDomain]:
    """The alias domains of those, in order."""
    own, known = domains_of(user), assigned.domains().alias_domains
    return known if own is None else [alias for alias in known if alias.real in own]


def may_somewhere(user: AbstractBaseUser | AnonymousUser, permission: str) -> bool:
    """Whether `user` holds the permission everywhere, or on one domain at least."""
    if may(user, permission):
        return True
    return any(may(user, permission, domain) for domain in domains_of(user) or ())


def needs(*permissions: str, somewhere: bool = False) -> Callable[[View], View]:
    """Declare what a view needs; every view of the panel does (tests/web/test_permissions.py walks the
    URLconf).

    With a `domain` in the URL the permissions are asked for that domain; `get_account` asks them for the
    account as well. `somewhere`: the view shows only what belongs to `domains_of` the person, so holding
    them on one domain is enough.
    """

    def declare(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            obj = get_domain(request, kwargs["domain"]) if "domain" in kwargs else None
            _demand(request, permissions, obj, somewhere)
            response = view(request, *args, **kwargs)
            patch_cache_control(response, private=True, no_store=True)  # not even Back shows it later
            return response

        checked.needs = permissions  # type: ignore[attr-defined]
        checked.somewhere = somewhere  # type: ignore[attr-defined]
        return checked

    return declare


def _demand(request: HttpRequest, permissions: tuple[str, ...], obj: object, somewhere: bool = False) -> None:
    for permission in permissions:
        if not (may_somewhere(request.user, permission) if somewhere else may(request.user, permission, obj)):
            raise MissingRight(permission)


def demand(request: HttpRequest, permission: str, obj: object) -> None:
    """403 unless the permission holds for this object: for views that learn of it by themselves."""
    _demand(request, (permission,), obj)


def get_domain(request: HttpRequest, name: str) -> AssignedDomain:
    """The domain or alias domain of that name; 404 when there is none, or when this person may not know
    of it. Afterwards `perms` in templates answers for it (web.context).
    """
    domain = assigned.domains().get(name.lower())
    if domain is None or not may(request.user, VIEW_DOMAIN, domain):
        raise Http404(_("There is no domain %(name)s on this server.") % {"name": name})
    request.about = domain  # type: ignore[attr-defined]
    return domain


def get_account(request: HttpRequest, domain: AssignedDomain | str, name: str) -> Account:
    """The account `name` of a domain (an alias domain's accounts are the real one's); 404 as for domains.
    Afterwards `perms` in templates answers for the account.

    403 when the permissions that the view declared with `needs` do not hold for this account.
    """
    if isinstance(domain, str):
        domain = get_domain(request, domain)
    account = find_account(domain.real, name)
    if account is None or not may(request.user, VIEW_ACCOUNT, account):
        raise Http404(_("There is no account %(name)s@%(domain)s.") % {"name": name, "domain": domain.name})
    request.about = account  # type: ignore[attr-defined]
    match = request.resolver_match
    _demand(request, getattr(match.func, "needs", ()) if match else (), account)
    return account

"""Who is behind a name and a password, and what administrators may.

Neither backend counts attempts or takes a fixed time: accounts.proof does, for every way in.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef
from django.http import HttpRequest

from accounts import roles, standing
from accounts.models import User
from accounts.second_factor.models import AuthenticatorApp, Passkey
from vpopmail import passwords


class AdministratorBackend(ModelBackend):
    """Django's own users and permissions; the rights of confined people hold where a grant says so."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        if not username or password is None or not passwords.is_usable(password):
            return None
        user = User.objects.filter(username=username, domain="").first()
        if user is None:
            if "@" not in username or _have_addresses():
                User().set_password(password)  # as long as for somebody who exists
            return None
        return user if user.check_password(password) and self.user_can_authenticate(user) else None

    def has_perm(self, user_obj: AbstractBaseUser | AnonymousUser, perm: str, obj: Any = None) -> bool:
        if not isinstance(user_obj, User) or not user_obj.is_active or user_obj.is_mailbox:
            return False
        role = roles.role_of(user_obj)
        if perm in roles.OWN[role]:
            return True
        if perm == "accounts.look_as":
            return role is roles.Role.SUPERUSER
        if role is roles.Role.CONFINED and (obj is None or not _is_granted(user_obj, roles.domain_of(obj))):
            return False
        return super().has_perm(user_obj, perm)

    def get_user(self, user_id: int) -> User | None:
        """Whoever is signed in, by either backend; whether it has a second factor comes with it."""
        return _signed_in(user_id)


def _signed_in(user_id: int) -> User | None:
    devices = AuthenticatorApp.objects.filter(user=OuterRef("pk"), confirmed=True)
    keys = Passkey.objects.filter(user=OuterRef("pk"))
    found = User.objects.annotate(has_factor=Exists(devices) | Exists(keys)).filter(
        pk=user_id, is_active=True
    )
    return found.first()


def _have_addresses() -> bool:
    """Whether some administrator is named like an address: then no address may be answered faster."""
    return User.objects.filter(domain="", username__contains="@").exists()


def _is_granted(user: User, domain: str) -> bool:
    return bool(domain) and user.grants.valid().filter(domain=domain).exists()


class MailAccountBackend(ModelBackend):
    """Address and mail password, as vpopmail verifies it. The first success makes the panel's user.

    Raises Unavailable or OperationalError while vpopmail's database or the helper is down.
    """

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        if not username or "@" not in username or password is None:
            return None
        account = standing.find(username)
        if account is None or not standing.password_opens(account, password):
            return None
        user = User.objects.of_mailbox(account.name, account.domain)
        if user is not None:
            user.account = account
        return user

    def get_user(self, user_id: int) -> User | None:
        return _signed_in(user_id)

    def has_perm(self, user_obj: AbstractBaseUser | AnonymousUser, perm: str, obj: Any = None) -> bool:
        """Nothing: `User.has_perm` asks roles.mailbox_may itself."""
        return False

    def get_all_permissions(self, user_obj: AbstractBaseUser | AnonymousUser, obj: Any = None) -> set[str]:
        return set()

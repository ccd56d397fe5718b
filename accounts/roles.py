"""Who may do what, in one place: the table, and how one person stands to an account.

Administrators hold Django's permissions (everywhere, or where a Grant says so); what a postmaster holds on
its own domain and an owner on its own account is written here.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any

from django.conf import settings

from vpopmail import flags
from vpopmail.models import AccountColumns

if TYPE_CHECKING:
    from accounts.models import User

POSTMASTER = "postmaster"  # the name of that account in every domain


class Role(StrEnum):
    SUPERUSER = "superuser"
    ADMINISTRATOR = "administrator"
    CONFINED = "confined"  # an administrator whose rights hold on granted domains only
    SYSTEM = "system"  # a mail account with SYSTEM_ADMIN, where VPOPMAIL_SA_ADMIN is on
    POSTMASTER = "postmaster"  # postmaster@domain, or an account with DOMAIN_ADMIN
    OWNER = "owner"  # of a mailbox


OWN_SIGN_IN = "accounts.own_sign_in"
OWN_MAILBOX = "accounts.own_mailbox"
CHANGE_PASSWORD = "vpopmail.change_password"  # noqa: S105  (a permission)

# What a person holds without any object: the pages about itself.
OWN: dict[Role, frozenset[str]] = {
    Role.SUPERUSER: frozenset({OWN_SIGN_IN}),
    Role.ADMINISTRATOR: frozenset({OWN_SIGN_IN}),
    Role.CONFINED: frozenset({OWN_SIGN_IN}),
    Role.SYSTEM: frozenset({OWN_SIGN_IN, OWN_MAILBOX}),
    Role.POSTMASTER: frozenset({OWN_SIGN_IN, OWN_MAILBOX}),
    Role.OWNER: frozenset({OWN_SIGN_IN, OWN_MAILBOX}),
}

# What a mail account holds: a postmaster on its domain and the accounts in it, an owner on its own account.
RIGHTS: dict[Role, frozenset[str]] = {
    Role.POSTMASTER: frozenset(
        {
            "audit.view_entry",
            "vpopmail.view_domain",
            "vpopmail.view_aliasdomain",
            "vpopmail.view_limits",
            "vpopmail.change_delivery",
            "vpopmail.view_account",
            "vpopmail.add_account",
            "vpopmail.change_account",
            "vpopmail.delete_account",
            "vpopmail.change_password",
            "vpopmail.change_forwarding",
            "vpopmail.change_vacation",
            "vpopmail.view_sign_ins",
            "vpopmail.reset_second_factor",
            "vpopmail.view_alias",
            "vpopmail.add_alias",
            "vpopmail.change_alias",
            "vpopmail.delete_alias",
        }
    ),
    Role.OWNER: frozenset(
        {
            "vpopmail.view_account",
            "vpopmail.change_password",
            "vpopmail.change_forwarding",
            "vpopmail.change_vacation",
            "vpopmail.view_sign_ins",
        }
    ),
}
# Seen on an account that outranks, while nothing of it may be changed.
HARMLESS = frozenset({"vpopmail.view_account", "vpopmail.view_sign_ins"})


def role_of(user: User) -> Role:
    """The role a person has now."""
    if user.is_mailbox:
        account = user.account
        if account is not None and is_system(account):
            return Role.SYSTEM
        return Role.POSTMASTER if rank_of(user) > 0 else Role.OWNER
    if user.is_superuser:
        return Role.SUPERUSER
    return Role.CONFINED if user.confined else Role.ADMINISTRATOR


def is_system(account: AccountColumns) -> bool:
    """Whether the account administers the server: its flag says so, and the setting lets it."""
    return settings.VPOPMAIL_SA_ADMIN and bool(account.gid & flags.SYSTEM_ADMIN)


@cache
def system_rights() -> frozenset[str]:
    """What Role.SYSTEM holds everywhere: all that the ready-made groups give."""
    from accounts.ready_groups import GROUPS

    return frozenset(permission for ready in GROUPS for permission in ready.permissions)


# --- who stands above whom ---


def rank_of_account(account: AccountColumns) -> int:
    """0 an owner, 1 with DOMAIN_ADMIN, 2 the postmaster, 3 with SYSTEM_ADMIN."""
    if account.gid & flags.SYSTEM_ADMIN:
        return 3
    if account.name == POSTMASTER:
        return 2
    return 1 if account.gid & flags.DOMAIN_ADMIN else 0


def rank_of(user: User) -> int:
    """Of a mailbox its account's, but SYSTEM_ADMIN adds nothing unless the setting lets it; 4 for
    administrators."""
    if not user.is_mailbox:
        return 4
    account = user.account
    if account is None:
        return -1
    if is_system(account):
        return 3
    return 2 if account.name == POSTMASTER else int(bool(account.gid & flags.DOMAIN_ADMIN))


def is_own(user: User, account: AccountColumns) -> bool:
    return user.is_mailbox and (user.name, user.domain) == (account.name, account.domain)


def outranks(user: User, account: AccountColumns) -> bool:
    """Whether the person stands at least as high as the account, or owns it, and so may change it."""
    return is_own(user, account) or rank_of(user) >= rank_of_account(account)


# --- the rights of a mail account ---


def mailbox_may(user: User, perm: str, obj: Any) -> bool:
    """What the user of a mailbox may. `obj`: an AssignedDomain, an account, or the name of a real domain;
    None asks for the pages about oneself alone.
    """
    account = user.account
    if account is None:
        return False
    role = role_of(user)
    if role is Role.SYSTEM:
        return perm in OWN[role] or perm in system_rights()
    if obj is None or perm in OWN[role]:
        return perm in OWN[role]
    if domain_of(obj) != user.domain:
        return False
    if isinstance(obj, AccountColumns):
        return _may_with_account(user, role, perm, obj)
    return role is Role.POSTMASTER and perm in RIGHTS[role]


def domain_of(obj: Any) -> str:
    """The real domain of whatever permissions are asked for."""
    if isinstance(obj, str):
        return obj
    return str(getattr(obj, "real", "") or getattr(obj, "domain", ""))


def _may_with_account(user: User, role: Role, perm: str, account: AccountColumns) -> bool:
    own = is_own(user, account)
    if perm not in RIGHTS[role] or not (own or role is Role.POSTMASTER):
        return False
    if perm == "vpopmail.delete_account":
        return not own and account.name != POSTMASTER and outranks(user, account)
    if perm == "vpopmail.reset_second_factor":
        return not own and rank_of(user) > rank_of_account(account)
    if perm == CHANGE_PASSWORD and own:
        return may_change_own_password(account)
    return perm in HARMLESS or outranks(user, account)


def may_reset_factor(user: Any, account: AccountColumns) -> bool:
    """Whether the person stands high enough to take this account's second factor away.

    Of one with SYSTEM_ADMIN superusers only, whatever the setting says now: it would be the last thing
    between a password that somebody guessed and the whole server. Rights are asked for elsewhere.
    """
    return bool(getattr(user, "is_superuser", False)) or not account.gid & flags.SYSTEM_ADMIN


def may_change_own_password(account: AccountColumns) -> bool:
    """Unless the account's flag or the domain's limits forbid it."""
    from vpopmail import limits

    if account.gid & flags.NO_PASSWORD_CHANGE:
        return False
    values = limits.read(account.domain).values
    return not flags.effective(account.gid, values) & flags.NO_PASSWORD_CHANGE


def visible_domains(user: User) -> frozenset[str] | None:
    """The real domains the person may know of; None: all."""
    role = role_of(user) if user.is_active else Role.OWNER
    if role in (Role.SUPERUSER, Role.ADMINISTRATOR, Role.SYSTEM):
        return None
    if role is Role.CONFINED:
        return frozenset(user.grants.valid().values_list("domain", flat=True))
    return frozenset({user.domain}) if role is Role.POSTMASTER else frozenset()

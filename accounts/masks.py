"""The masks of a domain: what its limits deny to administrators of the domain who are not its postmaster.

The gate refuses it on every way in (accounts.gate); pages do not offer it (`perms` in templates).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from accounts import roles
from accounts.models import User
from accounts.roles import Role
from vpopmail import limits
from vpopmail.bounds import is_forward
from vpopmail.models import AccountColumns

# The bits of a mask that deny (vlimits.h).
CREATE, MODIFY, DELETE = 1, 2, 4
# A permission is not offered where all of these are denied.
COVERS: dict[str, tuple[tuple[str, int], ...]] = {
    "vpopmail.add_account": (("perm_account", CREATE),),
    "vpopmail.change_account": (("perm_account", MODIFY),),
    "vpopmail.change_password": (("perm_account", MODIFY),),
    "vpopmail.change_forwarding": (("perm_account", MODIFY),),
    "vpopmail.change_vacation": (("perm_account", MODIFY),),
    "vpopmail.delete_account": (("perm_account", DELETE),),
    "vpopmail.add_alias": (("perm_alias", CREATE), ("perm_forward", CREATE)),
    "vpopmail.change_alias": (("perm_alias", MODIFY), ("perm_forward", MODIFY)),
    "vpopmail.delete_alias": (("perm_alias", DELETE), ("perm_forward", DELETE)),
}
QUOTA = (("perm_quota", MODIFY), ("perm_quota", DELETE))
ALIAS = {"change": MODIFY, "delete": DELETE}


def is_masked(actor: object) -> bool:
    """An administrator of the domain who is not its postmaster."""
    if not isinstance(actor, User) or not actor.is_mailbox or actor.name == roles.POSTMASTER:
        return False
    return roles.role_of(actor) in (Role.POSTMASTER, Role.OWNER)


def denies(actor: object, domain: str, column: str, bit: int) -> bool:
    """Whether the domain denies this person this."""
    return is_masked(actor) and bool(limits.read(domain).values[column] & bit)


def hides(user: User, permission: str, obj: Any) -> bool:
    """Whether a page about `obj` does not offer what the permission is for: the gate would refuse it."""
    wanted = COVERS.get(permission)
    if wanted is None or obj is None or not is_masked(user):
        return False
    if isinstance(obj, AccountColumns) and roles.is_own(user, obj):
        return False
    return _denied(user, roles.domain_of(obj), wanted)


def hides_quota(user: object, account: AccountColumns) -> bool:
    """Whether the person may not change the quota of this account, whatever it is."""
    return isinstance(user, User) and is_masked(user) and _denied(user, account.domain, QUOTA)


def hides_alias(user: object, domain: str, lines: Iterable[str], verb: str) -> bool:
    """Whether an alias with these lines may not be changed, or deleted, by the mask of what it is."""
    if not isinstance(user, User) or not is_masked(user):
        return False
    return _denied(user, domain, ((column_of(lines), ALIAS[verb]),))


def column_of(lines: Iterable[str]) -> str:
    """The mask that holds for an alias: that of forwards or of aliases."""
    return "perm_forward" if is_forward(lines) else "perm_alias"


def _denied(user: User, domain: str, wanted: Iterable[tuple[str, int]]) -> bool:
    """Read once for all buttons of a page: a user is an object of one request."""
    masks = user.__dict__.setdefault("_masks", {})
    if domain not in masks:
        masks[domain] = limits.read(domain).values
    return all(masks[domain][column] & bit for column, bit in wanted)

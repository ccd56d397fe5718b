"""The lock of a disabled account: an `!` before its hash: no password opens it, and nothing is lost."""

from vpopmail import flags
from vpopmail.models import AccountColumns

LOCK = "!"
NEVER_OPENS = ("!", "*")  # what crypt(3) takes for no setting; other tools write either


def is_locked(passwd: str | None) -> bool:
    """Does the hash hold the lock that disabling puts there?"""
    return (passwd or "").startswith(LOCK)


def is_shut(passwd: str | None) -> bool:
    """Is it a hash that no password opens, by whichever tool?"""
    return (passwd or "").startswith(NEVER_OPENS)


def is_disabled(account: AccountColumns) -> bool:
    """Does nothing let the account in: a hash that opens, or a service that is left?"""
    return is_shut(account.passwd) or account.gid & flags.SERVICES == flags.SERVICES


def is_wholly_disabled(account: AccountColumns) -> bool:
    """Both: what disabling does has been done, by the panel or otherwise."""
    return is_shut(account.passwd) and account.gid & flags.SERVICES == flags.SERVICES

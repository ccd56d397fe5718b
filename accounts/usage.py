"""How full a mailbox is: all its files, added up by the helper with a bound on time."""

from typing import Any

from vpopmail import helper, quota
from vpopmail.assigned import domains
from vpopmail.engines.base import VpopmailError
from vpopmail.engines.native.users import hash_of
from vpopmail.models import Account

SECONDS = 2.0


def measured(account: Account) -> dict[str, Any] | None:
    """The helper's answer (`bytes`, `messages`, `complete`), or None for a mailbox that is elsewhere or can't
    be read."""
    assigned = domains().get(account.domain)
    place = hash_of(assigned, account.name, account.dir) if assigned else None
    if place is None:
        return None
    box = {"name": account.name, "hash": place}
    try:
        return helper.call("measure", domain=account.domain, mailboxes=[box], seconds=SECONDS)
    except VpopmailError:
        return None


def percent_used(account: Account) -> int | None:
    """The fuller of size and number, as vuserinfo counts (maildirquota.c, qcalc); None when not measured to
    the end."""
    found = measured(account)
    if found is None or not found["complete"]:
        return None
    pairs = (
        (found["bytes"], quota.bytes_of(account.shell)),
        (found["messages"], quota.messages_of(account.shell)),
    )
    return max((min(used * 100 // most, 100) for used, most in pairs if most), default=0)

"""Bringing deleted accounts and domains back, and emptying the trash before its time: each one entry of the
journal."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from audit.change import command_line, perform
from audit.log import Actor
from vpopmail import trash
from vpopmail.engines import get_engine
from vpopmail.engines.base import Outcome, Refused


def restore(*, actor: Actor, key: str, account: str = "", name: str = "", merge: bool = False) -> Outcome:
    """Bring back what the journal's entry `key` deleted, an account or a domain; or, of a domain, one
    `account` into the domain of that name that there is now.

    `name` is another name for it; `merge` puts an account's mail, or all that a domain lacks, into what there
    is. Raises VpopmailError.
    """
    parked = trash.find(key)
    if name and merge:
        raise Refused(_("What goes into something that there is has no other name."))
    options: list[str | tuple[str, str]] = [("--restore", key)]
    options += [("--account", account)] if account else []
    options += [("--as", name)] if name else []
    options += ["--merge"] if merge else []
    command = command_line("trash", options)
    if parked.is_domain and not account:
        return _restore_domain(actor, parked, name, merge, command)
    was = account or parked.name
    target = f"{name or was}@{parked.domain}"
    return perform(
        actor,
        "restore",
        target,
        lambda entry: get_engine().restore_account(key, account=account, name=name, merge=merge, entry=entry),
        domain=parked.domain,
        changes={"mail": f"{was}@{parked.domain}"} if merge else {"account": [None, target]},
        command=command,
    )


def _restore_domain(actor: Actor, parked: trash.Parked, name: str, merge: bool, command: str) -> Outcome:
    domain = name or parked.domain
    changes: dict[str, Any] = {"merged": parked.domain} if merge else {"domain": [None, domain]}
    if name:
        changes["former_name"] = parked.domain
    return perform(
        actor,
        "restore",
        domain,
        lambda entry: get_engine().restore_domain(parked.source, name=name, merge=merge, entry=entry),
        domain=domain,
        changes=changes,
        command=command,
    )


def empty(*, actor: Actor, key: str) -> Outcome:
    """Remove for good what the entry `key` deleted. Raises Refused where the mail host does not allow it."""
    parked = trash.find(key)
    return perform(
        actor,
        "empty",
        parked.target,
        lambda entry: get_engine().empty_trash(key, entry=entry),
        domain=parked.domain,
        changes={"trash": [parked.place, None]},
        command=command_line("trash", [("--empty", key)]),
    )


def empty_all(*, actor: Actor, keys: Sequence[str]) -> Outcome:
    """Remove these entries for good, each under an entry of the journal; the first failure ends it."""
    outcome = Outcome()
    for key in keys:
        outcome += empty(actor=actor, key=key)
    return outcome

"""Bringing deleted accounts and domains back, and emptying the trash before its time: each one entry of the
journal."""

from django.utils.translation import gettext as _

from audit.change import command_line, perform
from audit.log import Actor
from vpopmail import trash
from vpopmail.engines import get_engine
from vpopmail.engines.base import Outcome, Refused


def restore(*, actor: Actor, key: str, name: str = "", merge: bool = False) -> Outcome:
    """Bring back what the journal's entry `key` deleted, an account or a domain.

    `name` is another name for an account; `merge` puts its mail into the account of the name that there is.
    Raises VpopmailError.
    """
    parked = trash.find(key)
    if parked.is_domain:
        if name or merge:
            raise Refused(_("A domain comes back whole, under its own name."))
        return perform(
            actor,
            "restore",
            parked.domain,
            lambda entry: get_engine().restore_domain(key, entry=entry),
            domain=parked.domain,
            changes={"domain": [None, parked.domain]},
            command=command_line("trash", [("--restore", key)]),
        )
    target = f"{name or parked.name}@{parked.domain}"
    options: list[str | tuple[str, str]] = [("--restore", key)]
    options += [("--as", name)] if name else []
    options += ["--merge"] if merge else []
    return perform(
        actor,
        "restore",
        target,
        lambda entry: get_engine().restore_account(key, name=name, merge=merge, entry=entry),
        domain=parked.domain,
        changes={"mail": parked.target} if merge else {"account": [None, target]},
        command=command_line("trash", options),
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

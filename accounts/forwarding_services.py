"""Changing where an account's mail goes: one entry of the journal, or none when it goes there already."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from accounts import forwarding_rules, gate
from accounts.account_services import find_account, real_name
from audit.change import command_line, perform
from audit.log import Actor
from vpopmail import forwarding
from vpopmail.engines import get_engine
from vpopmail.engines.base import Changed, Outcome, Refused
from vpopmail.forwarding import Forwarding
from vpopmail.models import Account

CHANGE_FORWARDING = "vpopmail.change_forwarding"
UNSEEN: Any = object()


def read_forwarding(account: Account) -> Forwarding:
    """What the account's `.qmail` says now. Raises Refused when the panel may not read or change it."""
    now = forwarding.read(account)
    if now.elsewhere:
        raise Refused(_("The mailbox lies elsewhere, so this panel leaves its forwarding alone."))
    if not now.readable:
        raise Refused(_("The panel may not read the file that forwards, so it leaves it alone."))
    return now


def change_forwarding(
    *,
    actor: Actor,
    domain: str,
    name: str,
    destinations: Sequence[str] | None = None,
    keeps_copy: bool | None = None,
    blackhole: bool | None = None,
    expected: Mapping[str, Any] | None = UNSEEN,
) -> Outcome:
    """Say where mail for an account goes; what is not named stays. Nothing is written, and no entry made,
    when it goes there already.

    `expected` is the fingerprint of the file that the person saw (None: there was none): Changed is raised
    when another one is there. Raises VpopmailError.
    """
    domain = real_name(domain)
    account = find_account(domain, name)
    now = read_forwarding(account)
    lines = forwarding.compose(now, destinations=destinations, keeps_copy=keeps_copy, blackhole=blackhole)
    after = forwarding.parse(lines, now.place)
    warnings = forwarding_rules.check(actor, account, now.destinations, after.destinations)
    if lines == now.lines:
        return Outcome()
    if expected is not UNSEEN and expected != now.fingerprint:
        raise changed(account)
    return perform(
        actor,
        "dotqmail",
        account.address,
        lambda entry: get_engine().dotqmail(domain, name, lines, expected=now.fingerprint, entry=entry),
        domain=domain,
        changes={"forwarding": [noted(now.lines), noted(lines)]},
        command=line_for(account, after),
        warnings=warnings,
    )


def noted(lines: Sequence[str]) -> list[str] | None:
    """The lines as the journal holds them, None for no file: no database stores bytes that are not UTF-8."""
    return [line.encode("utf-8", "surrogateescape").decode("utf-8", "replace") for line in lines] or None


def put_back(account: Account, lines: Sequence[str], now: Forwarding, entry: str) -> Outcome:
    """Write lines as they were noted, under a journal entry that is begun already.

    Those with such bytes are in the file still, whatever was changed.
    """
    there = {(noted([line]) or [""])[0]: line for line in now.lines}
    wanted = [there.get(line, line) for line in lines]
    return get_engine().dotqmail(account.domain, account.name, wanted, expected=now.fingerprint, entry=entry)


def changed(account: Account) -> Changed:
    return Changed(
        _("The forwarding of %(address)s was changed by somebody else meanwhile. Nothing was overwritten.")
        % {"address": account.address}
    )


def most_destinations(actor: Actor, account: Account) -> int | None:
    """To how many addresses the person may forward at most; None for one whom no bound holds."""
    return forwarding_rules.most(account.domain) if gate.is_bound(actor) else None


def line_for(account: Account, wanted: Forwarding) -> str:
    """The command line that has mail of the account go there."""
    if wanted.blackhole:
        return command_line("dotqmail", ["--discard"], account.address)
    if not wanted.destinations:
        off = ["--off"] if wanted.keeps_copy else []
        return command_line("dotqmail", off, account.address)
    options: list[str | tuple[str, str]] = [("--to", address) for address in wanted.destinations]
    return command_line(
        "dotqmail", [*options, "--copy" if wanted.keeps_copy else "--no-copy"], account.address
    )

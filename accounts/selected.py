"""The same change to several accounts of a domain: looked at first, then made one by one, each an entry of
the journal by itself. What cannot be done to one of them does not keep it from the others."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from accounts import account_services, disabling, gate
from accounts.disabling import Seen
from audit.log import Actor
from mailhost.names import LONGEST_LOCAL_PART
from vpopmail import usage
from vpopmail.engines.base import Changed, Outcome, VpopmailError
from vpopmail.locked import is_wholly_disabled
from vpopmail.models import Account, accounts_of
from web.access import may

MOST = 100  # accounts of one page
DISABLE, ENABLE, QUOTA, FLAGS, DELETE = "disable", "enable", "quota", "flags", "delete"
RIGHTS = {DELETE: "vpopmail.delete_account"}  # others need CHANGE
CHANGE = "vpopmail.change_account"
_SEEN = re.compile(r"(\d{1,10})([!-])(.{0,40})", re.ASCII)


@dataclass(slots=True)
class Selected:
    """One account of the selection. `seen` is what the person saw of it; `refused` why nothing will be done
    to it, `failed` why nothing was done."""

    account: Account
    seen: str
    refused: str = ""
    failed: str = ""

    @property
    def is_open(self) -> bool:
        """Is there something left to do?"""
        return not self.refused


@dataclass(slots=True)
class Result:
    """What came of it: the accounts that were changed, those that were as wanted already, and all that was
    said."""

    done: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    outcome: Outcome = field(default_factory=Outcome)


def select(actor: Any, domain: str, names: Sequence[str], action: str) -> list[Selected]:
    """The accounts of these names that there are, in their order, with what keeps the person from changing
    them."""
    wanted = [name for name in dict.fromkeys(name.lower() for name in names) if _is_name(name)][:MOST]
    found = {account.name.lower(): account for account in accounts_of(domain).filter(name__in=wanted)}
    accounts = [found[name] for name in wanted if name in found]
    usage.attach(accounts)
    return [Selected(account, seen_of(account), _refusal(actor, account, action)) for account in accounts]


def _is_name(name: str) -> bool:
    return 0 < len(name) <= LONGEST_LOCAL_PART and name.isascii() and name.isprintable()


def seen_of(account: Account) -> str:
    """pw_gid, the lock and the quota, for a hidden field."""
    seen = Seen.of(account)
    return f"{seen.gid}{'!' if seen.locked else '-'}{account.shell or ''}"


def _refusal(actor: Actor, account: Account, action: str) -> str:
    """Why the person may not do it, or why there is nothing to do; "" when it will be done."""
    if actor is None or not may(actor, RIGHTS.get(action, CHANGE), account):
        return _("You may not change this account.")
    try:
        _check(actor, account, action)
    except VpopmailError as error:
        return error.message
    if action == DISABLE and is_wholly_disabled(account):
        return _("It is disabled already.")
    if action == ENABLE and not disabling.may_be_enabled(account):
        return _("It is not disabled.")
    return ""


def _check(actor: Actor, account: Account, action: str) -> None:
    if action == DISABLE:
        disabling.check_may_disable(actor, account)
    elif action == ENABLE:
        disabling.check_may_enable(actor, account, disabling.record_of(account))
    elif action == DELETE:
        gate.delete(actor, account)
    else:
        gate.change(actor, account)


# --- doing it ---


def perform(
    actor: Actor, action: str, selection: Sequence[Selected], seen: Mapping[str, str], data: Mapping[str, Any]
) -> Result:
    """Make the change to each account that it is open for. `seen` is what the person saw, by name. Failures
    stand beside their accounts."""
    result = Result()
    for row in selection:
        if row.is_open:
            _one(actor, action, row, seen.get(row.account.name.lower(), ""), data, result)
    return result


def _one(
    actor: Actor, action: str, row: Selected, seen: str, data: Mapping[str, Any], result: Result
) -> None:
    account = row.account
    try:
        if seen != row.seen:
            raise Changed(_("It was changed by somebody else meanwhile. Nothing was overwritten."))
        done = _STEPS[action]({"actor": actor, "domain": account.domain, "name": account.name}, seen, data)
    except VpopmailError as error:
        row.failed = error.message
        return
    result.outcome += Outcome(done.warnings, done.kept_until, done.trash)
    after = done.account if isinstance(done, account_services.Saved) else None
    same = after is not None and seen_of(after) == row.seen and after.passwd == account.passwd
    (result.unchanged if same else result.done).append(account.address)


def _parts(seen: str) -> tuple[Seen, str]:
    found = _SEEN.fullmatch(seen)
    if found is None:
        raise Changed(_("Load the page again."))
    return Seen(int(found[1]), found[2] == "!"), found[3]


Who = dict[str, Any]
Data = Mapping[str, Any]


def _disable(who: Who, seen: str, data: Data) -> Outcome:
    return disabling.disable_account(
        **who, mail=data["mail"], reason=data["reason"], expected=_parts(seen)[0]
    )


def _enable(who: Who, seen: str, data: Data) -> Outcome:
    return disabling.enable_account(**who, expected=_parts(seen)[0])


def _quota(who: Who, seen: str, data: Data) -> Outcome:
    return account_services.change_quota(**who, quota=data["quota"], expected=_parts(seen)[1])


def _flags(who: Who, seen: str, data: Data) -> Outcome:
    gid = _parts(seen)[0].gid
    return account_services.change_account(
        **who,
        set_flags=data["set_flags"] & ~gid,
        clear_flags=data["clear_flags"] & gid,
        expected={"gid": gid},
    )


def _delete(who: Who, seen: str, data: Data) -> Outcome:
    return account_services.delete_account(**who, aliases=data["aliases"])


_STEPS: dict[str, Callable[[Who, str, Data], Outcome]] = {
    DISABLE: _disable,
    ENABLE: _enable,
    QUOTA: _quota,
    FLAGS: _flags,
    DELETE: _delete,
}

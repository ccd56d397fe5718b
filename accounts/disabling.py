"""Disabling an account so that nothing lets it in, and enabling it again just as it was.

The service bits are set, an `!` is put before the hash, a clear password is emptied, and the sessions of
panel and Dovecot end: the bits alone stop neither IMAP on port 143 nor a session that is open. What was added
is kept in a row of the panel's own (models.Disabled); the hash needs none.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import gate, roles
from accounts.account_services import Saved, find_account, real_name, saved
from accounts.models import Disabled, DisabledDomain, User
from audit.change import command_line, perform
from audit.log import Actor, name_of
from vpopmail import flags
from vpopmail.engines import get_engine
from vpopmail.engines.base import Changed, Outcome, Refused, Switch
from vpopmail.locked import is_locked, is_shut
from vpopmail.models import Account
from vpopmail.schema import schema

KEEP, BOUNCE, FORWARD = "keep", "bounce", "forward"
# What becomes of new mail; the first answer is for somebody who has not thought about it.
MAIL = {
    KEEP: gettext_lazy("It is kept in the mailbox; forwarding and vacation messages stop"),
    BOUNCE: gettext_lazy("It goes back to its sender: “account is locked”"),
    FORWARD: gettext_lazy("It goes on as it does now: into the mailbox, forwarded, answered"),
}
LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class Seen:
    """What the person saw of an account: pw_gid, and whether the hash was locked."""

    gid: int
    locked: bool

    @classmethod
    def of(cls, account: Account) -> Seen:
        return cls(account.gid, is_locked(account.passwd))


def record_of(account: Account) -> Disabled | None:
    """What disabling changed of the account; None where it is not disabled, or another tool did it."""
    if not is_locked(account.passwd) and not account.gid & (flags.SERVICES | flags.BOUNCE_MAIL):
        return None
    record = Disabled.objects.filter(domain=account.domain, name=account.name.lower()).first()
    return record if record is not None and stands(record, account) else None


def stands(record: Disabled, account: Account) -> bool:
    """Is the account still disabled, in part at least, by what the record says?"""
    return bool(record.added & account.gid) or (record.locked and is_locked(account.passwd))


def may_be_enabled(account: Account) -> bool:
    """Is there something that enabling would take back?"""
    return is_locked(account.passwd) or record_of(account) is not None


# --- disabling ---


def disabling(account: Account, mail: str) -> Switch:
    """What disabling changes of an account; `set_flags` 0 and `lock` None: nothing is left to change."""
    wanted = flags.SERVICES | (flags.BOUNCE_MAIL if mail == BOUNCE else 0)
    return Switch(
        account.name.lower(),
        account.gid,
        is_locked(account.passwd),
        set_flags=wanted & ~account.gid,
        lock=None if is_shut(account.passwd) else True,
        aside=True if mail == KEEP else None,
    )


def disable_account(
    *, actor: Actor, domain: str, name: str, mail: str = KEEP, reason: str = "", expected: Seen | None = None
) -> Saved:
    """Disable an account. `mail` is what becomes of new mail (MAIL). Nothing is done, and no entry made,
    where it is disabled just so already. Raises VpopmailError."""
    domain = real_name(domain)
    account = find_account(domain, name)
    check_choice(mail, reason)
    check_may_disable(actor, account)
    _check_seen(account, expected)
    step = disabling(account, mail)
    former = record_of(account)
    if not step.set_flags and step.lock is None:
        if former is None or not former.with_domain:
            return Saved(account=account)
        step = replace(step, aside=None)
    record = _record(actor, account, step, former, mail, reason)
    return _perform(actor, "disable_account", account, step, _changes(step, mail, reason), record)


def check_choice(mail: str, reason: str) -> None:
    if mail not in MAIL:
        raise Refused(_("Mail is kept, bounced or forwarded."), field="mail")
    if len(reason) > LONGEST_REASON or any(ord(character) < 32 for character in reason):
        raise Refused(_("A reason is one line of at most %(most)d characters.") % {"most": LONGEST_REASON})


def check_may_disable(actor: Actor, account: Account) -> None:
    """Raises Refused unless the person may disable this account."""
    gate.change(actor, account)
    if isinstance(actor, User) and roles.is_own(actor, account):
        raise Refused(_("Nobody disables the account with which they are signed in."))
    gate.change_flags(actor, account, flags.SERVICES | flags.BOUNCE_MAIL, 0)


def _check_seen(account: Account, expected: Seen | None) -> None:
    if expected is not None and expected != Seen.of(account):
        raise Changed(
            _("%(address)s was changed by somebody else meanwhile. Nothing was overwritten.")
            % {"address": account.address}
        )


def _record(
    actor: Actor, account: Account, step: Switch, former: Disabled | None, mail: str, reason: str
) -> Disabled:
    """The row that enabling will read: with what an earlier disabling of the same account had added."""
    added, locked = step.set_flags, bool(step.lock)
    if former is not None:
        added, locked = added | former.added, locked or former.locked
    return Disabled(
        domain=account.domain,
        name=step.name,
        added=added,
        locked=locked,
        mail=mail,
        reason=reason,
        above=not gate.is_bound(actor),
        by=name_of(actor),
    )


def _changes(step: Switch, mail: str, reason: str) -> dict[str, Any]:
    """For the journal."""
    changes: dict[str, Any] = {"flags": [step.gid, step.gid | step.set_flags]} if step.set_flags else {}
    if step.lock:
        changes["signing_in"] = "locked"
    changes["new_mail"] = mail
    return {**changes, "reason": reason} if reason else changes


def _perform(
    actor: Actor, action: str, account: Account, step: Switch, changes: dict[str, Any], record: Disabled
) -> Saved:
    options: list[str | tuple[str, str]] = [("--mail", record.mail)]
    if record.reason:
        options.append(("--reason", record.reason))
    outcome = perform(
        actor,
        action,
        account.address,
        lambda entry: _disable(account, step, record, entry),
        domain=account.domain,
        changes=changes,
        command=command_line(action, options, account.address),
    )
    return saved(outcome, account.domain, account.name)


def _disable(account: Account, step: Switch, record: Disabled, entry: str) -> Outcome:
    """The record first: without it nobody would know what was."""
    keep_records(account.domain, [record])
    return get_engine().switch_accounts(account.domain, [step], entry=entry)


def keep_records(domain: str, records: list[Disabled]) -> None:
    """Write the rows of accounts that are being disabled, in the place of any there are."""
    with transaction.atomic():
        Disabled.objects.filter(domain=domain, name__in=[record.name for record in records]).delete()
        Disabled.objects.bulk_create(records)


# --- enabling ---


def enabling(account: Account, record: Disabled | None) -> Switch:
    """What enabling takes back: by the record just what was added, without one the lock and, where all of
    them are set, the service bits."""
    locked = is_locked(account.passwd)
    if record is not None:
        clear, unlock = record.added & account.gid, record.locked and locked
    else:
        every = account.gid & flags.SERVICES == flags.SERVICES
        clear, unlock = flags.SERVICES if every else 0, locked
    return Switch(
        account.name.lower(),
        account.gid,
        locked,
        clear_flags=clear,
        lock=False if unlock else None,
        aside=False,
    )


def enable_account(*, actor: Actor, domain: str, name: str, expected: Seen | None = None) -> Saved:
    """Enable an account as it was before. Nothing is done where it is not disabled. Raises VpopmailError."""
    domain = real_name(domain)
    account = find_account(domain, name)
    record = record_of(account)
    check_may_enable(actor, account, record)
    _check_seen(account, expected)
    if not may_be_enabled(account):
        return Saved(account=account)
    step = enabling(account, record)
    changes: dict[str, Any] = {}
    if step.clear_flags:
        changes["flags"] = [account.gid, account.gid & ~step.clear_flags]
    if step.lock is False:
        changes["signing_in"] = "unlocked"
    outcome = perform(
        actor,
        "enable_account",
        account.address,
        lambda entry: get_engine().switch_accounts(domain, [step], entry=entry),
        domain=domain,
        changes=changes,
        command=command_line("enable_account", [], account.address),
        warnings=_clear_password_note(domain, step),
    )
    Disabled.objects.filter(domain=domain, name=account.name.lower()).delete()
    return saved(outcome, domain, account.name)


def check_may_enable(actor: Actor, account: Account, record: Disabled | None) -> None:
    """Raises Refused unless the person may enable this account."""
    gate.change(actor, account)
    gate.change_flags(actor, account, 0, flags.SERVICES | flags.BOUNCE_MAIL)
    if record is None:
        return
    if record.above and gate.is_bound(actor):
        raise Refused(
            _("An administrator of the server disabled %(address)s, and an administrator enables it again.")
            % {"address": account.address}
        )
    if record.with_domain and DisabledDomain.objects.filter(domain=account.domain).exists():
        raise Refused(
            _("%(domain)s is disabled as a whole: its accounts are enabled with it.")
            % {"domain": account.domain}
        )


def _clear_password_note(domain: str, step: Switch) -> list[str]:
    if step.lock is None or not schema().clear_passwords_in(domain):
        return []
    return [
        _(
            "If there was a clear password, it was emptied when the account was disabled: CRAM-MD5 and APOP"
            " work again once a new password is set."
        )
    ]

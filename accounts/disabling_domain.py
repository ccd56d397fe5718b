"""Disabling a whole domain, some hundred accounts at a time, and enabling it again just as it was.

The domain's limits close the four services, for accounts that are added meanwhile, and every account that
is not disabled already is disabled like a single one. How far it came is in models.DisabledDomain: stopped at
any point, it goes on from there when asked again.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import gate
from accounts.disabling import KEEP, check_choice, disabling, enabling, keep_records, stands
from accounts.models import Disabled, DisabledDomain
from audit.change import command_line
from audit.log import Actor, audit, name_of
from audit.models import Entry
from vpopmail import limits, rules, underway
from vpopmail.engines import get_engine
from vpopmail.engines.base import Changed, NotFound, Outcome, Refused, Switch, VpopmailError
from vpopmail.listing import AccountPage, account_page
from vpopmail.locked import is_wholly_disabled
from vpopmail.models import Account, accounts_of

CHUNK = 500  # accounts of one transaction
TRIES = 3  # of a chunk whose accounts others change meanwhile
CLOSING = ("disable_pop", "disable_imap", "disable_webmail", "disable_smtp")
State = DisabledDomain.State


@dataclass(frozen=True, slots=True)
class Done(Outcome):
    """`accounts` were changed by this call; `complete` is False when its time was up before the last one."""

    accounts: int = 0
    complete: bool = True


def record_of(domain: str) -> DisabledDomain | None:
    """How far a real domain is disabled; None where it is not."""
    return DisabledDomain.objects.filter(domain=domain).first()


def disable_domain(
    *, actor: Actor, domain: str, mail: str = KEEP, reason: str = "", seconds: float | None = None
) -> Done:
    """Disable a domain, or go on where that was stopped; `mail` and `reason` as for an account.

    After `seconds` no further chunk is begun. Nothing is done where it is disabled already. Raises
    VpopmailError; what was done until then stays.
    """
    domain = rules.real_domain(domain).name
    check_may_switch(actor)
    check_choice(mail, reason)
    found = record_of(domain)
    if found is not None and found.state == State.ENABLING:
        raise Refused(_("%(domain)s is being enabled: that has to be finished first.") % {"domain": domain})
    if found is not None and found.state == State.DISABLED:
        return Done()
    record = found or _new_record(actor, domain, mail, reason)
    options = [("--mail", record.mail)] + ([("--reason", record.reason)] if record.reason else [])
    changes: dict[str, object] = {
        "new_mail": record.mail,
        **({"reason": record.reason} if record.reason else {}),
    }
    with _entry(actor, "disable_domain", domain, options, changes) as run:
        record.save()
        _close(record, run.entry.key)
        for page in _pages(record):
            run.outcome += _disable(actor, record, page.rows, run)
            if page.next_after and run.is_over(seconds):
                return run.done(False)
        record.state, record.after = State.DISABLED, ""
        record.save()
        return run.done(True)


def enable_domain(*, actor: Actor, domain: str, seconds: float | None = None) -> Done:
    """Enable a domain again, or go on with it; accounts that were disabled by themselves stay so. Raises
    VpopmailError."""
    domain = rules.real_domain(domain).name
    check_may_switch(actor)
    record = record_of(domain)
    if record is None:
        return Done()
    with _entry(actor, "enable_domain", domain, [], {}) as run:
        record.state = State.ENABLING
        record.save(update_fields=["state"])
        while rows := list(_of_domain(domain)[:CHUNK]):
            run.outcome += _enable(domain, rows, run)
            if run.is_over(seconds) and _of_domain(domain).exists():
                return run.done(False)
        _open(record, run.entry.key)
        record.delete()
        return run.done(True)


def check_may_switch(actor: Actor) -> None:
    """Raises Refused for whom the domain's limits bind."""
    if gate.is_bound(actor):
        raise Refused(_("Only an administrator of the server disables a domain, and enables it again."))


class _Run:
    """One call: its entry in the journal, what was done under it, and since when."""

    def __init__(self, entry: Entry) -> None:
        self.entry, self.outcome, self.changed = entry, Outcome(), 0
        self.begun = time.monotonic()

    def is_over(self, seconds: float | None) -> bool:
        return seconds is not None and time.monotonic() - self.begun >= seconds

    def count(self, accounts: int, domain: str) -> None:
        """A chunk is done: should the process die, recovery need not look at it again."""
        self.changed += accounts
        self.entry.changes["accounts"] = self.changed
        underway.restart(self.entry.key)
        underway.note(self.entry.key, "part", domain=domain)

    def done(self, complete: bool) -> Done:
        self.entry.warnings = list(self.outcome.warnings)
        return Done(self.outcome.warnings, None, "", self.changed, complete)


@contextmanager
def _entry(
    actor: Actor, action: str, domain: str, options: Sequence[tuple[str, str]], changes: dict[str, object]
) -> Iterator[_Run]:
    line = command_line(action, options, domain)
    with audit(actor, action, domain, domain=domain, changes=changes, command=line) as entry:
        run = _Run(entry)
        underway.note(entry.key, "part", domain=domain)
        try:
            yield run
        except VpopmailError as error:
            raise type(error)(f"{error.message} {_so_far(run.changed)}", field=error.field) from error


def _so_far(accounts: int) -> str:
    return ngettext(
        "%(n)d account was changed before; doing it again goes on from there.",
        "%(n)d accounts were changed before; doing it again goes on from there.",
        accounts,
    ) % {"n": accounts}


# --- disabling ---


def _new_record(actor: Actor, domain: str, mail: str, reason: str) -> DisabledDomain:
    """With the limits that will change, as they are now."""
    now, present = limits.read(domain), limits.columns()
    return DisabledDomain(
        domain=domain,
        state=State.DISABLING,
        limits={column: now.values[column] for column in CLOSING if column in present},
        own=now.own,
        mail=mail,
        reason=reason,
        by=name_of(actor),
    )


def _close(record: DisabledDomain, key: str) -> None:
    """Close the services by the domain's limits; nothing is written where they are closed."""
    now = limits.read(record.domain)
    new = {column: 1 for column in record.limits if not now.values[column]}
    if new:
        expected = {column: now.values[column] for column in new}
        get_engine().vmoddomlimits(record.domain, new, expected=expected, entry=key)


def _pages(record: DisabledDomain) -> Iterator[AccountPage]:
    """The accounts of the domain by name, behind the last one that was come to."""
    while True:
        page = account_page(record.domain, after=record.after, limit=CHUNK)
        yield page
        if not page.next_after:
            return


def _disable(actor: Actor, record: DisabledDomain, page: Sequence[Account], run: _Run) -> Outcome:
    """Disable those of a page that are not disabled yet, and note how far it came."""
    names, outcome = [account.name for account in page], Outcome()
    for attempt in range(TRIES):
        accounts = [account for account in page if not is_wholly_disabled(account)]
        steps = [disabling(account, record.mail) for account in accounts]
        try:
            if steps:
                keep_records(record.domain, _records(actor, record, accounts, steps))
                outcome = get_engine().switch_accounts(record.domain, steps, entry=run.entry.key)
        except (Changed, NotFound):
            if attempt == TRIES - 1:
                raise
            page = list(accounts_of(record.domain).filter(name__in=names))
        else:
            break
    record.after = names[-1] if names else record.after
    record.done += len(steps)
    record.save(update_fields=["after", "done"])
    run.count(len(steps), record.domain)
    return outcome


def _records(
    actor: Actor, record: DisabledDomain, accounts: Sequence[Account], steps: Sequence[Switch]
) -> list[Disabled]:
    """One for each account; one that somebody has disabled by itself, in part, stays so afterwards."""
    names = [step.name for step in steps]
    former = {row.name: row for row in Disabled.objects.filter(domain=record.domain, name__in=names)}
    made = []
    for account, step in zip(accounts, steps, strict=True):
        row = former.get(step.name)
        if row is None or not stands(row, account):
            row = Disabled(added=0, locked=False, with_domain=True)
        made.append(
            Disabled(
                domain=record.domain,
                name=step.name,
                added=row.added | step.set_flags,
                locked=row.locked or bool(step.lock),
                mail=record.mail,
                reason=record.reason,
                with_domain=row.with_domain,
                by=name_of(actor),
            )
        )
    return made


# --- enabling ---


def _of_domain(domain: str) -> QuerySet[Disabled]:
    return Disabled.objects.filter(domain=domain, with_domain=True).order_by("name")


def _enable(domain: str, rows: Sequence[Disabled], run: _Run) -> Outcome:
    """Enable the accounts of these rows as far as they still stand, and drop the rows."""
    by_name = {row.name: row for row in rows}
    for attempt in range(TRIES):
        accounts = list(accounts_of(domain).filter(name__in=list(by_name)))
        standing = [account for account in accounts if stands(by_name[account.name.lower()], account)]
        steps = [enabling(account, by_name[account.name.lower()]) for account in standing]
        try:
            outcome = get_engine().switch_accounts(domain, steps, entry=run.entry.key) if steps else Outcome()
        except (Changed, NotFound):
            if attempt == TRIES - 1:
                raise
        else:
            break
    with transaction.atomic():
        Disabled.objects.filter(domain=domain, name__in=list(by_name), with_domain=True).delete()
    run.count(len(steps), domain)
    return outcome


def _open(record: DisabledDomain, key: str) -> None:
    """Give the limits back what they were; what somebody else changed meanwhile stays."""
    now = limits.read(record.domain)
    if not now.own:
        return
    if not record.own and _is_only_ours(record, now):
        get_engine().vdellimits(record.domain, expected=now.values, entry=key)
        return
    back = {column: value for column, value in record.limits.items() if now.values[column] == 1 != value}
    if back:
        get_engine().vmoddomlimits(record.domain, back, expected=dict.fromkeys(back, 1), entry=key)


def _is_only_ours(record: DisabledDomain, now: limits.DomainLimits) -> bool:
    """Do the limits differ from the defaults by what disabling closed alone?"""
    default = limits.default(record.domain).values
    return all(
        now.values[column] == (1 if column in record.limits else default[column])
        for column in limits.columns()
    )

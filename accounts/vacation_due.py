"""What a timer does for vacations: lines put in on the first day, and taken out after the last one.

Never more than what was planned: a line that somebody took out stays out, and a message that somebody else
wrote meanwhile is not overwritten; then the account's page says what is in the way.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import vacation_services as services
from accounts import vacations
from accounts.models import Vacation
from accounts.vacation_state import Standing, standing_of
from accounts.vacations import State
from audit.change import command_line, perform
from vpopmail import locked
from vpopmail.assigned import domains
from vpopmail.engines.base import Changed, VpopmailError
from vpopmail.models import Account, accounts_of, find_account
from vpopmail.rules import real_domain
from vpopmail.schema import schema


@dataclass(frozen=True, slots=True)
class Step:
    """What was done for one account, in a sentence; `failed` when it could not be."""

    address: str
    said: str
    failed: bool = False


def run(now: datetime | None = None) -> Iterator[Step]:
    """Do what is due; one account's trouble holds up no other."""
    now = now or timezone.now()
    follow_accounts(now)
    for row in Vacation.objects.filter(due_at__lte=now, gone_at=None).order_by("due_at", "pk"):
        address = f"{row.name}@{row.domain}"
        try:
            account = _account(row)
            if account is not None and not _waits(row, account):
                yield Step(address, _step(row, standing_of(account), now))
        except VpopmailError as error:
            row.problem = error.message[:500]
            row.save(update_fields=["problem"])
            yield Step(address, error.message, failed=True)


def _waits(row: Vacation, account: Account) -> bool:
    """While an account is disabled its lines lie aside: they are seen to when it is enabled again."""
    if not locked.is_wholly_disabled(account):
        return False
    waits = _("The account is disabled: its first or last day is seen to when it is enabled again.")
    if row.problem != waits:
        row.problem = waits
        row.save(update_fields=["problem"])
    return True


def _account(row: Vacation) -> Account | None:
    return find_account(real_domain(row.domain).name, row.name)


def follow_accounts(now: datetime) -> None:
    """Days of accounts that are gone wait, in case they come back from the trash; days of those that another
    program made anew go, and after a long time all do."""
    for domain in Vacation.objects.order_by("domain").values_list("domain", flat=True).distinct():
        rows = Vacation.objects.filter(domain=domain)
        there = _there(domain, list(rows.values_list("name", flat=True)))
        if there is not None:
            rows.filter(gone_at__isnull=False, name__in=there).delete()
            rows.filter(gone_at=None).exclude(name__in=there).update(gone_at=now)
    Vacation.objects.filter(gone_at__lt=now - vacations.FORGOTTEN).delete()


def _there(domain: str, names: list[str]) -> list[str] | None:
    """Those that are accounts; None while that cannot be known."""
    real = domains().get(domain)
    if real is None or real.is_alias:
        return []
    if not schema().has_table(schema().user_table(domain)):
        return None
    return list(accounts_of(domain).filter(name__in=names).values_list("name", flat=True))


def _step(row: Vacation, standing: Standing, now: datetime) -> str:
    if row.state == State.PLANNED:
        return _begin(row, standing, now)
    if not standing.answer.is_on:
        _close(row)
        return _("somebody has switched the answer off before its last day")
    standing.check_editable()
    _perform(standing, "off", lambda entry: services.take_out(standing, row, entry))
    return _("no longer answers")


def _begin(row: Vacation, standing: Standing, now: datetime) -> str:
    if row.last_day and row.last_day < vacations.today_in(row.time_zone, now):
        _close(row)
        row.problem = _("The timer did not run from the first to the last day, so nothing was answered.")
        row.save(update_fields=["problem"])
        return row.problem
    standing.check_editable()
    _check_untouched(row, standing)
    _perform(standing, "on", lambda entry: services.put_in(standing, row, entry))
    return _("answers from today")


def _check_untouched(row: Vacation, standing: Standing) -> None:
    """Raises Changed when somebody else has written an answer since this one was planned."""
    there = standing.answer.message
    ours = there.answer is not None and (there.answer.subject, there.answer.text) == (row.subject, row.text)
    if not ours and vacations.digest(there.data) != row.seen:
        raise Changed(
            _("Somebody else has written an answer since this one was planned; it was not overwritten.")
        )


def _perform(standing: Standing, state: str, change: services.Change) -> None:
    perform(
        None,
        "vacation",
        standing.account.address,
        change,
        domain=standing.account.domain,
        changes={"vacation": [standing.state, state]},
        command=command_line("vacations_due", []),
    )


def _close(row: Vacation) -> None:
    row.first_day = row.last_day = None
    services.save(row, State.OVER)

"""Answering for an account while its owner is away: one entry of the journal for each change."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import gate, vacations
from accounts.account_services import find_account, real_name
from accounts.models import Vacation
from accounts.vacation_state import FIELDS, Standing, Wanted, standing_of
from accounts.vacations import State
from audit.change import command_line, perform
from audit.log import Actor
from mailhost import answers as files
from mailhost.answers import Answer, BadAnswer
from vpopmail import answers, forwarding
from vpopmail.engines import get_engine
from vpopmail.engines.base import AnswerChange, Changed, Outcome, Refused, VpopmailError
from vpopmail.mailboxes import box_of
from vpopmail.models import Account

CHANGE_VACATION = "vpopmail.change_vacation"
Change = Callable[[str], Outcome]  # what is done under an entry of the journal


def set_vacation(
    *, actor: Actor, domain: str, name: str, wanted: Wanted, expected: str | None = None
) -> Outcome:
    """Answer for an account: from now on, or from the first day. Nothing is written, and no entry made, when
    it is so already.

    `expected` is the token that the person saw: Changed is raised when it no longer holds. Raises
    VpopmailError.
    """
    account = find_account(real_name(domain), name)
    gate.change(actor, account)
    now = standing_of(account)
    if not now.program:
        answers.check_program()
    now.check_editable()
    wanted = _checked(wanted, now)
    if expected is not None and expected != now.token:
        raise changed(account)
    later = _is_later(wanted)
    if _stands(now, wanted, later):
        return Outcome()
    return perform(
        actor,
        "vacation",
        account.address,
        step_to(now, wanted),
        domain=account.domain,
        changes=_changes(now, wanted, "planned" if later else "on"),
        command=line_for(account, wanted),
    )


def end_vacation(*, actor: Actor, domain: str, name: str, expected: str | None = None) -> Outcome:
    """Stop answering, or plan to answer no more. What was said is kept for the next time."""
    account = find_account(real_name(domain), name)
    gate.change(actor, account)
    now = standing_of(account)
    if now.state == "off" and not now.answer.message.exists:
        return Outcome()
    now.check_editable()
    if expected is not None and expected != now.token:
        raise changed(account)
    return perform(
        actor,
        "vacation",
        account.address,
        step_to(now, None),
        domain=account.domain,
        changes={"vacation": [now.state, "off"], **_ended(now)},
        command=command_line("vacation", ["--off"], account.address),
    )


def step_to(now: Standing, wanted: Wanted | None) -> Change:
    """What brings an account's answer there, under an entry of the journal; None: it answers no more. Raises
    Refused for days that make no sense."""
    if wanted is None:
        last = _row(now, Wanted(now.texts.subject, now.texts.text, time_zone=now.time_zone))
        return lambda entry: _keep(last, lambda: take_out(now, last, entry))
    vacations.check_days(wanted.first_day, wanted.last_day, wanted.time_zone)
    row, step = _row(now, wanted), plan_in if _is_later(wanted) else put_in
    row.seen = vacations.digest("" if now.answer.is_on else now.answer.message.data)
    return lambda entry: _keep(row, lambda: step(now, row, entry))


def changed(account: Account) -> Changed:
    return Changed(
        _("The answer of %(address)s was changed by somebody else meanwhile. Nothing was overwritten.")
        % {"address": account.address}
    )


def _checked(wanted: Wanted, now: Standing) -> Wanted:
    zone = wanted.time_zone or now.time_zone
    vacations.zone_of(zone)
    try:
        answer = files.checked(Answer(wanted.subject, wanted.text))
    except BadAnswer as error:
        raise Refused(str(error), field=error.field) from error
    return replace(wanted, subject=answer.subject, text=answer.text, time_zone=zone)


def _is_later(wanted: Wanted) -> bool:
    return bool(wanted.first_day and wanted.first_day > vacations.today_in(wanted.time_zone))


def _stands(now: Standing, wanted: Wanted, later: bool) -> bool:
    """Is all of it so already?"""
    if now.state != ("planned" if later else "on"):
        return False
    same = (now.texts.subject, now.texts.text) == (wanted.subject, wanted.text)
    days = (now.first_day, now.last_day) == (wanted.first_day, wanted.last_day)
    zone = now.time_zone == wanted.time_zone or not (wanted.first_day or wanted.last_day)
    return same and days and zone


def _changes(now: Standing, wanted: Wanted, state: str) -> dict[str, Any]:
    """What the journal says: before and after of whatever differs."""
    pairs = {
        "vacation": (now.state, state),
        "subject": (now.texts.subject, wanted.subject),
        "text": (now.texts.text, wanted.text),
        "first_day": (_iso(now.first_day), _iso(wanted.first_day)),
        "last_day": (_iso(now.last_day), _iso(wanted.last_day)),
    }
    found: dict[str, Any] = {key: [old or None, new] for key, (old, new) in pairs.items() if old != new}
    if wanted.first_day or wanted.last_day:
        found["time_zone"] = wanted.time_zone
    return found


def _ended(now: Standing) -> dict[str, Any]:
    days = {"first_day": now.first_day, "last_day": now.last_day}
    return {name: [_iso(day), None] for name, day in days.items() if day}


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _row(now: Standing, wanted: Wanted) -> Vacation:
    """The row as it will be; not saved yet."""
    account = now.account
    row = Vacation.objects.filter(domain=account.domain, name=account.name).first()
    row = row or Vacation(domain=account.domain, name=account.name)
    for field in FIELDS:
        setattr(row, field, getattr(wanted, field))
    row.problem, row.gone_at, row.changed_at = "", None, timezone.now()
    return row


def _keep(row: Vacation, change: Callable[[], Outcome]) -> Outcome:
    """Run the change; when it fails the row is as it was."""
    former = Vacation.objects.filter(pk=row.pk).first() if row.pk else None
    try:
        return change()
    except VpopmailError:
        if former is not None:
            former.save()
        elif row.pk:
            row.delete()
        raise


# --- the three steps, each under an entry of the journal ---


def plan_in(now: Standing, row: Vacation, entry: str) -> Outcome:
    """Nothing is answered until the first day."""
    outcome = _end_line(now, entry) if now.answer.is_on else Outcome()
    save(row, State.PLANNED)
    return outcome


def put_in(now: Standing, row: Vacation, entry: str) -> Outcome:
    """Write the message and have it sent. Stopped in the middle, the timer does it again."""
    save(row, State.PLANNED, due=timezone.now())
    there = now.answer.message
    if files.program_of(now.answer.line) not in ("", now.program.name):
        box = box_of(now.account) or {"hash": ""}
        there = answers.read_message(now.account.domain, now.account.name, box["hash"], now.program.name)
    former = there.answer or Answer("", "")
    answer = Answer(row.subject, row.text, former.sender or now.account.address, former.more)
    line = files.vacation_line(now.program.path, now.account.dir)
    lines = forwarding.compose(now.answer.forwarding, vacation=line)
    change = AnswerChange(
        now.program.name,
        answers.file_of(answer, now.program.name),
        there.fingerprint,
        None if lines == now.answer.forwarding.lines else lines,
        now.answer.forwarding.fingerprint,
    )
    outcome = get_engine().vacation(now.account.domain, now.account.name, change, entry=entry)
    save(row, State.ON)
    return outcome


def take_out(now: Standing, row: Vacation, entry: str) -> Outcome:
    """Answer no more."""
    outcome = _end_line(now, entry) if now.answer.is_on or now.answer.message.exists else Outcome()
    row.first_day = row.last_day = None
    save(row, State.OVER)
    return outcome


def _end_line(now: Standing, entry: str) -> Outcome:
    lines = forwarding.compose(now.answer.forwarding, vacation="")
    change = AnswerChange(
        files.program_of(now.answer.line) or now.program.name,
        None,
        now.answer.message.fingerprint,
        lines if now.answer.is_on else None,
        now.answer.forwarding.fingerprint,
    )
    return get_engine().vacation(now.account.domain, now.account.name, change, entry=entry)


def save(row: Vacation, state: State, due: datetime | None = None) -> None:
    row.state, row.problem = state, ""
    vacations.set_due(row)
    row.due_at = due or row.due_at
    row.save()


def line_for(account: Account, wanted: Wanted) -> str:
    """The command line that does the same; the text is read from standard input."""
    options: list[str | tuple[str, str]] = [("--subject", wanted.subject)]
    for option, day in (("--first", wanted.first_day), ("--last", wanted.last_day)):
        if day:
            options.append((option, day.isoformat()))
    if wanted.first_day or wanted.last_day:
        options.append(("--zone", wanted.time_zone))
    return command_line("vacation", options, account.address)

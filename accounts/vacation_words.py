"""What an account's automatic answer is at, for people."""

from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts import vacations
from accounts.vacation_services import CHANGE_VACATION
from accounts.vacation_state import Standing, standing_of
from mailhost import answers
from vpopmail.answers import Program
from vpopmail.engines.base import Refused, VpopmailError
from vpopmail.models import Account
from web.access import may


@dataclass(frozen=True, slots=True)
class Shown:
    """As pages show it. `state` is on, planned or off; `warnings` say what is in the way; `possible`: this
    server can answer, or does."""

    state: str
    sentence: str
    subject: str
    warnings: tuple[str, ...]
    editable: bool
    possible: bool


def of(user: AbstractBaseUser | AnonymousUser, account: Account) -> Shown | None:
    """For the page of an account; None where the mail host does not answer: the rest of the page stands."""
    try:
        return shown(user, standing_of(account))
    except VpopmailError:
        return None


def shown(user: AbstractBaseUser | AnonymousUser, now: Standing) -> Shown:
    return Shown(
        now.state,
        sentence(now),
        now.texts.subject if now.state != "off" else "",
        tuple(warnings_of(now)),
        _is_editable(now) and may(user, CHANGE_VACATION, now.account),
        bool(now.program) or now.state != "off",
    )


def _is_editable(now: Standing) -> bool:
    try:
        now.check_editable()
    except Refused:
        return False
    return True


def sentence(now: Standing) -> str:
    """On, planned or off, and until when."""
    first, last = (day and date_format(day, "DATE_FORMAT") for day in (now.first_day, now.last_day))
    days = {"first": first, "last": last}
    if now.state == "planned" and first and last:
        return _("Mail will be answered from %(first)s to %(last)s.") % days
    if now.state == "planned":
        return _("Mail will be answered from %(first)s on.") % days if first else _("Mail will be answered.")
    if now.state == "on":
        if last:
            return _("Mail is answered, to the end of %(last)s.") % days
        return _("Mail is answered until somebody switches it off.")
    return _("Mail is not answered.")


def warnings_of(now: Standing) -> list[str]:
    """What is in the way, in sentences."""
    found = []
    try:
        now.check_editable()
    except Refused as error:
        found.append(error.message)
    if vacations.is_late(now.row):
        found.append(
            _("The timer that begins and ends answers is late: an administrator has to look after it.")
        )
    if now.row and now.row.problem:
        found.append(now.row.problem)
    if now.answer.is_on and not now.answer.message.exists:
        found.append(_("The text of the answer is missing, so that mail cannot be delivered. Save it again."))
    return found


def hint_of(program: Program, robot: bool = False) -> str:
    """What the program that is installed here makes of the subject and the text."""
    if program.name == answers.QMAIL_AUTORESPONDER:
        return _("Each sender gets at most one answer an hour; lists, bulk mail and bounces get none.")
    often = _("five answers in three hours") if robot else _("three answers a day")
    return _(
        "Each sender gets at most %(often)s; lists, bulk mail and bounces get none. Many versions of "
        "autorespond send the subject of the mail that they answer, and put this one on top of the text."
    ) % {"often": often}

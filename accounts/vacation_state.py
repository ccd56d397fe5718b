"""What there is of an account's answer, and what a person asks for."""

import hashlib
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.utils.translation import gettext as _

from accounts import vacations
from accounts.models import Vacation
from accounts.vacations import State
from mailhost.answers import Answer
from vpopmail import answers, locked
from vpopmail.engines.base import Refused
from vpopmail.models import Account

FIELDS = ("subject", "text", "first_day", "last_day", "time_zone")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person asks for. Without a first day it begins now, without a last one it is switched off by
    hand."""

    subject: str
    text: str
    first_day: date | None = None
    last_day: date | None = None
    time_zone: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What there is: the answer on the mail host, and what the panel keeps beside it."""

    account: Account
    program: answers.Program
    answer: answers.Vacation
    row: Vacation | None

    @property
    def state(self) -> str:
        """on, planned, or off: what holds. The line of `.qmail` decides, not what the panel believes."""
        if self.answer.is_on:
            return "on"
        return "planned" if self.row and self.row.state == State.PLANNED else "off"

    @property
    def last_day(self) -> date | None:
        return self.row.last_day if self.row and self.state != "off" else None

    @property
    def first_day(self) -> date | None:
        return self.row.first_day if self.row and self.state != "off" else None

    @property
    def time_zone(self) -> str:
        return self.row.time_zone if self.row else settings.TIME_ZONE

    @property
    def texts(self) -> Answer:
        """What is sent or will be; else what was sent last."""
        there = self.answer.message.answer
        if there is not None and (self.state == "on" or self.row is None):
            return there
        return Answer(self.row.subject, self.row.text) if self.row else Answer("", "")

    @property
    def token(self) -> str:
        """Tells this state from another: a form carries it, so that the second of two writers is told."""
        kept = [self.state, *(str(getattr(self.row, field)) for field in FIELDS)] if self.row else []
        return hashlib.sha256("\n".join([self.answer.state, *kept]).encode("utf-8", "replace")).hexdigest()

    def check_editable(self) -> None:
        """Raises Refused for what the panel may not read or would spoil."""
        if locked.is_wholly_disabled(self.account):  # its own `.qmail` waits aside
            raise Refused(_("The account is disabled; what it answers is changed when it is enabled again."))
        if self.answer.forwarding.elsewhere:
            raise Refused(_("The mailbox lies elsewhere, so this panel leaves its files alone."))
        if not self.answer.forwarding.readable or not self.answer.message.readable:
            raise Refused(_("The panel may not read the files of this answer, so it leaves them alone."))
        if not self.answer.message.is_understood:
            raise Refused(_("The present answer is more than plain text, so this panel leaves it alone."))


def standing_of(account: Account) -> Standing:
    """Raises Unavailable when the mail host cannot be asked."""
    program = answers.program()
    return Standing(account, program, answers.vacation_of(account, program), vacations.row_of(account))

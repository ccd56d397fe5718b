"""`manage.py vacation`: what an account answers while its owner is away; without options it is shown."""

import sys
from datetime import date
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from accounts import services, vacation_words
from accounts.vacation_services import end_vacation, set_vacation
from accounts.vacation_state import Standing, Wanted, standing_of
from audit.arguments import address_parts
from audit.command import Program
from mailhost import answers
from vpopmail.engines.base import Outcome, Refused


class Command(Program):
    help = "Answer mail for an account while its owner is away; the text is read from standard input."

    def add_options(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--subject", metavar="TEXT", help="answer with this subject")
        what.add_argument("--off", action="store_true", help="answer no more")
        parser.add_argument("--first", metavar="DAY", help="first day, like 2027-03-31; else from now on")
        parser.add_argument("--last", metavar="DAY", help="last day; else until it is switched off")
        parser.add_argument("--zone", metavar="NAME", default="", help="time zone of these, like Europe/Rome")
        parser.add_argument("target", metavar="ADDRESS")

    def act(self, options: dict[str, Any]) -> Outcome | None:
        name, domain = address_parts(options["target"])
        domain = services.real_name(domain)
        self.data["address"] = f"{name}@{domain}"
        where: dict[str, Any] = {"actor": None, "domain": domain, "name": name}
        if options["off"]:
            return end_vacation(**where)
        if options["subject"] is None:
            self._show(standing_of(services.find_account(domain, name)))
            return None
        first, last = (_day(options[name], f"{name}_day") for name in ("first", "last"))
        wanted = Wanted(options["subject"], _text(), first, last, options["zone"])
        return set_vacation(**where, wanted=wanted)

    def _show(self, now: Standing) -> None:
        self.say(vacation_words.sentence(now))
        for warning in vacation_words.warnings_of(now):
            self.stderr.write(warning)
        self.data |= {"state": now.state, "program": now.program.path}
        if now.state != "off":
            self.say(_("Subject: %(subject)s") % {"subject": now.texts.subject})
            self.say(f"\n{now.texts.text}")
            days = {"first_day": now.first_day, "last_day": now.last_day}
            self.data |= {key: day.isoformat() if day else None for key, day in days.items()}
            texts = {"subject": now.texts.subject, "text": now.texts.text, "time_zone": now.time_zone}
            self.data |= texts


def _text() -> str:
    """All of standard input; what is too long need not be read to its end."""
    return sys.stdin.read(4 * answers.LONGEST_TEXT)


def _day(text: str | None, field: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Refused(_("%(text)s is no day; 2027-03-31 is one.") % {"text": text}, field=field) from error

"""`manage.py vacations_due`: put in the answers whose first day has come, take out those whose last day is
over."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from accounts import vacation_due
from audit.command import Program
from vpopmail.engines.base import Refused


class Command(Program):
    help = (
        "Begin and end automatic answers whose day has come; says which. A timer runs it every few minutes."
    )

    def add_options(self, parser: CommandParser) -> None:
        pass

    def act(self, options: dict[str, Any]) -> None:
        self.data["accounts"], failed = [], 0
        for step in vacation_due.run():
            self.say(f"{step.address}: {step.said}")
            self.data["accounts"].append({"address": step.address, "said": step.said, "ok": not step.failed})
            failed += step.failed
        if failed:
            raise Refused(_("%(n)d of them could not be done; their pages say why.") % {"n": failed})

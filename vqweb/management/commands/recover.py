"""`manage.py recover`: settle changes whose process ended before they did."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from audit.command import Program
from vpopmail.engines.base import Incomplete
from vqweb.recover import WAITING, recover


class Command(Program):
    help = "Settle changes that were interrupted, and say entry by entry what was found and done."

    def add_options(self, parser: CommandParser) -> None:
        pass

    def act(self, options: dict[str, Any]) -> None:
        reports = []
        for report in recover():
            reports.append(report)
            what = f"{report.key} {report.action} {report.target}"
            self.say(f"{what}: {report.state}. {_text(report.sentences)}")
        self.data["entries"] = [
            {"key": r.key, "action": r.action, "target": r.target, "state": r.state, "report": r.sentences}
            for r in reports
        ]
        waiting = [report.target for report in reports if report.state == WAITING]
        if waiting:
            raise Incomplete(_("Not settled yet: %(targets)s.") % {"targets": ", ".join(waiting)})


def _text(sentences: tuple[str, ...]) -> str:
    return " ".join(sentences)

"""`manage.py doctor`: find what tables, files and qmail disagree about, and repair it.

Exit status 0: nothing found, or everything repaired; 1: findings; others as with all commands: it could not
look.
"""

import json
import sys
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.command import REFUSED, Failure, Program
from server import doctor, doctor_report, doctor_services
from server.findings import Finding
from vpopmail.engines.base import NotFound, Outcome, Refused, Unavailable, VpopmailError

WIDTH = 40  # characters of the progress bar


class Command(Program):
    help = "Find what tables, files and qmail disagree about. Exit status 0: nothing, 1: findings."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--repair",
            action="append",
            default=[],
            metavar="safe|ID",
            help="repair all safe findings, or the one of that id; may be repeated",
        )
        parser.add_argument("--resume", action="store_true", help="go on where the last one was interrupted")

    def act(self, options: dict[str, Any]) -> Outcome | None:
        wanted = [key for key in options["repair"] if key != "safe"]
        self.failures: list[str] = []
        self.warnings: list[str] = []
        if wanted and "safe" not in options["repair"]:
            for key in wanted:
                self._repair_one(key)
            return self._end(0)
        self.safe, self.wanted = "safe" in options["repair"], set(wanted)
        try:
            report = doctor_report.run(resume=options["resume"], progress=self._bar, each=self._each)
        except Refused as error:  # whose exit status would say that something was found
            raise Unavailable(error.message) from error
        self._clear_bar()
        self.data |= {"findings": report.findings, "total": report.total, "kinds": report.kinds}
        self.data["sampled"] = report.sampled
        if report.sampled:
            told = ngettext(
                "The mail of %(n)d mailbox was counted, as a sample.",
                "The mail of %(n)d mailboxes was counted, as a sample.",
                report.sampled,
            )
            self.say(told % {"n": report.sampled})
        return self._end(report.total)

    def _repair_one(self, key: str) -> None:
        finding = doctor.find(key)
        if finding is None:
            raise NotFound(_("There is no finding %(key)s (any more).") % {"key": key})
        self.warnings += doctor_services.repair(actor=None, finding=finding).warnings
        self.say(_("Repaired: %(text)s") % {"text": finding.text})

    def _each(self, finding: Finding) -> bool:
        """Show a finding and repair it when that was asked for; does it still stand?"""
        self._clear_bar()
        self.say(f"{finding.key}\n  {finding.text}")
        if finding.evidence:
            self.say(f"  {finding.evidence}")
        if (self.safe and finding.safe) or finding.key in self.wanted:
            try:
                self.warnings += doctor_services.repair(actor=None, finding=finding).warnings
            except VpopmailError as error:
                self.failures.append(f"{finding.key}: {error.message}")
                return True
            self.say("  " + _("Repaired."))
            return False
        if finding.plan:
            label = _("Repair (safe)") if finding.safe else _("Repair") if finding.repair else _("By hand")
            self.say(f"  {label}: {finding.plan}")
        return True

    def _end(self, total: int) -> Outcome | None:
        warnings = tuple(dict.fromkeys(self.warnings))
        if not total and not self.failures:
            return Outcome(warnings=warnings)
        self.data |= {"failures": self.failures}
        if self.as_json:
            self.stdout.write(json.dumps({**self.data, "ok": True, "warnings": list(warnings)}))
        text = ngettext("%(count)d finding.", "%(count)d findings.", total) % {"count": total}
        raise Failure("\n".join([*self.failures, text]), returncode=REFUSED)

    # --- progress ---

    def _bar(self, step: doctor.Step) -> None:
        if not self.as_json and sys.stderr.isatty():
            filled = WIDTH * step.done // max(step.total, 1)
            self._clear_bar()
            self.stderr.write(f"[{'#' * filled:<{WIDTH}}] {step.done}/{step.total} {step.name}", ending="")
            self.stderr.flush()

    def _clear_bar(self) -> None:
        if not self.as_json and sys.stderr.isatty():
            self.stderr.write("\r\033[K", ending="")

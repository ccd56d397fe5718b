"""`manage.py account_reports`: prepare the report that pages about the accounts of all domains read."""

import sys
from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from accounts.overview.prepare import prepare
from audit.command import Program
from web.templatetags.panel import human_size

LONGEST = 86_400  # seconds


def _seconds(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or int(text) > LONGEST:
        raise ArgumentTypeError(_("a number of seconds, a day at most"))
    return int(text)


class Command(Program):
    help = "Look once at all accounts for the report that pages show: how full, last sign-in, what is closed."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--count",
            type=_seconds,
            default=0,
            metavar="SECONDS",
            help="count mailboxes whose maildirsize tells nothing, for so long in all (0)",
        )

    def act(self, options: dict[str, Any]) -> None:
        report = prepare(seconds=float(options["count"]), progress=self._progress)
        self.data |= {
            "domains": report.domains,
            "accounts": report.accounts,
            "bytes": report.bytes,
            "messages": report.messages,
            "unknown": report.unknown,
            "counts": report.counts,
        }
        self.say(
            _("%(accounts)d accounts of %(domains)d domains hold %(size)s in %(messages)d messages.")
            % {
                "accounts": report.accounts,
                "domains": report.domains,
                "size": human_size(report.bytes),
                "messages": report.messages,
            }
        )
        if report.unknown:
            told = _("What %(n)d mailboxes hold is not known: they have no sound maildirsize.")
            self.say(told % {"n": report.unknown})
        for key, count in report.counts.items():
            self.say(f"{key}: {count}")

    def _progress(self, done: int, total: int, name: str) -> None:
        if not self.as_json and sys.stderr.isatty():
            self.stderr.write(f"\r\033[K{done}/{total} {name}", ending="")
            self.stderr.flush()

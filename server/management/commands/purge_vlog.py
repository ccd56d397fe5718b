"""`manage.py purge_vlog --older-than DAYS`: remove old entries from vpopmail's log of sign-ins."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import ngettext

from audit.command import Program
from server import sign_in_services


class Command(Program):
    help = "Remove old entries from vpopmail's log of sign-ins (table vlog), a few at a time."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--older-than", type=int, required=True, metavar="DAYS", help="entries older than so many days"
        )

    def act(self, options: dict[str, Any]) -> None:
        count = sign_in_services.purge_vlog(actor=None, days=options["older_than"])
        self.data["rows"] = count
        self.say(ngettext("%(n)d entry was removed.", "%(n)d entries were removed.", count) % {"n": count})

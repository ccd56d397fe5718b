"""`manage.py blank_vlog_passwords`: empty the clear passwords in vpopmail's log of sign-ins."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import ngettext

from audit.command import Program
from server import sign_in_services


class Command(Program):
    help = "Empty the clear passwords in vpopmail's log of sign-ins (table vlog), without reading them."

    def add_options(self, parser: CommandParser) -> None:
        """None of its own."""

    def act(self, options: dict[str, Any]) -> None:
        count = sign_in_services.blank_vlog_passwords(actor=None)
        self.data["rows"] = count
        self.say(
            ngettext(
                "The password of %(n)d entry was emptied.",
                "The passwords of %(n)d entries were emptied.",
                count,
            )
            % {"n": count}
        )

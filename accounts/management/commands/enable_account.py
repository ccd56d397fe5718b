"""`manage.py enable_account`: a disabled account is again what it was."""

from typing import Any

from django.core.management.base import CommandParser

from accounts import services
from audit.arguments import address_parts
from audit.command import Program
from vpopmail.engines.base import Outcome


class Command(Program):
    help = "Enable a disabled account again, exactly as it was before."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("address", metavar="ADDRESS")

    def act(self, options: dict[str, Any]) -> Outcome:
        name, domain = address_parts(options["address"])
        saved = services.enable_account(actor=None, domain=domain, name=name)
        self.data["address"] = saved.account.address if saved.account else options["address"]
        return saved

"""`manage.py disable_account`: nothing lets the account in until it is enabled again."""

from typing import Any

from django.core.management.base import CommandParser

from accounts import services
from accounts.disabling import KEEP, MAIL
from audit.arguments import address_parts
from audit.command import Program
from vpopmail.engines.base import Outcome


class Command(Program):
    help = "Disable an account: close its services, lock its password, end its sessions. Its mail stays."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--mail",
            choices=sorted(MAIL),
            default=KEEP,
            help="new mail: keep it in the mailbox (default), bounce it, or forward as before",
        )
        parser.add_argument("--reason", default="", help="one line for whoever looks at this later")
        parser.add_argument("address", metavar="ADDRESS")

    def act(self, options: dict[str, Any]) -> Outcome:
        name, domain = address_parts(options["address"])
        saved = services.disable_account(
            actor=None, domain=domain, name=name, mail=options["mail"], reason=options["reason"]
        )
        self.data["address"] = saved.account.address if saved.account else options["address"]
        return saved

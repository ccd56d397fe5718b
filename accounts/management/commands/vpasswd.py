"""`manage.py vpasswd`: set an account's password."""

from typing import Any

from django.core.management.base import CommandParser

from accounts import services
from audit.arguments import address_parts
from audit.command import NewPassword, add_random
from vpopmail.engines.base import Outcome


class Command(NewPassword):
    help = "Set a password, which is the first line of standard input."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument(
            "-e", "--hash", action="store_true", help="the first line of standard input is a ready hash"
        )
        add_random(parser)
        parser.add_argument("address")

    def act(self, options: dict[str, Any]) -> Outcome:
        name, domain = address_parts(options["address"])
        account = services.find_account(services.real_name(domain), name)
        self.data["address"] = account.address
        secret = self.secret(options, lambda: account)
        outcome = services.change_password(actor=None, domain=domain, name=name, **secret)
        self.tell_generated()
        return outcome

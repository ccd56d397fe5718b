"""`manage.py vdeluser`: delete an account."""

from typing import Any

from django.core.management.base import CommandParser

from accounts import services
from audit.arguments import address_parts
from audit.command import Program
from vpopmail.engines.base import Outcome


class Command(Program):
    help = "Delete an account. Its mail is kept for a while."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--aliases",
            choices=("keep", "delete"),
            default="keep",
            help="what happens to an alias of the same name (keep, and say so)",
        )
        parser.add_argument("address")

    def act(self, options: dict[str, Any]) -> Outcome:
        name, domain = address_parts(options["address"])
        self.data["address"] = f"{name}@{services.real_name(domain)}"
        return services.delete_account(actor=None, domain=domain, name=name, aliases=options["aliases"])

"""`manage.py vadduser`: add an account."""

from typing import Any

from django.core.management.base import CommandParser

from accounts import services
from audit.arguments import address_parts
from audit.command import NewPassword, add_random
from vpopmail import rules
from vpopmail.engines.base import Outcome


class Command(NewPassword):
    help = "Add an account. The password is the first line of standard input."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("-q", "--quota", default="", help="10MB, 2G, 10MB,500C, NOQUOTA")
        parser.add_argument("-c", "--gecos", default="", help="the display name")
        parser.add_argument(
            "-e", "--hash", action="store_true", help="the first line of standard input is a ready hash"
        )
        add_random(parser)
        parser.add_argument(
            "--beside-alias", action="store_true", help="also where an alias of that name takes the mail"
        )
        parser.add_argument(
            "--park-existing", action="store_true", help="move a directory of that name to the trash first"
        )
        parser.add_argument(
            "--keep-left",
            action="store_true",
            help="keep what an earlier account left under alias domains (it is removed otherwise)",
        )
        parser.add_argument("-n", "-s", action="store_true", dest="no_index", help="of no effect here")
        parser.add_argument("address")

    def act(self, options: dict[str, Any]) -> Outcome:
        name, domain = address_parts(options["address"])
        beside = options["beside_alias"]
        saved = services.add_account(
            actor=None,
            domain=domain,
            name=name,
            gecos=options["gecos"],
            quota=options["quota"],
            beside_alias=beside,
            park_existing=options["park_existing"],
            left="keep" if options["keep_left"] else "remove",
            **self.secret(
                options,
                lambda: rules.check_new_account(services.real_name(domain), name, beside_alias=beside),
            ),
        )
        self.data["address"] = saved.account.address if saved.account else f"{name}@{domain}"
        self.tell_generated()
        return saved

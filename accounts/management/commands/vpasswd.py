"""`manage.py vpasswd`: set an account's password."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from accounts import services
from audit.arguments import address_parts
from audit.command import NewPassword, add_random
from vpopmail.engines.base import Outcome, Refused


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
        if services.is_password_locked(account):
            raise Refused(
                _("The password of %(address)s must not be changed. vmoduser -C changes it all the same.")
                % {"address": account.address}
            )
        secret = self.secret(options, lambda: account)
        outcome = services.change_password(actor=None, domain=domain, name=name, **secret)
        self.tell_generated()
        return outcome

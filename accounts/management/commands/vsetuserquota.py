"""`manage.py vsetuserquota`: set the quota of an account, or of all accounts of a domain."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from accounts import each, services
from audit.command import Program
from vpopmail.engines.base import Outcome, Refused
from vpopmail.given import quota_text


class Command(Program):
    help = "Set the quota of an account, or of every account of a domain."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("target", metavar="ADDRESS|DOMAIN")
        parser.add_argument("quota", help="10MB, 2G, 10MB,500C, NOQUOTA")

    def act(self, options: dict[str, Any]) -> Outcome:
        quota = quota_text(options["quota"])
        if not quota:
            raise Refused(_("A quota is needed: 10MB, 2G, 10MB,500C or NOQUOTA."), field="quota")
        outcome, self.data["addresses"] = each.account(
            options["target"],
            lambda domain, name: services.change_quota(actor=None, domain=domain, name=name, quota=quota),
        )
        self.data["quota"] = quota
        return outcome

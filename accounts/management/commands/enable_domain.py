"""`manage.py enable_domain`: a disabled domain is again what it was."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from accounts import services
from audit.arguments import domain_name
from audit.command import Program
from vpopmail.engines.base import Outcome


class Command(Program):
    help = "Enable a disabled domain again, exactly as it was before."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("domain", metavar="DOMAIN")

    def act(self, options: dict[str, Any]) -> Outcome:
        domain = domain_name(options["domain"])
        done = services.enable_domain(actor=None, domain=domain)
        self.data |= {"domain": domain, "accounts": done.accounts}
        self.say(_("%(n)d accounts were changed.") % {"n": done.accounts})
        return done

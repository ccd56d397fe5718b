"""`manage.py disable_domain`: every account of a domain, and its limits."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from accounts import services
from accounts.disabling import KEEP, MAIL
from audit.arguments import domain_name
from audit.command import Program
from vpopmail.engines.base import Outcome


class Command(Program):
    help = "Disable every account of a domain. Interrupted, it goes on from there when it is called again."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--mail",
            choices=sorted(MAIL),
            default=KEEP,
            help="new mail: keep it in the mailboxes (default), bounce it, or forward as before",
        )
        parser.add_argument("--reason", default="", help="one line for whoever looks at this later")
        parser.add_argument("domain", metavar="DOMAIN")

    def act(self, options: dict[str, Any]) -> Outcome:
        domain = domain_name(options["domain"])
        done = services.disable_domain(
            actor=None, domain=domain, mail=options["mail"], reason=options["reason"]
        )
        self.data |= {"domain": domain, "accounts": done.accounts}
        self.say(_("%(n)d accounts were changed.") % {"n": done.accounts})
        return done

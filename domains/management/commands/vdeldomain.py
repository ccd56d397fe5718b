"""`manage.py vdeldomain`: delete a domain, or an alias domain alone."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from audit.arguments import domain_name
from audit.command import Program
from domains import services
from vpopmail.assigned import domains
from vpopmail.engines.base import Outcome, Refused


class Command(Program):
    help = "Delete a domain, or an alias domain alone. The directory is kept for a while."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("-f", "--force", action="store_true", help="delete its alias domains as well")
        parser.add_argument("domain")

    def act(self, options: dict[str, Any]) -> Outcome:
        domain = domain_name(options["domain"])
        aliases = domains().aliases_of(domain)
        if aliases and not options["force"]:
            raise Refused(
                _("%(domain)s has alias domains: %(aliases)s. Use -f to delete it with all of them.")
                % {"domain": domain, "aliases": ", ".join(aliases)}
            )
        outcome = services.delete_domain(actor=None, domain=domain, with_alias_domains=options["force"])
        self.data |= {"domain": domain, "alias_domains": aliases}
        if aliases:
            self.say("\n".join(["Alias domains deleted:", *(f"   {alias}" for alias in aliases)]))
        return outcome

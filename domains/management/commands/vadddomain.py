"""`manage.py vadddomain`: add a domain with its postmaster."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from audit.arguments import domain_name
from audit.command import NewPassword, add_random
from domains import services
from vpopmail import rules
from vpopmail.engines.base import Outcome, Refused

# vpopmail's options for a domain elsewhere on the disk or of another Unix user.
ELSEWHERE = {"directory": "-d", "user": "-u", "uid": "-i", "gid": "-g"}


def _unknown(options: dict[str, Any]) -> str:
    if options["unknown"] is not None and options["forward"] is not None:
        raise Refused(_("-e and --unknown say the same thing: give one of them."))
    if options["forward"] is not None and "@" not in options["forward"]:
        raise Refused(_("-e wants a whole address, such as postmaster@example.com."), field="unknown")
    return str(options["forward"] or options["unknown"] or "bounce")


class Command(NewPassword):
    help = "Add a domain. The postmaster's password is the first line of standard input."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("-q", "--quota", default="", help="the postmaster's quota: 10MB, 2G, NOQUOTA")
        parser.add_argument(
            "-e", "--forward", metavar="ADDRESS", help="where mail for unknown recipients goes"
        )
        parser.add_argument(
            "--unknown",
            metavar="WHAT",
            help="mail for unknown recipients: bounce (default), delete, or an address",
        )
        parser.add_argument(
            "--alias", action="append", default=[], metavar="DOMAIN", help="an alias domain to add as well"
        )
        add_random(parser)
        parser.add_argument("-b", "--bounce", action="store_true", help="bounce, the default")
        parser.add_argument("-O", "--optimize", action="store_true", help="of no effect here")
        for name, letter in ELSEWHERE.items():
            parser.add_argument(letter, "--" + name, help="not supported: refused")
        parser.add_argument("domain")

    def act(self, options: dict[str, Any]) -> Outcome:
        for name, letter in ELSEWHERE.items():
            if options[name] is not None:
                raise Refused(
                    _("%(option)s is not supported: domains lie in vpopmail's home and belong to its user.")
                    % {"option": letter}
                )
        if options["bounce"] and (options["forward"] or options["unknown"]):
            raise Refused(_("-b and another destination for unknown recipients exclude each other."))
        domain = domain_name(options["domain"])
        outcome = services.add_domain(
            actor=None,
            domain=domain,
            quota=options["quota"],
            unknown=_unknown(options),
            alias_domains=[domain_name(alias) for alias in options["alias"]],
            **self.secret(options, lambda: rules.check_new_domain(domain)),
        )
        self.data["domain"] = domain
        self.tell_generated()
        return outcome

"""`manage.py vmoddomlimits`: show, set and delete the limits of a domain."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from audit.arguments import domain_name
from audit.command import Program
from domains import limits_text, services
from domains.limits_services import SWITCHES
from vpopmail import limits, rules
from vpopmail.engines.base import Outcome, Refused

# option → long name, and what it counts
NUMBER_HELP = {
    "-P": ("accounts", "accounts, -1 for no limit"),
    "-A": ("aliases", "aliases, -1 for no limit"),
    "-F": ("forwards", "forwards, -1 for no limit"),
    "-R": ("autoresponders", "autoresponders, -1 for no limit"),
    "-L": ("mailinglists", "mailing lists, -1 for no limit"),
    "-Q": ("quota", "megabytes of the whole domain, 0 for no limit"),
    "-q": ("default-quota", "quota of new accounts: bytes, or 10M, 2G; 0 for none"),
    "-M": ("messages", "messages of the whole domain, 0 for no limit"),
    "-m": ("default-messages", "messages of new accounts, 0 for no limit"),
}
DENIAL_NAMES = {
    "-p": "perm-account",
    "-a": "perm-alias",
    "-f": "perm-forward",
    "-r": "perm-autoresponder",
    "-l": "perm-maillist",
    "-u": "perm-maillist-users",
    "-o": "perm-maillist-moderators",
    "-x": "perm-quota",
    "-z": "perm-default-quota",
}


class Command(Program):
    help = "Set limits of a domain; -S shows them, -D deletes them, so that the defaults apply."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("-S", "--show", action="store_true", help="show the limits, change nothing")
        parser.add_argument("-D", "--delete", action="store_true", help="delete the domain's own limits")
        parser.add_argument(
            "-d", "--default", action="store_true", help="the default limits, for domains without their own"
        )
        for option, (name, about) in NUMBER_HELP.items():
            parser.add_argument(option, "--" + name, dest=option, metavar="N", help=about)
        letters = "".join(sorted(SWITCHES.values()))
        parser.add_argument(
            "-g",
            "--flags",
            dest="-g",
            metavar="LETTERS",
            help=f"what is off for everybody: letters of {letters}",
        )
        for option, name in DENIAL_NAMES.items():
            parser.add_argument(
                option,
                "--" + name,
                dest=option,
                metavar="LETTERS",
                help="denied to administrators but postmaster: c (create), m (modify), d (delete), a (all)",
            )
        parser.add_argument("domain", nargs="?")

    def act(self, options: dict[str, Any]) -> Outcome | None:
        given = {name: value for name, value in options.items() if name.startswith("-") and value is not None}
        if options["show"] + options["delete"] + bool(given) > 1:
            raise Refused(_("Showing, deleting and setting limits exclude each other."))
        if options["default"]:
            return self._default(options, given)
        if options["domain"] is None:
            raise Refused(_("A domain is needed."), field="domain")
        self.data["domain"] = domain = rules.real_domain(domain_name(options["domain"])).name
        if options["delete"]:
            return self._delete(domain)
        if not given:
            if not options["show"]:
                raise Refused(_("Nothing to change: give at least one option, or -S to see the limits."))
            self._show(_("Domain: %(domain)s") % {"domain": domain}, limits.read(domain))
            return None
        changes = limits_text.changes(given, limits.read(domain).values)
        self.data["changes"] = changes
        return services.change_limits(actor=None, domain=domain, changes=changes)

    def _default(self, options: dict[str, Any], given: dict[str, str]) -> Outcome | None:
        """The file vlimits.default: shown, or edited, where vpopmail's own program loses its comments."""
        if options["domain"] is not None or options["delete"]:
            raise Refused(_("The default limits are shown and changed for all domains, without a name."))
        if options["show"]:
            self._show(_("Default limits"), limits.default())
            return None
        if not given:
            raise Refused(_("Nothing to change: give at least one option, or -S to see the limits."))
        changes = limits_text.changes(given, limits.defaults().values)
        self.data["changes"] = changes
        return services.change_default_limits(actor=None, changes=changes)

    def _delete(self, domain: str) -> Outcome:
        outcome = services.delete_limits(actor=None, domain=domain)
        self.say("Limits deleted")
        return outcome

    def _show(self, title: str, found: limits.DomainLimits) -> None:
        self.data |= {"limits": dict(found.values), "source": found.source}
        self.say("\n".join([title, "--", *limits_text.lines(found.values)]))

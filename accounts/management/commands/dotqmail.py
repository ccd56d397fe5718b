"""`manage.py dotqmail`: show or change where an account's mail goes."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from accounts import forwarding_services, services
from accounts.forwarding_forms import destination
from accounts.forwarding_words import kind_of, sentence, warnings_of
from audit.arguments import address_parts
from audit.command import Program
from vpopmail import forwarding
from vpopmail.engines.base import Outcome, Refused
from vpopmail.models import Account


class Command(Program):
    help = "Show where mail for an account goes, or change it."

    def add_options(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--to", metavar="ADDRESS", action="append", help="forward to just these addresses")
        what.add_argument("--off", action="store_true", help="into the mailbox, and nowhere else")
        what.add_argument("--discard", action="store_true", help="throw all new mail away")
        copy = parser.add_mutually_exclusive_group()
        copy.add_argument("--copy", action="store_true", default=None, help="keep a copy in the mailbox")
        copy.add_argument("--no-copy", action="store_false", dest="copy", default=None, help="keep no copy")
        parser.add_argument("target", metavar="ADDRESS")

    def act(self, options: dict[str, Any]) -> Outcome | None:
        name, domain = address_parts(options["target"])
        account = services.find_account(services.real_name(domain), name)
        self.data["address"] = account.address
        wanted = _wanted(options)
        if not wanted:
            self._show(account)
            return None
        return forwarding_services.change_forwarding(
            actor=None, domain=account.domain, name=account.name, **wanted
        )

    def _show(self, account: Account) -> None:
        now = forwarding.read(account)
        self.data |= {
            "kind": kind_of(now),
            "destinations": list(now.destinations),
            "keeps_copy": now.keeps_copy,
            "lines": [part.shown for part in now.parts],
            "warnings": warnings_of(now),
        }
        self.say("\n".join([sentence(now), *now.destinations]))
        for part in now.foreign:
            self.say(_("Kept as it is: %(line)s") % {"line": part.shown})
        for warning in warnings_of(now):
            self.say(warning)


def _wanted(options: dict[str, Any]) -> dict[str, Any]:
    """What the options ask for; {} to show only."""
    if options["off"] or options["discard"]:
        if options["copy"] is not None:
            raise Refused(_("--copy and --no-copy are for mail that is forwarded."))
        return {"destinations": [], "keeps_copy": options["off"], "blackhole": options["discard"]}
    wanted: dict[str, Any] = {}
    if options["to"]:
        wanted = {"destinations": [destination(text) for text in options["to"]], "blackhole": False}
    if options["copy"] is not None:
        wanted["keeps_copy"] = options["copy"]
    return wanted

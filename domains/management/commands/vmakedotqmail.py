"""`manage.py vmakedotqmail`: show or write the `.qmail-default` of a domain."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from audit.arguments import address_parts, domain_name
from audit.command import Program
from domains import delivery_services
from domains.delivery_forms import sentence
from vpopmail import delivery, rules
from vpopmail.engines.base import Outcome, Refused


class Command(Program):
    help = "Say what happens to mail for unknown addresses of a domain; without -q show what happens now."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("-d", "--domain", required=True, help="the domain")
        parser.add_argument(
            "-q",
            "--delivery",
            metavar="DELIVERY",
            help="bounce (or default), delete, an address, @DOMAIN for the same name there, or whole lines",
        )
        parser.add_argument("--replace", action="store_true", help="replace the line of another program")
        parser.add_argument("-t", "--test", action="store_true", help="check everything, write nothing")

    def act(self, options: dict[str, Any]) -> Outcome | None:
        domain = rules.real_domain(domain_name(options["domain"])).name
        if options["delivery"] is None:
            self._show(domain)
            return None
        if options["delivery"].lstrip().startswith("|") or "\n" in options["delivery"]:
            return self._write_lines(domain, options)
        unknown = _delivery(options["delivery"])
        outcome = delivery_services.change_delivery(
            actor=None, domain=domain, unknown=unknown, replace=options["replace"], test=options["test"]
        )
        self.say(_("%(domain)s: %(delivery)s") % {"domain": domain, "delivery": unknown})
        return outcome

    def _show(self, domain: str) -> None:
        now = delivery.read(domain)
        self.data |= {"domain": domain, "delivery": now.unknown, "kind": now.kind, "lines": now.shown}
        self.say(sentence(now))
        for line in now.shown:
            self.say(f"  {line}")

    def _write_lines(self, domain: str, options: dict[str, Any]) -> Outcome:
        if not options["replace"]:
            raise Refused(_("Whole lines take the place of the file: say so with --replace."))
        lines = options["delivery"].rstrip("\n").split("\n")
        return delivery_services.write_delivery(actor=None, domain=domain, lines=lines, test=options["test"])


def _delivery(text: str) -> str:
    """`default` is what this panel gives new domains."""
    if text in ("default", "bounce", "bounce-no-mailbox"):
        return "bounce"
    if text == "delete":
        return text
    if text.startswith("@"):
        return "@" + domain_name(text[1:])
    return "@".join(address_parts(text))

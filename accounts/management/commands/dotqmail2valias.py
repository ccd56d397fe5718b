"""`manage.py dotqmail2valias`: move aliases from files into the table, and back."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from accounts.conversion_services import convert_aliases, plan_for
from audit.arguments import domain_name
from audit.command import Program
from vpopmail.conversion import ConversionPlan, Item
from vpopmail.engines.base import Outcome, Refused


class Command(Program):
    help = "Move a domain's aliases from .qmail files into the table valias, or back."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--back", action="store_true", help="from the table into files")
        parser.add_argument("--plan", action="store_true", help="only say what would be done")
        parser.add_argument("domain", metavar="DOMAIN")
        parser.add_argument("alias", metavar="ALIAS", nargs="*", help="only these aliases")

    def act(self, options: dict[str, Any]) -> Outcome | None:
        domain, to = domain_name(options["domain"]), "files" if options["back"] else "sql"
        names = {name.lower() for name in options["alias"]}
        plan = plan_for(None, domain, to, names)
        if plan.refused:
            raise Refused(plan.refused, field="domain")
        if options["plan"]:
            self._show(plan)
            return None
        done: list[Item] = []
        outcome = Outcome()
        while plan.goes:
            part, moved = convert_aliases(actor=None, domain=domain, to=to, names=names)
            outcome, done = outcome + part, done + moved
            if not plan.more:
                break
            plan = plan_for(None, domain, to, names)
        self._tell(plan, done)
        return outcome

    def _show(self, plan: ConversionPlan) -> None:
        self.data["moves"] = [item.name for item in plan.goes]
        self.data["stays"] = {item.name: item.why for item in plan.stays}
        self.data["more"] = plan.more
        for item in plan.goes:
            self.say(f"{item.name}: {', '.join(item.shown)}")
        self._say_what_stays(plan)

    def _tell(self, plan: ConversionPlan, done: list[Item]) -> None:
        self.data["moved"] = [item.name for item in done]
        self.data["stays"] = {item.name: item.why for item in plan.stays}
        self.say(_("Moved: %(names)s") % {"names": ", ".join(item.name for item in done) or "–"})
        self._say_what_stays(plan)

    def _say_what_stays(self, plan: ConversionPlan) -> None:
        for item in plan.stays:
            self.say(_("Stays: %(name)s. %(why)s") % {"name": item.name, "why": item.why})

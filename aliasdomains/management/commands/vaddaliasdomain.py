"""`manage.py vaddaliasdomain`: give a domain another name."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from aliasdomains import services
from audit.arguments import domain_name
from audit.command import Program
from vpopmail.assigned import domains
from vpopmail.engines.base import NotFound, Outcome, Refused


def _in_order(first: str, second: str) -> tuple[str, str]:
    """Real domain and new alias domain, whichever way round they were given, as vpopmail takes them."""
    known = [name for name in (first, second) if name in domains()]
    names = {"first": first, "second": second}
    if first == second:
        raise Refused(_("The domain and the alias domain are the same."), field="alias")
    if len(known) == 2:
        raise Refused(_("%(first)s and %(second)s are both there already.") % names, field="alias")
    if not known:
        raise NotFound(_("There is neither a domain %(first)s nor %(second)s.") % names, field="real")
    return (first, second) if known == [first] else (second, first)


class Command(Program):
    help = "Make ALIAS another name of the domain REAL (either order)."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("real")
        parser.add_argument("alias")

    def act(self, options: dict[str, Any]) -> Outcome:
        real, alias = _in_order(domain_name(options["real"]), domain_name(options["alias"]))
        self.data |= {"domain": real, "alias": alias}
        return services.add_alias_domain(actor=None, real=real, alias=alias)

"""`manage.py valias`: show, add and remove aliases."""

from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from accounts import services
from audit.arguments import address_parts, domain_name
from audit.command import Program
from vpopmail.alias_list import page_of_aliases
from vpopmail.aliases import AliasLine, get_alias
from vpopmail.assigned import domains
from vpopmail.engines.base import NotFound, Outcome, Refused
from vpopmail.forwarding_parts import printable
from vpopmail.leading import Place, Scope, leading_to

_PAGE = 500


def _all(domain: str) -> Iterator[AliasLine]:
    after = ""
    while True:
        page = page_of_aliases(domain, after=after, limit=_PAGE)
        for alias in page.rows:
            yield from (*alias.lines, *alias.hidden)
        if not page.next_after:
            return
        after = page.next_after


class Command(Program):
    help = "Show the aliases of an address or domain; add a line, remove one, or delete an alias."

    def add_options(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("-s", "--show", action="store_true", help="show the lines (the default)")
        what.add_argument("-n", "--names", action="store_true", help="show the names of a domain's aliases")
        what.add_argument("-i", "--insert", metavar="LINE", help="add a line")
        what.add_argument("-d", "--delete", action="store_true", help="delete the alias with all its lines")
        what.add_argument("--remove", metavar="LINE", help="remove one line")
        what.add_argument("--to", action="store_true", help="show everything that forwards to the address")
        parser.add_argument(
            "--beside-account",
            action="store_true",
            help="with -i: also where an account of that name will get no more mail",
        )
        parser.add_argument("target", metavar="ADDRESS|DOMAIN")

    def act(self, options: dict[str, Any]) -> Outcome | None:
        target: str = options["target"]
        if options["to"]:
            self._show_leading(target)
            return None
        if options["insert"] is None and options["remove"] is None and not options["delete"]:
            self._show(target, names=options["names"])
            return None
        name, domain = address_parts(target)
        self.data["address"] = f"{name}@{services.real_name(domain)}"
        if options["delete"]:
            return services.delete_alias(actor=None, domain=domain, alias=name)
        if options["remove"] is not None:
            return services.remove_alias(actor=None, domain=domain, alias=name, line=options["remove"])
        return services.add_alias(
            actor=None,
            domain=domain,
            alias=name,
            line=options["insert"],
            beside_account=options["beside_account"],
        )

    def _show_leading(self, target: str) -> None:
        """Domain after domain, until all were looked at."""
        address = "@".join(address_parts(target))
        scope = Scope(domains().real_domains, lambda _domain: True, everywhere=True)
        found, after, complete = list[Place](), "", True
        while True:
            part = leading_to(address, scope, after)
            found, after, complete = found + list(part.places), part.next_after, complete and part.complete
            if not after:
                break
        if not found:
            raise NotFound(_("Nothing forwards to %(address)s.") % {"address": address})
        self.data["places"] = [{"kind": one.kind, "at": one.address, "line": one.line} for one in found]
        self.data["complete"] = complete
        self.say("\n".join(f"{one.address} ({one.kind}) -> {printable(one.line)}" for one in found))

    def _show(self, target: str, *, names: bool) -> None:
        if "@" in target and names:
            raise Refused(_("-n wants a domain only."), field="address")
        if "@" in target:
            name, domain = address_parts(target)
            lines = list(get_alias(services.real_name(domain), name))
        else:
            lines = list(_all(services.real_name(domain_name(target))))
        if not lines:
            raise NotFound(_("%(target)s has no aliases.") % {"target": target})
        if names:
            self.data["names"] = list(dict.fromkeys(line.alias for line in lines))
            self.say("\n".join(self.data["names"]))
            return
        self.data["lines"] = [
            {"alias": line.alias, "domain": line.domain, "line": line.line, "store": line.store}
            for line in lines
        ]
        self.say("\n".join(f"{line.alias}@{line.domain} -> {printable(line.line)}" for line in lines))

"""`manage.py vipmap`: which domain an IP address of this server stands for."""

from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from audit.arguments import domain_name
from audit.command import Program
from server import ip_map_services
from vpopmail import ip_map
from vpopmail.engines.base import Outcome, Refused


class Command(Program):
    help = "Show or change which domain an IP address of this server stands for."

    def add_options(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("-p", "--print", action="store_true", help="print the map (without an option, too)")
        what.add_argument("-a", "--add", action="store_true", help="let IP stand for DOMAIN")
        what.add_argument("-d", "--delete", action="store_true", help="let IP no longer stand for DOMAIN")
        parser.add_argument("ip", nargs="?", metavar="IP")
        parser.add_argument("domain", nargs="?", metavar="DOMAIN")

    def act(self, options: dict[str, Any]) -> Outcome | None:
        ip, domain = options["ip"], options["domain"]
        if not (options["add"] or options["delete"]):
            if ip:
                raise Refused(_("What is to be done with it? -a adds, -d deletes."))
            self.data["map"] = {one.ip: one.domain for one in self._shown()}
            return None
        if not ip or not domain:
            raise Refused(_("An IP address and a domain are needed."))
        if options["add"]:
            return ip_map_services.add_ip_map(actor=None, ip=ip, domain=domain_name(domain))
        return ip_map_services.delete_ip_map(actor=None, ip=ip, domain=domain.lower())

    def _shown(self) -> Iterator[ip_map.Mapping]:
        after = ""
        while True:
            page = ip_map.page(after, 500)
            for one in page.rows:
                self.say(f"{one.ip} {one.domain}")
                yield one
            after = page.next_after
            if not after:
                return

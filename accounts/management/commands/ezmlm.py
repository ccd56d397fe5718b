"""`manage.py ezmlm`: show and make mailing lists, and change who is on them."""

from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandParser

from accounts import list_services
from audit.arguments import address_parts, domain_name
from audit.command import Program
from vpopmail import lists, rules
from vpopmail.engines.base import Outcome

_PAGE = 500


def _all_lists(domain: str) -> Iterator[lists.MailingList]:
    after = ""
    while True:
        page = lists.lists_of(domain, after, 100)
        yield from page.rows
        if not (after := page.next_after):
            return


def _all_members(domain: str, name: str, part: str) -> Iterator[str]:
    after = ""
    while True:
        page = lists.members_of(domain, name, part, after=after, limit=_PAGE)
        yield from page.addresses
        if not (after := page.next_after):
            return


class Command(Program):
    help = "Show the mailing lists of a domain, or who is on one; make a list, subscribe and unsubscribe."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--make", action="store_true", help="make the list")
        parser.add_argument("--owner", metavar="ADDRESS", default="", help="with --make: the list's owner")
        parser.add_argument(
            "--with",
            dest="switches",
            action="append",
            choices=list(list_services.LETTERS),
            default=[],
            help="with --make: how the list works; may be given several times",
        )
        parser.add_argument(
            "--part",
            choices=[part for part in lists.PARTS if part],
            default=lists.SUBSCRIBERS,
            help="digest, mod (moderators), allow or deny instead of the subscribers",
        )
        parser.add_argument("--subscribe", metavar="ADDRESS", action="append", default=[])
        parser.add_argument("--unsubscribe", metavar="ADDRESS", action="append", default=[])
        parser.add_argument("target", metavar="ADDRESS|DOMAIN")

    def act(self, options: dict[str, Any]) -> Outcome | None:
        if "@" not in options["target"]:
            self._show_lists(rules.real_domain(domain_name(options["target"])).name)
            return None
        name, domain = address_parts(options["target"])
        real = rules.real_domain(domain).name
        if options["make"]:
            return list_services.make_list(
                actor=None,
                domain=real,
                name=name,
                owner="@".join(address_parts(options["owner"])) if options["owner"] else "",
                switches=options["switches"],
            )
        add, remove = (
            ["@".join(address_parts(text)) for text in options[key]] for key in ("subscribe", "unsubscribe")
        )
        if not add and not remove:
            self._show_members(real, name, options["part"])
            return None
        return list_services.change_members(
            actor=None, domain=real, name=name, part=options["part"], add=add, remove=remove
        )

    def _show_lists(self, domain: str) -> None:
        found = list(_all_lists(domain))
        self.data["lists"] = [{"address": one.address, "subscribers": one.subscribers} for one in found]
        for one in found:
            self.say(f"{one.address}: {'?' if one.subscribers is None else one.subscribers}")

    def _show_members(self, domain: str, name: str, part: str) -> None:
        self.data["addresses"] = list(_all_members(domain, name, part))
        for address in self.data["addresses"]:
            self.say(address)

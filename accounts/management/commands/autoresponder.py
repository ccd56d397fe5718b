"""`manage.py autoresponder`: addresses of a domain that answer by themselves."""

import sys
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from accounts import robot_services, services
from accounts.forwarding_forms import destination
from audit.arguments import address_parts
from audit.command import Program
from mailhost import answers
from vpopmail.answers import robot_of
from vpopmail.engines.base import Outcome
from vpopmail.robots import robots_of


class Command(Program):
    help = "Have an address answer by itself; the text is read from standard input."

    def add_options(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--subject", metavar="TEXT", help="answer with this subject")
        what.add_argument("-l", "--list", action="store_true", help="list those of a domain")
        what.add_argument("-d", "--delete", action="store_true", help="answer no more")
        parser.add_argument(
            "--to",
            metavar="ADDRESS",
            action="append",
            default=[],
            help="with --subject: mail goes there as well; may be given several times",
        )
        parser.add_argument("target", metavar="ADDRESS|DOMAIN")

    def act(self, options: dict[str, Any]) -> Outcome | None:
        if options["list"]:
            self._list(services.real_name(options["target"].lower()))
            return None
        name, domain = address_parts(options["target"])
        domain = services.real_name(domain)
        self.data["address"] = f"{name}@{domain}"
        where: dict[str, Any] = {"actor": None, "domain": domain, "name": name}
        if options["delete"]:
            return robot_services.delete_autoresponder(**where)
        if options["subject"] is None:
            self._show(domain, name)
            return None
        text = sys.stdin.read(4 * answers.LONGEST_TEXT)
        forwards = tuple(dict.fromkeys(destination(one) for one in options["to"]))
        wanted = robot_services.Wanted(options["subject"], text, forwards)
        there = robot_of(domain, name)
        save = robot_services.change_autoresponder if there else robot_services.add_autoresponder
        return save(**where, wanted=wanted)

    def _list(self, domain: str) -> None:
        names, after = [], ""
        while True:
            page = robots_of(domain, after=after, limit=100)
            names += [robot.address for robot in page.rows]
            after = page.next_after
            if not after:
                break
        for address in names:
            self.say(address)
        self.data |= {"domain": domain, "addresses": names}

    def _show(self, domain: str, name: str) -> None:
        robot = robot_services.find_robot(domain, name)
        there = robot.message.answer or answers.Answer("", "")
        self.say(_("Subject: %(subject)s") % {"subject": there.subject})
        for address in robot.forwards:
            self.say(_("Also to: %(address)s") % {"address": address})
        self.say(f"\n{there.text}")
        texts = {"subject": there.subject, "text": there.text}
        self.data |= {**texts, "to": list(robot.forwards), "lines": [line.line for line in robot.lines]}

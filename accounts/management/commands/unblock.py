"""`manage.py unblock`: who waits because of too many wrong passwords may try again at once."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from accounts.unblocking import unblock
from audit.command import Program


class Command(Program):
    help = "Forgets the wrong passwords counted against a person or a network, so that nobody has to wait."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument(
            "target", help="an address, a user name, or an IP address or network (counted by /24, IPv6 /64)"
        )

    def act(self, options: dict[str, Any]) -> None:
        target, opened = unblock(actor=None, target=options["target"])
        self.data |= {"target": target, "unblocked": opened}
        if opened:
            self.say(
                _("%(target)s: what was counted is forgotten; the next attempt is looked at.")
                % {"target": target}
            )
        else:
            self.say(_("%(target)s: nothing is counted, so nobody waits.") % {"target": target})

"""`manage.py detach_users`: end the panel's users of accounts that other programs deleted."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from accounts import lives
from audit.command import Program
from vpopmail import assigned
from vpopmail.engines.base import Refused


class Command(Program):
    help = "End the panel's users and grants whose account or domain is gone; says which."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("-n", "--dry-run", action="store_true", help="only say which")
        parser.add_argument(
            "-f", "--force", action="store_true", help="also when qmail knows no domain at all"
        )

    def act(self, options: dict[str, Any]) -> None:
        users, grants = lives.gone(), list(lives.grants_gone())
        if (users or grants) and not len(assigned.domains()) and not options["force"]:
            raise Refused(
                _(
                    "qmail's users/assign names no domain at all, so everybody would be detached. If that is "
                    "true, say --force."
                )
            )
        for user in users:
            self.say(_("%(name)s: the account is gone") % {"name": user.username})
        for grant in grants:
            self.say(
                _("%(name)s: the domain %(domain)s is gone")
                % {"name": grant.user.username, "domain": grant.domain}
            )
        self.data |= {
            "users": [user.username for user in users],
            "grants": [{"user": grant.user.username, "domain": grant.domain} for grant in grants],
        }
        if not options["dry_run"]:
            for user in users:
                lives.detach(user)
            for grant in grants:
                grant.delete()

"""`manage.py reset_second_factor`: for who lost phone and recovery codes, the only superuser included."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.second_factor import services
from audit.command import Program
from vpopmail.engines.base import NotFound


class Command(Program):
    help = "Takes the authenticator app, passkeys and recovery codes of a person away and ends its sessions."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("person", help="a user name, or the address of a mailbox with its real domain")

    def act(self, options: dict[str, Any]) -> None:
        user = User.objects.filter(username=options["person"], ended_at=None).first()
        if user is None:
            raise NotFound(_("Nobody of that name has signed in to this panel: %s") % options["person"])
        count = services.reset(None, user)
        self.say(
            _("%(name)s had %(count)d second factors; the password alone opens the panel now.")
            % {"name": user.username, "count": count}
        )
        self.data |= {"person": user.username, "factors": count}

"""`manage.py revert`: take back one entry of the journal."""

from typing import Any

from django.core.management.base import CommandParser

from audit.command import Program
from audit.templatetags.journal import brief
from vpopmail.engines.base import Outcome
from vqweb import revert


class Command(Program):
    help = "Take back a change of a name, flags, quota, limits or an alias by its entry in the journal."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument(
            "key", metavar="KEY", help="the entry, as its page names it"
        )
        parser.add_argument(
            "--beside-account",
            action="store_true",
            help="also where an alias then takes the mail of an account of the same name",
        )

    def act(self, options: dict[str, Any]) -> Outcome:
        key = options["key"]
        outcome = revert.revert(actor=None, key=key, beside_account=options["beside_account"])
        entry = revert.find(key)
        self.data |= {"reverts": key, "action": entry.action, "target": entry.target}
        self.say(f"{entry.target}: {brief(entry)}")
        return outcome

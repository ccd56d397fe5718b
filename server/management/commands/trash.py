"""`manage.py trash`: what was deleted and is still kept; bring it back, or remove it for good."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.command import Program
from server import trash_services
from server.trash_listing import Item, everything
from vpopmail.engines.base import Outcome, Refused
from web.templatetags.panel import human_size


class Command(Program):
    help = "List what was deleted and is still kept, bring it back, or remove it for good."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--restore", metavar="KEY", help="bring back what this entry deleted")
        parser.add_argument(
            "--account", metavar="NAME", help="with --restore of a domain: only this account of it"
        )
        parser.add_argument("--as", dest="name", metavar="NAME", help="with --restore: under another name")
        parser.add_argument(
            "--merge", action="store_true", help="with --restore: into the account or domain that there is"
        )
        parser.add_argument("--empty", metavar="KEY", help="remove this entry's mail for good, or `all`")

    def act(self, options: dict[str, Any]) -> Outcome | None:
        key, name, account = options["restore"], options["name"] or "", options["account"] or ""
        how = name or account or options["merge"]
        if (key and options["empty"]) or (how and not key) or (name and options["merge"]):
            raise Refused(_("These options exclude each other."))
        if key:
            return trash_services.restore(
                actor=None, key=key, account=account.lower(), name=name.lower(), merge=options["merge"]
            )
        if options["empty"]:
            return self._empty(options["empty"])
        self.data["entries"] = [self._show(item) for item in everything()]
        return None

    def _empty(self, key: str) -> Outcome:
        keys = [item.parked.source for item in list(everything())] if key == "all" else [key]
        outcome = Outcome()
        for one in keys:
            outcome += trash_services.empty(actor=None, key=one)
        self.data["removed"] = keys
        return outcome

    def _show(self, item: Item) -> dict[str, Any]:
        parked, entry = item.parked, item.entry
        until = timezone.localtime(parked.until).strftime("%Y-%m-%d %H:%M")
        who = entry.actor_name if entry else "?"
        size = f"{'' if parked.complete else '>'}{human_size(parked.bytes)}"
        self.say(f"{parked.source}  {parked.target}  {size}  {who}  {until}")
        return {
            "key": parked.source,
            "target": parked.target,
            "who": who,
            "deleted": (entry.started_at if entry else parked.since).isoformat(),
            "until": parked.until.isoformat(),
            "bytes": parked.bytes,
            "messages": parked.messages,
            "complete": parked.complete,
            "directory": parked.place,
        }

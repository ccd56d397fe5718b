"""`manage.py vdominfo`: show domains. Unlike vpopmail's, it never writes."""

from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from audit.arguments import domain_name
from audit.command import Program
from mailhost.qmail import AssignLine, parse_assign
from vpopmail import helper
from vpopmail.engines.base import NotFound
from vpopmail.models import DirControl
from vpopmail.schema import schema

FIELDS = {"name": "-n", "uid": "-u", "gid": "-g", "directory": "-d", "users": "-t", "real": "-r"}


def _users(real: str) -> int:
    """vpopmail's placement counter, which it calls users; it is about their number."""
    if not schema().has_table("dir_control"):
        return 0
    return DirControl.objects.filter(domain=real).values_list("cur_users", flat=True).first() or 0


def _record(line: AssignLine) -> dict[str, Any]:
    return {
        "domain": line.domain,
        "real": line.real,
        "uid": line.uid,
        "gid": line.gid,
        "directory": str(line.directory),
        "users": _users(line.real),
    }


def _block(record: dict[str, Any], wanted: list[str]) -> Iterator[str]:
    """The lines of one domain, with titles when every field is wanted."""
    name, real = record["domain"], record["real"]
    shown = name if name == real else f"{name} (alias of {real})"
    if not wanted:
        yield f"domain: {shown}"
        yield f"uid:    {record['uid']}"
        yield f"gid:    {record['gid']}"
        yield f"dir:    {record['directory']}"
        yield f"users:  {record['users']}"
        return
    values = {**record, "name": shown}
    yield from (str(values[field]) for field in FIELDS if field in wanted)


class Command(Program):
    help = "Show all domains in the order of qmail's users/assign, or one with its alias domains."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("-a", "--all", action="store_true", help="all fields, the default")
        for name, letter in FIELDS.items():
            parser.add_argument(letter, "--" + name, dest="fields", action="append_const", const=name)
        parser.add_argument("domain", nargs="?")

    def act(self, options: dict[str, Any]) -> None:
        wanted = [] if options["all"] else options["fields"] or []
        lines = parse_assign(helper.call("read_assign")["text"] or "")
        if options["domain"] is None:
            records = [_record(line) for line in lines]
            self.data["domains"] = records
            for record in records:
                self.say("\n".join([*_block(record, wanted), "", ""]))
            return
        asked = domain_name(options["domain"])
        real = next((line.real for line in lines if line.domain == asked), None)
        found = next((line for line in lines if line.domain == real), None)
        if found is None:
            raise NotFound(_("There is no domain %(domain)s.") % {"domain": asked}, field="domain")
        aliases = [line.domain for line in lines if line.real == real and line.domain != real]
        self.data |= {**_record(found), "aliases": aliases}
        self.say("\n".join([*_block(self.data, wanted), *(f"alias: {alias}" for alias in aliases)]))

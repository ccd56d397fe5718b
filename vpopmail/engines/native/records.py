"""What a deletion takes out of the tables, kept as JSON lines beside the trash: enough to put it back."""

import json
from collections.abc import Iterable, Iterator
from itertools import islice

from django.conf import settings

from vpopmail.engines.native import sql
from vpopmail.engines.native.work import Work

LINES = 500  # in one message to the helper


def keep(job: Work, domain: str, deleted: Iterable[tuple[str, sql.Row]]) -> str:
    """Write pairs of table and row down before they are deleted, and return where. A clear password only
    where those are kept anyway."""
    lines, place = (_line(table, row) for table, row in deleted), ""
    while part := "".join(islice(lines, LINES)):
        place = job.call("record", domain=domain, text=part).get("trash", "")
    return place


def _line(table: str, row: sql.Row) -> str:
    if settings.VPOPMAIL_CLEAR_PASSWORDS != "keep":
        row = {name: value for name, value in row.items() if name != "pw_clear_passwd"}
    return json.dumps({"table": table, "row": row}, default=str) + "\n"


def about(domain: str, name: str, directory: str) -> Iterator[tuple[str, sql.Row]]:
    """What was deleted: an account, or (`name` "") a domain whose directory was D."""
    yield "", {"domain": domain, "name": name, "directory": directory}


def lines_of_file(name: str, lines: Iterable[str]) -> Iterator[tuple[str, sql.Row]]:
    """The same form for an alias that is a file."""
    for line in lines:
        yield name, {"line": line}

"""What is left of a name under alias domains goes when its address is added (vpopmail.remains)."""

from typing import Any

from vpopmail import assigned
from vpopmail.engines.native import sql
from vpopmail.engines.native.users import delete_rows
from vpopmail.engines.native.work import Work
from vpopmail.remains import PLACES
from vpopmail.schema import schema


def remove(job: Work, domain: str, name: str) -> None:
    """Inside the addition's transaction, after its rows: where there is none, recovery puts them back."""
    aliases = list(assigned.domains().aliases_of(domain))
    for table, column in PLACES:
        readable = schema().readable(table)
        if not readable:
            continue
        found = sql.select_named(table, readable, {column: name}, "domain", aliases)
        if not found:
            continue
        job.note("left", table=table, rows=found)
        for alias in sorted({str(row["domain"]) for row in found}):
            delete_rows(job, table, {column: name, "domain": alias})


def put_back(note: Any) -> None:
    """The inverse, also where nothing was removed yet."""
    sql.put_back(note["table"], note["rows"])

"""dotqmail2valias: an alias from its file into rows, and back.

A file comes before rows of its name for every mail. So rows are written before the file goes, and the file
before the rows go: at no moment does mail find neither, and while both are there the file decides.
"""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from vpopmail.engines.base import Changed, NotFound, Outcome, Refused, VpopmailError
from vpopmail.engines.native import aliases, sql
from vpopmail.engines.native.aliases import TABLE
from vpopmail.engines.native.users import delete_rows, real_domain
from vpopmail.engines.native.work import Work, work
from vpopmail.schema import ensure_table, schema


def convert(domain: str, alias: str, to: str, expected: Sequence[str], entry: str) -> Outcome:
    """See Engine.valias_convert."""
    real = real_domain(domain).name
    if to == "sql":
        ensure_table(TABLE)
    with work(real, entry=entry) as job:
        rows, file = read_rows(real, alias), _file(job, real, alias)
        if to == "sql":
            _check(alias, file["lines"] if file["exists"] else None, bool(rows), expected)
        else:
            lines = [row["valias_line"] for row in rows]
            same = sorted(lines) == sorted(expected)  # the table may know no order
            _check(alias, (list(expected) if same else lines) if rows else None, file["exists"], expected)
        job.note("convert", domain=real, alias=alias, to=to, lines=list(expected))
        if to == "sql":
            _insert(job, real, alias, expected)
            _leave_file(job, real, alias, file)
        else:
            _write_file(job, real, alias, expected)
            with job.rows():
                delete_rows(job, TABLE, {"alias": alias, "domain": real})
        return job.outcome()


def _file(job: Work, domain: str, alias: str) -> dict[str, Any]:
    if not aliases.is_file(job, domain, alias):
        return {"exists": False, "lines": [], "fingerprint": None}
    return aliases.read_file(job, domain, alias)


def read_rows(domain: str, alias: str) -> list[sql.Row]:
    """In the order in which they were added, where the table knows it."""
    columns = schema().columns(TABLE)
    order = "id" if "id" in columns else ""
    return sql.select(TABLE, columns, {"alias": alias, "domain": domain}, order=order) if columns else []


def _check(alias: str, lines: list[str] | None, beside: bool, expected: Sequence[str]) -> None:
    if lines is None:
        raise NotFound(_("The alias %(alias)s is no longer there.") % {"alias": alias})
    if lines != list(expected):
        raise Changed(_("The alias %(alias)s was changed by somebody else meanwhile.") % {"alias": alias})
    if beside:
        raise Refused(_("The alias %(alias)s is in both places.") % {"alias": alias})


def _insert(job: Work, domain: str, alias: str, lines: Sequence[str]) -> None:
    has_type = "valias_type" in schema().columns(TABLE)
    rows: list[sql.Row] = [{"alias": alias, "domain": domain, "valias_line": line} for line in lines]
    for row in rows:
        if has_type:
            row["valias_type"] = 0 if row["valias_line"].startswith("|") else 1  # vmysql.c, valias_insert
    with job.rows():
        job.takes_back_rows(TABLE, lambda: sql.delete(TABLE, {"alias": alias, "domain": domain}))
        sql.insert(TABLE, rows)


def _leave_file(job: Work, domain: str, alias: str, file: dict[str, Any]) -> None:
    """Nobody knows whether a helper that is gone has removed the file: then the rows stay, and recovery
    removes what is left of the two."""
    try:
        _remove_file(job, domain, alias, file)
    except VpopmailError:
        if job.unsure:
            job.undo.stack.clear()
        raise


def _write_file(job: Work, domain: str, alias: str, lines: Sequence[str]) -> None:
    made = job.call("write_dotqmail", domain=domain, name=alias, lines=list(lines), expect=None)
    job.takes_back(
        f".qmail-{alias}", "remove_dotqmail", domain=domain, name=alias, expect=made["fingerprint"]
    )


def _remove_file(job: Work, domain: str, alias: str, file: dict[str, Any]) -> None:
    job.call("remove_dotqmail", domain=domain, name=alias, expect=file["fingerprint"])
    job.takes_back(
        f".qmail-{alias}", "write_dotqmail", domain=domain, name=alias, lines=file["lines"], expect=None
    )


def finish(job: Work, domain: str, alias: str, to: str, lines: Sequence[str]) -> bool:
    """What a stopped conversion left: an alias in both places with the same lines leaves the first one. Is it
    where it was to go, and there alone?"""
    rows, file = read_rows(domain, alias), _file(job, domain, alias)
    texts = [row["valias_line"] for row in rows]
    if rows and file["exists"] and sorted(texts) == sorted(file["lines"]) == sorted(lines):
        if to == "sql":
            _remove_file(job, domain, alias, file)
        else:
            with job.rows():
                delete_rows(job, TABLE, {"alias": alias, "domain": domain})
        return True
    return bool(rows) == (to == "sql") and file["exists"] == (to == "files")

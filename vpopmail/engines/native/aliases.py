"""valias: lines of an alias in the table `valias`, or in `.qmail-NAME` where aliases are files (valias.c,
vpalias.c).

Where aliases are rows, an alias that is a file all the same is changed in its file: qmail-local reads it
first, and a row of the name would never be used.
"""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from vpopmail import bounds, rules
from vpopmail.aliases import can_be_a_file, get_alias
from vpopmail.database import quoted
from vpopmail.engines.base import Changed, NotFound, Outcome, Refused
from vpopmail.engines.native import sql
from vpopmail.engines.native.users import delete_rows, real_domain
from vpopmail.engines.native.work import Work, work
from vpopmail.schema import ensure_table, schema

TABLE = "valias"


def in_sql() -> bool:
    return schema().aliases == "sql"


def insert(domain: str, alias: str, line: str, copy: int, bound: bool, entry: str) -> Outcome:
    """Add a line. Under an alias domain's name it goes to the real domain, where delivery looks. `bound`:
    within the domain's limits."""
    real, line = real_domain(domain).name, line.lstrip(" ")
    if in_sql():
        ensure_table(TABLE)
    with work(real, entry=entry) as job:
        rules.check_new_alias_line(real, alias, line)
        if bound:
            bounds.check_aliases(real, alias, [*_lines(real, alias), line])
        job.note("line", domain=real, alias=alias, line=line, stands=True)
        file = None if in_sql() and not is_file(job, real, alias) else read_file(job, real, alias)
        if file is None:
            with job.rows():
                _insert_row(job, real, alias, line, copy)
        else:
            _append_to_file(job, real, alias, line, copy, file)
        return job.outcome()


def _lines(domain: str, alias: str) -> list[str]:
    return [line.line for line in get_alias(domain, alias)]


def remove(domain: str, alias: str, line: str, id: int | None, bound: bool, entry: str) -> Outcome:
    """Remove one line: the row of that id, or what is equal to it; the alias is gone with its last line."""
    real = real_domain(domain).name
    with work(real, entry=entry) as job:
        if bound:
            bounds.check_aliases(real, alias, [left for left in _lines(real, alias) if left != line])
        job.note("line", domain=real, alias=alias, line=line, stands=False)
        if not remove_line(job, real, alias, line, id):
            raise NotFound(_("%(address)s has no such line.") % {"address": f"{alias}@{real}"}, field="line")
        return job.outcome()


def remove_line(job: Work, domain: str, alias: str, line: str, id: int | None = None) -> bool:
    """The row of that id, or what is equal to the line, the file before rows since it comes first for mail as
    well; False when there is neither."""
    if id is None and is_file(job, domain, alias) and _remove_from_file(job, domain, alias, line):
        return True
    with job.rows():
        return bool(_delete_rows(job, domain, alias, line, id))


def delete(domain: str, alias: str, entry: str) -> Outcome:
    """Delete an alias with all its lines, rows and file."""
    real = real_domain(domain).name
    with work(real, entry=entry) as job:
        job.note("valias_delete", domain=real, alias=alias)
        if not delete_all(job, real, alias):
            raise NotFound(_("There is no alias %(address)s.") % {"address": f"{alias}@{real}"})
        return job.outcome()


def delete_all(job: Work, domain: str, alias: str) -> bool:
    """Delete rows and file of an alias, each with its inverse; False when there was neither."""
    with job.rows():
        found = bool(delete_rows(job, TABLE, {"alias": alias, "domain": domain}))
    there = is_file(job, domain, alias)
    if there:
        _remove_file(job, domain, alias, read_file(job, domain, alias))
    return found or there


def read_rows(domain: str, alias: str) -> list[sql.Row]:
    columns = schema().columns(TABLE)
    return sql.select(TABLE, columns, {"alias": alias, "domain": domain}) if columns else []


def read_file(job: Work, domain: str, alias: str) -> dict[str, Any]:
    """The alias's file. Raises Refused for one that may not be read, so that nothing replaces it."""
    file = job.call("read_dotqmail", domain=domain, name=alias)
    if not file["readable"]:
        raise Refused(
            _("The file of %(address)s may not be read by the panel, so it is left as it is.")
            % {"address": f"{alias}@{domain}"}
        )
    return file


def is_file(job: Work, domain: str, alias: str) -> bool:
    """Is there a file of that name? A domain whose directory is gone has none."""
    if not can_be_a_file(alias):
        return False
    try:
        return bool(job.call("read_dotqmail", domain=domain, name=alias)["exists"])
    except NotFound:
        return False


def _insert_row(job: Work, domain: str, alias: str, line: str, copy: int) -> None:
    columns = schema().columns(TABLE)
    _refuse_known(alias, domain, [row["valias_line"] for row in read_rows(domain, alias)], line)
    if copy and "copy" not in columns:
        raise Refused(_("The table of aliases has no column for copies."), field="copy")
    row: sql.Row = {"alias": alias, "domain": domain, "valias_line": line}
    if "valias_type" in columns:
        row["valias_type"] = 0 if line.startswith("|") else 1  # vmysql.c, valias_insert
    if copy:
        row["copy"] = copy
    job.takes_back_rows(TABLE, lambda: _delete_equal(row))
    sql.insert(TABLE, [row])


def _refuse_known(alias: str, domain: str, lines: Sequence[str], line: str) -> None:
    if line in lines:
        raise Refused(
            _("%(address)s has this line already.") % {"address": f"{alias}@{domain}"}, field="line"
        )


def _delete_rows(job: Work, domain: str, alias: str, line: str, id: int | None) -> int:
    """Rows that are exactly this line: one by its id, else all equal ones, as many as were seen."""
    rows = [row for row in read_rows(domain, alias) if row["valias_line"] == line]
    if id is not None and "id" in schema().columns(TABLE):
        rows = [row for row in rows if row["id"] == id]
    if not rows:
        return 0
    deleted = (
        sum(sql.delete(TABLE, {"id": row["id"]} | row) for row in rows)
        if "id" in rows[0]
        else (_delete_equal(rows[0], len(rows)))
    )
    if deleted != len(rows):
        raise Changed(_("The alias was changed by somebody else meanwhile. Nothing was overwritten."))
    job.takes_back_rows(TABLE, lambda: sql.put_back(TABLE, rows))
    return deleted


def _delete_equal(row: sql.Row, most: int = 1) -> int:
    """Delete at most so many rows of these values: a table without a key holds equal rows."""
    where, params = sql.condition(row)
    if sql.is_sqlite():
        found = f"SELECT rowid FROM {quoted(TABLE)} WHERE {where} LIMIT %s"  # noqa: S608
        return sql.execute(f"DELETE FROM {quoted(TABLE)} WHERE rowid IN ({found})", [*params, most])  # noqa: S608
    # The column's collation may take lines for equal that differ in case: only the same bytes are meant.
    where += f" AND BINARY {quoted('valias_line')} = %s"
    return sql.execute(
        f"DELETE FROM {quoted(TABLE)} WHERE {where} LIMIT %s",  # noqa: S608
        [*params, row["valias_line"], most],
    )


def _append_to_file(job: Work, domain: str, alias: str, line: str, copy: int, file: dict[str, Any]) -> None:
    if copy:
        raise Refused(_("Aliases are files here, which have no place for copies."), field="copy")
    lines = file["lines"] if file["exists"] else []
    _refuse_known(alias, domain, lines, line)
    _write_file(job, domain, alias, [*lines, line], file)


def _remove_from_file(job: Work, domain: str, alias: str, line: str) -> bool:
    file = read_file(job, domain, alias)
    if line not in file["lines"]:
        return False
    left = [kept for kept in file["lines"] if kept != line]
    if left:
        _write_file(job, domain, alias, left, file)
    else:
        _remove_file(job, domain, alias, file)
    return True


def _write_file(job: Work, domain: str, alias: str, lines: list[str], former: dict[str, Any]) -> None:
    job.call("write_dotqmail", domain=domain, name=alias, lines=lines, expect=former["fingerprint"])


def _remove_file(job: Work, domain: str, alias: str, former: dict[str, Any]) -> None:
    job.call("remove_dotqmail", domain=domain, name=alias, expect=former["fingerprint"])
    job.takes_back(
        f".qmail-{alias}", "write_dotqmail", domain=domain, name=alias, lines=former["lines"], expect=None
    )

"""A whole domain out of the trash, in the order of an addition: directory and rows first, qmail last, then
its alias domains."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _

from vpopmail import assigned, rules, trash
from vpopmail.engines.base import Outcome, Refused
from vpopmail.engines.native import aliasdomains, aliases, counters, sql
from vpopmail.engines.native.domains import counter_of_domains, make_tables
from vpopmail.engines.native.restoration import settle
from vpopmail.engines.native.users import Users
from vpopmail.engines.native.work import RECOVERY_PATIENCE, Work, work
from vpopmail.schema import ensure_table, schema

ROWS = 500  # inserted by one statement
OTHERS = ("lastauth", "limits", counters.TABLE)


def restore(source: str, entry: str) -> Outcome:
    """Bring a domain back under its own name, or nothing at all. Raises Refused while the name is taken."""
    parked = trash.find(source)
    if not parked.is_domain or not parked.recorded:
        raise Refused(_("This is no domain with its rows."))
    domain = parked.domain
    alias_domains = _alias_domains(source)
    with work(domain, *alias_domains, entry=entry) as job:
        job.note("restore", domain=domain, source=source, name="", merge=False)
        rules.check_new_domain(domain)
        _make_tables(job, domain)
        found = _bring_directory(job, domain, source)
        with job.rows():
            _insert(job, domain, source)
            if schema().big_dir:
                counters.count_again(job, counter_of_domains(found["uid"]))
        _connect(job, domain, domain)
        for alias in alias_domains:
            _connect_alias(job, domain, alias)
        settle(job, domain, source)
        return job.outcome()


def finish(source: str, domain: str, entry: str) -> Outcome:
    """The steps from connecting on, for a restore that was stopped there."""
    alias_domains = _alias_domains(source)
    with work(domain, *alias_domains, entry=entry, patience=RECOVERY_PATIENCE) as job:
        _connect(job, domain, domain)
        for alias in alias_domains:
            found = assigned.domains().get(alias)
            if found is not None and found.real == domain:
                _connect(job, alias, domain)
            else:
                _connect_alias(job, domain, alias)
        settle(job, domain, source)
        return job.outcome()


def _alias_domains(source: str) -> list[str]:
    return sorted({str(row["alias"]) for t, row in trash.record(source) if t == aliasdomains.TABLE})


def _make_tables(job: Work, domain: str) -> None:
    make_tables(job, domain)
    if aliases.in_sql():
        ensure_table(aliases.TABLE)


def _bring_directory(job: Work, domain: str, source: str) -> dict[str, Any]:
    found = job.call("restore_domain", domain=domain, source=source)
    job.takes_back(
        _("the directory %(directory)s") % {"directory": found["directory"]},
        "unrestore_domain",
        domain=domain,
        source=source,
    )
    if found["left"]:
        job.warnings.append(
            _("Mail that arrived while it was deleted stays in the trash: %(names)s.")
            % {"names": ", ".join(found["left"])}
        )
    return found


def _insert(job: Work, domain: str, source: str) -> None:
    """All rows: accounts in parts, since there may be very many; the others are few beside them."""
    others: dict[str, list[sql.Row]] = {}
    users = Users.of(domain)
    accounts = _accounts(users, trash.record(source), others)
    count = 0
    while part := list(islice(accounts, ROWS)):
        taken = set(users.taken([row["pw_name"] for row in part]))
        users.insert(job, [row for row in part if row["pw_name"] not in taken])
        count += len(part)
    for table in OTHERS:
        if schema().columns(table) and others.get(table):
            _replace(job, table, domain, others[table])
    _insert_aliases(job, domain, others.get(aliases.TABLE, []))
    if schema().big_dir and not others.get(counters.TABLE):
        counters.begin(job, domain)
        counters.count_again(job, domain, max(0, count - 1))


def _accounts(
    users: Users, record: Iterable[tuple[str, sql.Row]], others: dict[str, list[sql.Row]]
) -> Iterator[sql.Row]:
    """The rows of accounts, each once; rows of other tables are put into `others`."""
    seen: set[str] = set()
    for table, row in record:
        if "pw_name" not in row:
            if row not in others.setdefault(table, []):
                others[table].append(row)
        elif row["pw_name"] not in seen:
            seen.add(row["pw_name"])
            kept = {column: value for column, value in row.items() if column in users.columns}
            if "pw_clear_passwd" in users.columns:
                kept.setdefault("pw_clear_passwd", "")
            yield kept


def _replace(job: Work, table: str, domain: str, rows: list[sql.Row]) -> None:
    """The domain's rows of a table; what was left of an earlier life of the name goes."""
    columns = schema().columns(table)
    new = [{column: value for column, value in row.items() if column in columns} for row in rows]
    former = sql.select(table, list(columns), {"domain": domain})

    def take_back() -> None:
        sql.delete(table, {"domain": domain})
        sql.insert(table, former)

    job.takes_back_rows(table, take_back)
    sql.delete(table, {"domain": domain})
    sql.insert(table, new)


def _insert_aliases(job: Work, domain: str, rows: list[sql.Row]) -> None:
    """Lines of aliases, those that are there already excepted; ids are given anew."""
    columns = [column for column in schema().columns(aliases.TABLE) if column != "id"]
    if not columns or not rows:
        return
    known = {(r["alias"], r["valias_line"]) for r in sql.select(aliases.TABLE, columns, {"domain": domain})}
    new = [
        {column: row[column] for column in columns if column in row}
        for row in rows
        if (row["alias"], row["valias_line"]) not in known
    ]

    def take_back() -> None:
        for row in new:
            sql.delete(aliases.TABLE, row)

    job.takes_back_rows(aliases.TABLE, take_back)
    sql.insert(aliases.TABLE, new)


def _connect(job: Work, name: str, real: str) -> None:
    job.call("connect_domain", domain=name, real=real)
    job.takes_back(name, "disconnect_domain", domains=[name])


def _connect_alias(job: Work, domain: str, alias: str) -> None:
    """One alias domain; a name that belongs to somebody else by now stays theirs, and that is said."""
    try:
        rules.check_new_alias_domain(domain, alias)
    except Refused as error:
        job.warnings.append(
            _("The alias domain %(alias)s did not come back: %(reason)s")
            % {"alias": alias, "reason": error.message}
        )
        return
    with job.rows():
        aliasdomains.insert_row(job, domain, alias)
    _connect(job, alias, domain)

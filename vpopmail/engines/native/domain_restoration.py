"""A whole domain out of the trash, in the order of an addition: directory and rows first, qmail last, then
its alias domains."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _

from mailhost.names import LONGEST_PATH
from vpopmail import assigned, rules, trash
from vpopmail.engines.base import Outcome, Refused
from vpopmail.engines.native import aliasdomains, aliases, counters, sql
from vpopmail.engines.native.domains import counter_of_domains, make_tables
from vpopmail.engines.native.moving import Moving
from vpopmail.engines.native.restoration import settle
from vpopmail.engines.native.users import Users
from vpopmail.engines.native.work import RECOVERY_PATIENCE, Work, work
from vpopmail.schema import ensure_table, schema

ROWS = 500  # inserted by one statement
OTHERS = ("lastauth", "limits", counters.TABLE)


def restore(source: str, name: str, entry: str, place: str | None = None) -> Outcome:
    """Bring a domain back under its own name or, as `name`, under another; or nothing at all. Raises Refused
    while the name is taken.

    `place` is the hash directory that a restore under another name had been given when it was stopped.
    """
    parked = trash.find(source)
    check_whole(parked)
    domain, alias_domains = name or parked.domain, alias_domains_of(source)
    if domain in alias_domains:
        raise Refused(_("%(alias)s was an alias domain of it.") % {"alias": domain}, field="name")
    with work(domain, parked.domain, *alias_domains, entry=entry) as job:
        job.note("restore", domain=domain, source=source, name=name, merge=False)
        rules.check_new_domain(domain)
        make_all_tables(job, domain)
        moving = Moving.of(source, parked.domain, domain)
        if moving.renames:
            moving = _placed(job, moving, source, place)
        _bring_directory(job, moving, source)
        with job.rows():
            _insert(job, moving, source)
            if schema().big_dir and not moving.renames:
                counters.count_again(job, counter_of_domains(moving.uid))
        _connect_all(job, domain, alias_domains)
        settle(job, domain, source)
        return job.outcome()


def check_whole(parked: trash.Parked) -> None:
    """Refuse what is no domain, or what is left of one whose rows were brought back."""
    if not parked.is_domain or not parked.recorded:
        raise Refused(_("This is no domain with its rows."))


def _placed(job: Work, moving: Moving, source: str, place: str | None) -> Moving:
    """Where a new domain of that name goes; counted like one."""
    if place is None:
        place = ""
        if schema().big_dir:
            with job.rows():
                [place] = counters.take(job, counter_of_domains(moving.uid), 1)
        job.note("place", place=place)
    moving = moving.at(place)
    for table, row in trash.record(source):
        moved = str(moving.row(table, row).get("pw_dir") or "")
        if len(moved) > LONGEST_PATH:
            raise Refused(
                _("The path of the mailbox of %(name)s would be longer than vpopmail can store.")
                % {"name": row["pw_name"]},
                field="name",
            )
    return moving


def finish(source: str, domain: str, entry: str) -> Outcome:
    """The steps from connecting on, for a restore that was stopped there."""
    alias_domains = alias_domains_of(source)
    with work(domain, *alias_domains, entry=entry, patience=RECOVERY_PATIENCE) as job:
        _connect_all(job, domain, alias_domains)
        settle(job, domain, source)
        return job.outcome()


def _connect_all(job: Work, domain: str, alias_domains: list[str]) -> None:
    _connect(job, domain, domain)
    connect_aliases(job, domain, alias_domains)


def connect_aliases(job: Work, domain: str, alias_domains: list[str]) -> None:
    """The alias domains whose names are still free, and again those that are its own."""
    for alias in alias_domains:
        found = assigned.domains().get(alias)
        if found is not None and found.real == domain:
            _connect(job, alias, domain)
        else:
            _connect_alias(job, domain, alias)


def alias_domains_of(source: str) -> list[str]:
    return sorted({str(row["alias"]) for t, row in trash.record(source) if t == aliasdomains.TABLE})


def make_all_tables(job: Work, domain: str) -> None:
    make_tables(job, domain)
    if aliases.in_sql():
        ensure_table(aliases.TABLE)


def _bring_directory(job: Work, moving: Moving, source: str) -> None:
    where: dict[str, Any] = {"domain": moving.domain, "source": source}
    if moving.renames:
        where["was"] = moving.was
    found = job.call("restore_domain", **where, hash=moving.place)
    what = _("the directory %(directory)s") % {"directory": found["directory"]}
    job.takes_back(what, "unrestore_domain", **where)
    if found["left"]:
        job.warnings.append(
            _("Mail that arrived while it was deleted stays in the trash: %(names)s.")
            % {"names": ", ".join(found["left"])}
        )
    if moving.renames:
        job.takes_back(_("the paths in its files"), "move_paths", **where, back=True)
        addressed = job.call("move_paths", **where)["addressed"]
        if addressed:
            job.warnings.append(
                _("These files still name addresses of %(domain)s: %(files)s.")
                % {"domain": moving.was, "files": ", ".join(addressed)}
            )


def _insert(job: Work, moving: Moving, source: str) -> None:
    """All rows: accounts in parts, since there may be very many; the others are few beside them."""
    domain = moving.domain
    others: dict[str, list[sql.Row]] = {}
    users = Users.of(domain)
    record = ((table, moving.row(table, row)) for table, row in trash.record(source))
    accounts = accounts_in(users, record, others)
    count = 0
    while part := list(islice(accounts, ROWS)):
        taken = set(users.taken([row["pw_name"] for row in part]))
        users.insert(job, [row for row in part if row["pw_name"] not in taken])
        count += len(part)
    for table in OTHERS:
        if schema().columns(table) and others.get(table):
            _replace(job, table, domain, others[table])
    insert_aliases(job, domain, others.get(aliases.TABLE, []))
    if schema().big_dir and not others.get(counters.TABLE):
        counters.begin(job, domain)
        counters.count_again(job, domain, max(0, count - 1))


def accounts_in(
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
            yield kept | users.scope


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


def insert_aliases(job: Work, domain: str, rows: list[sql.Row]) -> None:
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

"""vdeldomain of a real domain: qmail first, then rows, the directory into the trash last (vpopmail.c,
vdeldomain)."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext as _

from vpopmail import assigned
from vpopmail.assigned import AssignedDomain
from vpopmail.database import quoted, rows
from vpopmail.engines.base import NotFound, Outcome, Refused
from vpopmail.engines.native import aliasdomains, aliases, counters, limits, records, sessions, sql
from vpopmail.engines.native.deletions import AUTH, found_in_trash
from vpopmail.engines.native.domains import counter_of_domains, drop_table
from vpopmail.engines.native.users import Users, delete_rows
from vpopmail.engines.native.work import Work, work
from vpopmail.schema import MANY, ensure_table, schema


def delete(domain: AssignedDomain, with_alias_domains: bool, entry: str) -> Outcome:
    """Delete a real domain with all its accounts, and its alias domains when told so."""
    _ensure_tables()
    with work(domain.name, *assigned.domains().aliases_of(domain.name), entry=entry) as job:
        names = _names(domain, with_alias_domains)
        has_directory = _check_park(job, domain)
        job.note("vdeldomain", names=names, domain=asdict(domain), has_directory=has_directory)
        _disconnect(job, names)
        users = Users.of(domain.name)
        if has_directory:
            records.keep(job, domain.name, rows_that_go(users, names))
        job.note("recorded")
        with job.rows():
            _delete_rows(job, domain, users)
        if schema().layout != MANY:
            _drop_table(job, users)
        sessions.end(job, names)
        return job.outcome(**(_park(job, domain) if has_directory else {}))


def _ensure_tables() -> None:
    """What vpopmail makes when it misses it while deleting a domain."""
    if aliases.in_sql():
        ensure_table(aliases.TABLE)
    if schema().alias_domains:
        ensure_table(aliasdomains.TABLE)


def _names(domain: AssignedDomain, with_alias_domains: bool) -> list[str]:
    """The domain's name and those of its alias domains, as they are now."""
    now = assigned.domains()
    if now.get(domain.name) != domain:
        raise NotFound(_("There is no domain %(name)s.") % {"name": domain.name}, field="domain")
    alias_domains = now.aliases_of(domain.name)
    if alias_domains and not with_alias_domains:
        raise Refused(
            _("%(name)s has alias domains, which would be deleted with it: %(aliases)s.")
            % {"name": domain.name, "aliases": ", ".join(alias_domains)}
        )
    return [domain.name, *alias_domains]


def _check_park(job: Work, domain: AssignedDomain) -> bool:
    """Can the directory be moved to the trash? False when there is none."""
    try:
        job.call("check_park", domain=domain.name)
    except NotFound:
        job.warnings.append(_("The directory %(directory)s did not exist.") % {"directory": domain.directory})
        return False
    return True


def _disconnect(job: Work, names: list[str]) -> None:
    """No mail any more for all the names; rows of alias domains first, so that Dovecot refuses before
    qmail does."""
    with job.rows():
        for name in names:
            delete_rows(job, aliasdomains.TABLE, {"alias": name})
    job.call("disconnect_domain", domains=names)
    for name in reversed(names):  # taken back from the last: the real domain before its alias domains
        job.takes_back(name, "connect_domain", domain=name, real=names[0])


def scopes(domain: str) -> dict[str, Mapping[str, str]]:
    """Tables with rows of the domain beside its accounts. Rows of valias and limits under alias names
    stay, as with vpopmail."""
    tables = [AUTH, limits.TABLE, *([aliases.TABLE] if aliases.in_sql() else [])]
    return {table: {"domain": domain} for table in tables}


def rows_that_go(users: Users, names: list[str]) -> Iterator[tuple[str, sql.Row]]:
    yield from records.about(users.domain, "", "")
    going: dict[str, Mapping[str, str]] = {users.table: users.scope, **scopes(users.domain)}
    if schema().big_dir:
        going[counters.TABLE] = {"domain": users.domain}
    for table, where in going.items():
        columns = schema().readable(table)
        for row in sql.select(table, columns, where) if columns else []:
            yield table, row
    for alias in names[1:]:
        yield aliasdomains.TABLE, {"alias": alias, "domain": users.domain}


def _delete_rows(job: Work, domain: AssignedDomain, users: Users) -> None:
    if schema().layout == MANY:
        delete_rows(job, users.table, users.scope)
    for table, where in scopes(domain.name).items():
        delete_rows(job, table, where)
    if schema().big_dir:
        counters.drop(job, domain.name)
        counters.give(job, counter_of_domains(domain.uid))


def _drop_table(job: Work, users: Users) -> None:
    """The last statement, since it commits what came before; made again, with its rows, when the directory
    cannot go."""
    if not users.columns:
        return
    former = sql.select(users.table, users.readable, {})
    [(_name, statement)] = rows(f"SHOW CREATE TABLE {quoted(users.table)}")
    drop_table(users.table)

    def make_again() -> None:
        sql.execute(statement)
        sql.insert(users.table, former)

    job.undo.push(_("the table %(table)s") % {"table": users.table}, make_again)


def _park(job: Work, domain: AssignedDomain) -> dict[str, Any]:
    parked = job.call("park_domain", domain=domain.name)
    return found_in_trash(parked)

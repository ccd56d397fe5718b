"""Repairs of rows. What is deleted is written down in the trash first, as deletions do."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from mailhost.dotqmail import parse_line
from mailhost.names import BadName, check_known_domain
from vpopmail import assigned, recipients
from vpopmail.database import quoted, rows
from vpopmail.engines.base import Refused
from vpopmail.engines.native import aliases, counters, placement, records, sign_in_log, sql
from vpopmail.engines.native.aliasdomains import TABLE as ALIAS_DOMAINS
from vpopmail.engines.native.aliasdomains import insert_row
from vpopmail.engines.native.domains import drop_table
from vpopmail.engines.native.users import Users, delete_rows, real_domain
from vpopmail.engines.native.work import Work
from vpopmail.repairs import Repair
from vpopmail.schema import MANY, OWN_TABLES, ensure_table, schema, table_of
from vpopmail.sign_ins import TABLE as VLOG

Told = dict[str, Any]
NO_NAME = "unknown.invalid"  # stands for what no domain can be called


def _delete(job: Work, domain: str, table: str, where: Mapping[str, Any]) -> Told:
    """Write rows of a table, which may be absent, down and delete them."""
    columns = schema().readable(table)
    found = sql.select(table, columns, where, lock=True) if columns else []
    told = _keep(job, domain, table, found)
    delete_rows(job, table, where)
    return told


def _keep(job: Work, domain: str, table: str, found: Sequence[sql.Row]) -> Told:
    return {"trash": records.keep(job, _known_name(domain), ((table, row) for row in found))}


def _known_name(domain: str) -> str:
    try:
        return check_known_domain(domain.lower())
    except BadName:
        return NO_NAME


def alias_domain(job: Work, what: Repair) -> Told | None:
    """The assign file is the truth: a missing row is made, a wrong one replaced, a stale one removed."""
    ensure_table(ALIAS_DOMAINS)
    line = assigned.domains().get(what.domain)
    if line is not None and line.is_alias:
        insert_row(job, line.real, line.name)
        return None
    return _delete(job, what.domain, ALIAS_DOMAINS, {"alias": what.domain})


def _refuse_real(domain: str) -> None:
    line = assigned.domains().get(domain)
    if line is not None and not line.is_alias:
        raise Refused(_("%(domain)s is a domain of this server.") % {"domain": domain})


def limits(job: Work, what: Repair) -> Told:
    _refuse_real(what.domain)
    return _delete(job, what.domain, "limits", {"domain": what.domain})


def last_auth(job: Work, what: Repair) -> Told:
    line = assigned.domains().get(what.domain)
    if line is not None and not line.is_alias and Users.of(what.domain).taken([what.name]):
        raise Refused(_("There is an account %(name)s.") % {"name": f"{what.name}@{what.domain}"})
    return _delete(job, what.domain, "lastauth", {"user": what.name, "domain": what.domain})


def aliases_of_nobody(job: Work, what: Repair) -> Told:
    """Rows that no delivery reads: those under a real domain are somebody's aliases and stay."""
    _refuse_real(what.domain)
    return _delete(job, what.domain, aliases.TABLE, {"domain": what.domain})


def hidden(job: Work, what: Repair) -> Told:
    """The rows of an alias whose file wins."""
    domain = real_domain(what.domain).name
    if not aliases.read_file(job, domain, what.name)["exists"]:
        raise Refused(_("There is no file of that alias any more."))
    return _delete(job, domain, aliases.TABLE, {"alias": what.name, "domain": domain})


def alias_line(job: Work, what: Repair) -> Told:
    """A line that leads to nobody."""
    domain = real_domain(what.domain).name
    address = parse_line(what.line.strip()).target
    if address not in recipients.existing([address])[2]:
        raise Refused(_("%(address)s exists by now.") % {"address": address})
    found = [row for row in aliases.read_rows(domain, what.name) if row["valias_line"] == what.line]
    told = _keep(job, domain, aliases.TABLE, found or [{"alias": what.name, "line": what.line}])
    aliases.remove_line(job, domain, what.name, what.line)
    return told


def accounts_of_nobody(job: Work, what: Repair) -> Told:
    """The rows of a domain that is none, or the table `name` that is no domain's."""
    _refuse_real(what.domain)
    if schema().layout == MANY:
        with job.rows():
            return _delete(job, what.domain, "vpopmail", {"pw_domain": what.domain})
    table = what.name
    if table in OWN_TABLES or table in {table_of(name) for name in assigned.domains().real_domains}:
        raise Refused(_("The table %(table)s is in use.") % {"table": table})
    if "pw_name" not in schema().columns(table):
        raise Refused(_("The table %(table)s holds no accounts.") % {"table": table})
    told = _keep(job, what.domain, table, sql.select(table, schema().readable(table), {}))
    drop_table(table)
    return told


def passwords(job: Work, what: Repair) -> None:
    """Clear passwords are never read, so nothing of them is kept."""
    if what.name == VLOG:
        sign_in_log.blank_all(job.entry)
        return
    column = "pw_clear_passwd"
    if settings.VPOPMAIL_CLEAR_PASSWORDS == "keep":
        raise Refused(_("Clear passwords are kept here, by VPOPMAIL_CLEAR_PASSWORDS."))
    if column not in schema().columns(what.name):
        return
    text = f"UPDATE {quoted(what.name)} SET {quoted(column)} = '' WHERE {quoted(column)} <> ''"  # noqa: S608
    sql.execute(text)


def counter(job: Work, what: Repair) -> Told | None:
    if what.domain not in assigned.domains():
        columns = schema().readable(counters.TABLE)
        told = _keep(
            job, what.domain, counters.TABLE, sql.select(counters.TABLE, columns, {"domain": what.domain})
        )
        counters.drop(job, what.domain)
        return told
    users = Users.of(what.domain)
    table = quoted(users.table)
    text, params = sql.condition(users.scope)
    count = int(rows(f"SELECT COUNT(*) FROM {table} WHERE {text}", params)[0][0])  # noqa: S608
    found = sql.select(counters.TABLE, placement.COLUMNS, {"domain": what.domain})
    now = placement.from_row(tuple(found[0].values()) if found else None).cur_users
    if count > now:
        counters.take(job, what.domain, count - now)
    return None

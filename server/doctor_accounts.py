"""Accounts of domains that do not exist, tables of domains without domain, and domains without table."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from server.doctor_rows import unknown
from server.findings import Finding
from vpopmail import helper
from vpopmail import schema as schemas
from vpopmail.assigned import domains
from vpopmail.database import quoted, rows
from vpopmail.engines.base import VpopmailError
from vpopmail.repairs import Mend, Repair
from vpopmail.schema import MANY, schema


def examine() -> Iterator[Finding]:
    if schema().layout != MANY:
        yield from _own_tables()
        return
    for name in unknown("vpopmail", "pw_domain", domains()):
        count = rows("SELECT COUNT(*) FROM vpopmail WHERE pw_domain = %s", [name])[0][0]
        plan, repair = _back_or_away(name, "")
        yield Finding(
            "accounts-extra",
            name,
            _("There are accounts of %(name)s, which is no domain in users/assign.") % {"name": name},
            _("%(count)d rows") % {"count": count},
            plan,
            repair,
        )


def _back_or_away(domain: str, table: str) -> tuple[str, Repair]:
    """A domain that still has its directory has lost its line; what has none is left over."""
    if domain and _has_directory(domain):
        plan = _("Put the line of %(name)s back into users/assign, as its rows and its directory are there.")
        return plan % {"name": domain}, Repair(Mend.CONNECT, domain)
    plan = (
        _("Drop the table %(table)s; its rows are kept in the trash.") % {"table": table}
        if table
        else _("Delete the rows; they are kept in the trash.")
    )
    return plan, Repair(Mend.ACCOUNT_ROWS, domain, table)


def _has_directory(domain: str) -> bool:
    try:
        return len(helper.call("find_directory", domain=domain)["hashes"]) == 1
    except VpopmailError:
        return False


def _own_tables() -> Iterator[Finding]:
    known = domains()
    tables = {schemas.table_of(name) for name in known.real_domains}
    existing = set(_tables_of_accounts())
    for table in sorted(existing - tables - set(schemas.OWN_TABLES)):
        plan, repair = _back_or_away(_domain_of(table), table)
        yield Finding(
            "table-extra",
            table,
            _("The table %(table)s holds accounts, but no domain has this table.") % {"table": table},
            _domain_of(table),
            plan,
            repair,
        )
    for name in known.real_domains:
        if schemas.table_of(name) not in existing:
            yield Finding(
                "table-lacks",
                name,
                _("%(name)s has no table of accounts.") % {"name": name},
                schemas.table_of(name),
                _("Make the empty table as vpopmail does."),
                Repair(Mend.TABLE, name),
                safe=True,
            )


def _tables_of_accounts() -> Iterator[str]:
    found = rows(
        "SELECT table_name FROM information_schema.columns "
        "WHERE table_schema = DATABASE() AND column_name = 'pw_name' AND table_name <> 'vpopmail'"
    )
    yield from (str(name) for (name,) in found)


def _domain_of(table: str) -> str:
    """The domain whose table it was, as the directory of an account tells; "" when none does."""
    for (place,) in rows(f"SELECT pw_dir FROM {quoted(table)} WHERE pw_dir <> '' LIMIT 1"):  # noqa: S608
        for part in str(place).split("/"):
            if "." in part and schemas.table_of(part) == table:
                return part
    return ""

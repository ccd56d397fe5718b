"""The tables themselves: engines, widths, indexes, names that will collide, and passwords that lie open.

Tables themselves are not changed by the panel: what to do is told as a statement.
"""

from collections.abc import Iterable, Iterator

from django.conf import settings
from django.utils.translation import gettext as _

from server.findings import Finding
from vpopmail import schema as schemas
from vpopmail.assigned import domains
from vpopmail.checks import INDEXES, WIDTHS
from vpopmail.database import quoted, rows
from vpopmail.repairs import Mend, Repair
from vpopmail.schema import MANY, OWN_TABLES, schema

LARGE = 10_000  # rows from which a missing index is felt


def _ours() -> set[str]:
    """vpopmail's own tables, and those of domains."""
    own = set(OWN_TABLES)
    return (
        own if schema().layout == MANY else own | {schemas.table_of(name) for name in domains().real_domains}
    )


def examine() -> Iterator[Finding]:
    if not schema().sqlite:
        yield from _engines()
        yield from _widths()
    yield from _indexes()
    if schema().layout != MANY:
        yield from _collisions(domains().real_domains)
    yield from _clear_passwords()
    yield from _logged_passwords()


def _engines() -> Iterator[Finding]:
    ours = _ours()
    for table, engine in rows(
        "SELECT table_name, engine FROM information_schema.tables "
        "WHERE table_schema = DATABASE() AND engine <> 'InnoDB'"
    ):
        if table in ours:
            yield Finding(
                "engine",
                table,
                _("The table %(table)s is %(engine)s: what fails half-way is taken back step by step.")
                % {"table": table, "engine": engine},
                engine,
                f"ALTER TABLE {quoted(table)} ENGINE=InnoDB;",
            )


def _widths() -> Iterator[Finding]:
    ours = _ours()
    for column, (needed, _otherwise) in WIDTHS.items():
        for table, width in rows(
            "SELECT table_name, character_maximum_length FROM information_schema.columns "
            "WHERE table_schema = DATABASE() AND column_name = %s AND character_maximum_length < %s",
            [column, needed],
        ):
            if table in ours:
                kind = f"VARCHAR({max(needed, 128) if column == 'pw_passwd' else needed})"
                null = " NOT NULL" if column == "pw_name" else ""
                yield Finding(
                    "column-narrow",
                    f"{table}.{column}",
                    _("%(column)s holds %(width)d characters, and %(needed)d are needed.")
                    % {"column": f"{table}.{column}", "width": width, "needed": needed},
                    str(width),
                    f"ALTER TABLE {quoted(table)} MODIFY {quoted(column)} {kind}{null};",
                )


def _indexes() -> Iterator[Finding]:
    for table, columns, name in INDEXES:
        if not schema().has_table(table) or schema().has_index(table, columns[0]) or not _is_large(table):
            continue
        index = f"{name}_{table}" if schema().sqlite else name
        yield Finding(
            "index-lacks",
            table,
            _("The table %(table)s has no index on %(column)s: lists of one domain read all of it.")
            % {"table": table, "column": columns[0]},
            "",
            f"CREATE INDEX {index} ON {quoted(table)} ({', '.join(columns)});",
        )


def _is_large(table: str) -> bool:
    found = rows(f"SELECT 1 FROM {quoted(table)} LIMIT 1 OFFSET {LARGE:d}")  # noqa: S608
    return bool(found)


def _collisions(names: Iterable[str]) -> Iterator[Finding]:
    """Domains whose tables have one name, or that of a table of vpopmail's own."""
    first: dict[str, str] = {}
    for name in names:
        table = schemas.table_of(name)
        other = first.setdefault(table, name)
        if other != name or table in OWN_TABLES:
            yield Finding(
                "table-shared",
                name,
                _("%(name)s has the same table as %(other)s: deleting one drops the accounts of both.")
                % {"name": name, "other": other if other != name else _("vpopmail itself")},
                table,
                _("By hand: move one to a server of its own; delete none with vpopmail’s programs."),
            )


def _clear_passwords() -> Iterator[Finding]:
    if settings.VPOPMAIL_CLEAR_PASSWORDS == "keep":
        return
    tables = (
        ["vpopmail"] if schema().layout == MANY else [schemas.table_of(n) for n in domains().real_domains]
    )
    for table in tables:
        if "pw_clear_passwd" in schema().readable(table) and _has_any(table, "pw_clear_passwd"):
            yield Finding(
                "clear-passwords",
                table,
                _("The table %(table)s holds passwords in clear text.") % {"table": table},
                "pw_clear_passwd",
                _("Empty them: %(sql)s CRAM-MD5 and APOP stop working for these accounts.")
                % {"sql": f"UPDATE {quoted(table)} SET pw_clear_passwd = '';"},  # noqa: S608 (shown, never run)
                Repair(Mend.PASSWORDS, "", table),
            )


def _logged_passwords() -> Iterator[Finding]:
    if "passwd" in schema().readable("vlog") and _has_any("vlog", "passwd"):
        yield Finding(
            "vlog-passwords",
            "vlog",
            _("The table vlog holds passwords of sign-ins in clear text."),
            "passwd",
            _("Empty them: %(sql)s vpopmail writes new ones until it is built without --enable-sql-logging.")
            % {"sql": "UPDATE vlog SET passwd = '';"},
            Repair(Mend.PASSWORDS, "", "vlog"),
        )


def _has_any(table: str, column: str) -> bool:
    """Is anything in the column? The value itself is never read."""
    return bool(rows(f"SELECT 1 FROM {quoted(table)} WHERE {quoted(column)} <> '' LIMIT 1"))  # noqa: S608

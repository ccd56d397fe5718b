"""`manage.py check` for vpopmail: helper and directories; tables, widths, indexes with `--database vpopmail`.

Each check is cheap: a few statements about single tables, a few calls of the helper.
"""

import os
from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, Tags, Warning, register
from django.db import DatabaseError

from vpopmail import schema as schemas
from vpopmail.assigned import domains
from vpopmail.database import quoted, rows
from vpopmail.engines.base import VpopmailError
from vpopmail.helper import call
from vpopmail.router import DATABASE
from vpopmail.schema import MANY, Schema, schema

# Table, columns, name of the index that the panel's lists use.
INDEXES = (
    ("vpopmail", ("pw_domain", "pw_name"), "panel_domain"),
    ("valias", ("domain", "alias"), "panel_domain"),
    ("lastauth", ("domain",), "panel_domain"),
)
SMALL = 10_000  # rows
# Column, characters it needs, what happens otherwise.
WIDTHS = {
    "pw_passwd": (98, "SHA-512 hashes do not fit, so new passwords are hashed with MD5"),
    "pw_name": (64, "longer names are refused"),
    "pw_shell": (20, "larger quotas are refused"),
}


@register("vpopmail")
def check_helper(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Is the helper there, and is it where it should be?"""
    try:
        answer = call("ping")
    except VpopmailError as error:
        return [
            Warning(f"The helper cannot be reached: {error.message}", hint=_HELPER_HINT, id="vpopmail.W005")
        ]
    own = settings.VPOPMAIL_HOME.is_relative_to(settings.VQWEB_STATE)
    if answer.get("root") and not settings.VPOPMAIL_HELPER and not own:
        return [
            Warning(
                "The panel runs as root and changes the mail host’s files in its own process.",
                hint="Run the panel as a user of its own, and set VPOPMAIL_HELPER (docs/install.md).",
                id="vpopmail.W001",
            )
        ]
    return []


_HELPER_HINT = "VPOPMAIL_HELPER is empty (this process), unix:/path/of.sock, or a command."


@register("vpopmail")
def check_directories(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Homes on this machine.

    With a helper of its own they are its business, and our own are made at the first start.
    """
    if settings.VPOPMAIL_HELPER or settings.VPOPMAIL_HOME.is_relative_to(settings.VQWEB_STATE):
        return []
    return [
        Warning(f"{path} is not there.", hint=f"{name} names the directory above it.", id="vpopmail.W006")
        for name, path in (
            ("VPOPMAIL_HOME", settings.VPOPMAIL_HOME / "domains"),
            ("QMAIL_HOME", settings.QMAIL_HOME / "control"),
            ("QMAIL_HOME", settings.QMAIL_HOME / "users"),
        )
        if not os.path.isdir(path)
    ]


@register(Tags.database)
def check_tables(
    app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Layout, columns, engines and indexes of vpopmail's tables."""
    if DATABASE not in (databases or ()):
        return []
    if schemas.is_embedded() and not schemas.embedded_path().exists():
        return [Info("There is no store yet; `manage.py prepare` makes it.", id="vpopmail.I002")]
    try:
        facts = schema()
        return [
            *_layout(facts),
            *_widths(facts),
            *_without_transactions(facts),
            *_missing_indexes(facts),
        ]
    except (DatabaseError, VpopmailError) as error:
        return [Error(f"vpopmail’s tables cannot be read: {error}", id="vpopmail.E003")]


def _layout(facts: Schema) -> Iterator[CheckMessage]:
    found = "one table for all domains" if facts.layout == MANY else "one table per domain"
    yield Info(
        f"vpopmail keeps {found}, aliases in {facts.aliases}, limits in {facts.limits}.", id="vpopmail.I001"
    )
    if facts.sqlite:
        return
    if facts.layout == MANY and domains().real_domains and not facts.has_table("vpopmail"):
        yield Error(
            "There are domains, but no table vpopmail.",
            hint="VPOPMAIL_LAYOUT=per-domain says that each domain has a table of its own.",
            id="vpopmail.E004",
        )
    if facts.layout != MANY:
        yield from _shared_tables()


def _shared_tables() -> Iterator[CheckMessage]:
    """Domains whose names lead to the same table: vpopmail mixes up their accounts."""
    first: dict[str, str] = {}
    for domain in domains().real_domains:
        other = first.setdefault(schemas.table_of(domain), domain)
        if other != domain:
            yield Error(
                f"{other} and {domain} share the table {schemas.table_of(domain)}.", id="vpopmail.E005"
            )


def _tables_of_accounts(facts: Schema) -> list[str]:
    """The table of accounts, or those of the first few domains."""
    if facts.layout == MANY:
        return ["vpopmail"]
    return [schemas.table_of(domain) for domain in domains().real_domains[:3]]


def _widths(facts: Schema) -> Iterator[CheckMessage]:
    for table in _tables_of_accounts(facts):
        columns = facts.columns(table)
        for column, (needed, otherwise) in WIDTHS.items():
            width = columns.get(column)
            if width is not None and width < needed:
                yield Warning(
                    f"{table}.{column} holds {width} characters: {otherwise}.",
                    hint=f"ALTER TABLE {quoted(table)} MODIFY {column} VARCHAR({max(needed, 128)});"
                    if column == "pw_passwd"
                    else f"ALTER TABLE {quoted(table)} MODIFY {column} VARCHAR({needed})"
                    + (" NOT NULL;" if column == "pw_name" else ";"),
                    id="vpopmail.W002",
                )


def _without_transactions(facts: Schema) -> Iterator[CheckMessage]:
    for table in [*_tables_of_accounts(facts), "dir_control", "lastauth", "valias", "limits", "aliasdomains"]:
        engine = facts.engine(table)
        if engine and engine != "InnoDB":
            yield Warning(
                f"The table {table} is {engine}: a change that fails half-way is taken back step by step.",
                hint=f"ALTER TABLE {quoted(table)} ENGINE=InnoDB;",
                id="vpopmail.W003",
            )


def _is_small(facts: Schema, table: str) -> bool:
    """In an SQLite store of a few thousand accounts an index gains nothing that anybody would notice."""
    if not facts.sqlite:
        return False
    counted = rows(f"SELECT COUNT(*) FROM (SELECT 1 FROM {quoted(table)} LIMIT {SMALL:d})")  # noqa: S608
    return int(counted[0][0]) < SMALL


def _missing_indexes(facts: Schema) -> Iterator[CheckMessage]:
    for table, columns, name in INDEXES:
        if not facts.has_table(table) or facts.has_index(table, columns[0]) or _is_small(facts, table):
            continue
        yield Warning(
            f"The table {table} has no index on {columns[0]}: lists of one domain read the whole table.",
            hint=f"CREATE INDEX {name if not facts.sqlite else f'{name}_{table}'} "
            f"ON {quoted(table)} ({', '.join(columns)});",
            id="vpopmail.W004",
        )

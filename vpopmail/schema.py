"""Which tables, columns and indexes exist, what the build's options are, and how missing tables are made.

Nothing is assumed: each fact is read when first asked for, kept for a minute (its absence for a few seconds),
and dropped at once when a statement fails because of it (`database.watch`). Options of the build come from
its own `include/vpopmail_config.h`, read through the helper; without one, the tables and files that exist
decide; settings force.
"""

import os
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from django.db import transaction

from vpopmail import assigned, detect, helper, layouts
from vpopmail.database import connection, quoted, rows
from vpopmail.router import DATABASE

MANY = "many-domains"
PER_DOMAIN = "per-domain"
# Tables that are not accounts of a domain; a domain's table must not take one of these names.
OWN_TABLES = (
    "vpopmail",
    "users",
    "dir_control",
    "lastauth",
    "aliasdomains",
    "valias",
    "limits",
    "vlog",
    "relay",
    "ip_alias_map",
)
KEEP = 60.0  # seconds a fact is believed
KEEP_ABSENT = 3.0  # seconds an absence is believed: vpopmail makes a table whenever it needs one
MOST_FACTS = 4096

T = TypeVar("T")
_NOT_IN_TABLES = re.compile(r"[^0-9A-Za-z_]")


def table_of(domain: str) -> str:
    """The name of a domain's own table (vauth_munch_domain): not unique, `a-b.com` and `a.b.com` share one.

    Whatever else no domain has, a damaged assign file might: it never reaches a statement.
    """
    return _NOT_IN_TABLES.sub("_", domain)


class Schema:
    """Facts about the database in use; ask `schema()` for it."""

    def __init__(self) -> None:
        self._facts: dict[tuple[str, ...], tuple[float, Any]] = {}

    def _fact(self, key: tuple[str, ...], read: Callable[[], T]) -> T:
        now = time.monotonic()
        kept = self._facts.get(key)
        if kept is not None and kept[0] > now:
            return kept[1]  # type: ignore[no-any-return]
        value = read()
        if len(self._facts) >= MOST_FACTS:
            self._facts.clear()
        self._facts[key] = (now + (KEEP if value else KEEP_ABSENT), value)
        return value

    # --- tables ---

    def columns(self, table: str) -> Mapping[str, int | None]:
        """Column → width in characters (None: numbers, or no bound); empty when there is no such table."""
        return {name: width for name, (width, _) in self._columns(table).items()}

    def _columns(self, table: str) -> dict[str, tuple[int | None, str]]:
        return self._fact(("columns", table), lambda: _read_columns(table))

    def unreadable(self, table: str) -> frozenset[str]:
        """Columns that the panel's SQL account may write but not read (`manage.py grants` hides clear
        passwords).
        """
        return self._fact(("unreadable", table), lambda: _read_unreadable(table))

    def readable(self, table: str) -> list[str]:
        """The columns less those of `unreadable`; empty when there is no such table."""
        columns = self._columns(table)
        hidden = self.unreadable(table) if columns else frozenset()
        return [column for column in columns if column not in hidden]

    def has_table(self, name: str) -> bool:
        return bool(self._columns(name))

    def exists_now(self, table: str) -> bool:
        """Asks the database, whatever was known before."""
        self._facts.pop(("columns", table), None)
        return self.has_table(table)

    def has_column(self, table: str, column: str) -> bool:
        return column in self._columns(table)

    def width(self, table: str, column: str, unknown: int) -> int:
        """Width of a text column; `unknown` where there is no table yet, no column, or no bound."""
        return self._columns(table).get(column, (None, ""))[0] or unknown

    def charset(self, table: str, column: str) -> str:
        """The column's character set ("latin1"), or "" where every text fits."""
        return self._columns(table).get(column, (None, ""))[1]

    def indexes(self, table: str) -> Mapping[str, tuple[str, ...]]:
        """Index → its columns in order."""
        return self._fact(("indexes", table), lambda: _read_indexes(table))

    def index_on(self, table: str, first_column: str) -> str:
        """The name of an index that begins with the column, or ""."""
        return next(
            (name for name, columns in self.indexes(table).items() if columns[:1] == (first_column,)), ""
        )

    def has_index(self, table: str, first_column: str) -> bool:
        return bool(self.index_on(table, first_column))

    def engine(self, table: str) -> str:
        """ "InnoDB", "MyISAM", …; "" on SQLite or when there is no such table."""
        return self._fact(("engine", table), lambda: _read_engine(table))

    @property
    def sqlite(self) -> bool:
        return connection().vendor == "sqlite"

    # --- options of the build ---

    @property
    def options(self) -> Mapping[str, str]:
        """The `#define` lines of the installed build; empty when its header is not there."""
        return self._fact(("options",), lambda: dict(helper.call("read_options").get("defines") or {}))

    def _option(self, define: str, without_header: Callable[[], bool]) -> bool:
        return define in self.options if self.options else without_header()

    @property
    def layout(self) -> str:
        if settings.VPOPMAIL_LAYOUT != "auto":
            return str(settings.VPOPMAIL_LAYOUT)
        if self.sqlite:
            return MANY
        return MANY if self._option("MANY_DOMAINS", self._seems_many) else PER_DOMAIN

    def _seems_many(self) -> bool:
        if self.has_table("vpopmail"):
            return True
        first = assigned.domains().real_domains[:5]
        return not any(self.has_column(table_of(domain), "pw_name") for domain in first)

    @property
    def aliases(self) -> str:
        """ "sql" (table valias) or "files" (.qmail-NAME)."""
        if settings.VPOPMAIL_ALIASES != "auto":
            return str(settings.VPOPMAIL_ALIASES)
        return "sql" if self._option("VALIAS", lambda: self.sqlite or self.has_table("valias")) else "files"

    @property
    def limits(self) -> str:
        """ "sql" (table limits) or "files" (.qmailadmin-limits)."""
        if settings.VPOPMAIL_LIMITS != "auto":
            return str(settings.VPOPMAIL_LIMITS)
        if self.sqlite:
            return "files"
        return "sql" if self._option("ENABLE_MYSQL_LIMITS", lambda: self.has_table("limits")) else "files"

    @property
    def alias_domains(self) -> bool:
        """Is the table aliasdomains kept? On SQLite always: the panel adds it for Dovecot."""
        if self.sqlite or self.has_table("aliasdomains"):
            return True
        return self._option("SQL_ALIASDOMAINS", lambda: False)

    @property
    def last_auth(self) -> bool:
        """Is the table lastauth kept?"""
        return self._option("ENABLE_AUTH_LOGGING", lambda: True)

    @property
    def default_delivery(self) -> bool:
        """Has valias the columns valias_type and copy, or would it be made with them?"""
        if self.has_table("valias"):
            return self.has_column("valias", "valias_type")
        return "DEFAULT_DELIVERY" in self.options

    @property
    def clear_passwords(self) -> bool:
        """Has the table of accounts a column for clear passwords (in the per-domain layout: have new tables
        one)?"""
        if self.layout == MANY and self.has_table("vpopmail"):
            return self.has_column("vpopmail", "pw_clear_passwd")
        return self._option("CLEAR_PASS", self._seems_clear)

    def _seems_clear(self) -> bool:
        first = assigned.domains().real_domains[:1] if self.layout == PER_DOMAIN else []
        return any(self.has_column(table_of(domain), "pw_clear_passwd") for domain in first)

    def clear_passwords_in(self, domain: str) -> bool:
        """Has the table that holds this domain's accounts the column?"""
        return self.has_column(self.user_table(domain), "pw_clear_passwd")

    @property
    def big_dir(self) -> bool:
        """Are mailboxes spread over hash directories (then one-letter names are refused)?"""
        return self._option("USERS_BIG_DIR", lambda: True)

    @property
    def hash_prefix(self) -> str:
        """ "$6$" or "$1$": the crypt(3) method of new passwords. A SHA-512 hash needs 98 characters."""
        tables = (
            ["vpopmail"]
            if self.layout == MANY
            else [table_of(d) for d in assigned.domains().real_domains[:1]]
        )
        narrow = any(self.width(table, "pw_passwd", 128) < 98 for table in tables)
        md5 = "MD5_PASSWORDS" in self.options and "SHA512_PASSWORDS" not in self.options
        return "$1$" if narrow or md5 else "$6$"

    def user_table(self, domain: str) -> str:
        """The table that holds the accounts of a real domain."""
        return "vpopmail" if self.layout == MANY else table_of(domain)


_schema = Schema()


def schema() -> Schema:
    """What is known about the database; reads nothing by itself."""
    return _schema


def reset() -> None:
    """Forget every fact, so that each is read again when asked for."""
    global _schema
    _schema = Schema()


# --- reading ---


def _read_columns(table: str) -> dict[str, tuple[int | None, str]]:
    if connection().vendor == "sqlite":
        found = rows(f"PRAGMA table_info({quoted(table)})")
        return {row[1]: (None, "") for row in found}
    found = rows(
        "SELECT column_name, character_maximum_length, character_set_name FROM information_schema.columns "
        "WHERE table_schema = %s AND table_name = %s",
        [_database(), table],
    )
    return {name: (None if width is None else int(width), charset or "") for name, width, charset in found}


def _read_unreadable(table: str) -> frozenset[str]:
    if connection().vendor == "sqlite":
        return frozenset()
    found = rows(
        "SELECT column_name FROM information_schema.columns "
        "WHERE table_schema = %s AND table_name = %s AND NOT FIND_IN_SET('select', privileges)",
        [_database(), table],
    )
    return frozenset(name for (name,) in found)


def _read_indexes(table: str) -> dict[str, tuple[str, ...]]:
    indexes: dict[str, tuple[str, ...]] = {}
    if connection().vendor == "sqlite":
        for row in rows(f"PRAGMA index_list({quoted(table)})"):
            indexes[row[1]] = tuple(column[2] for column in rows(f"PRAGMA index_info({quoted(row[1])})"))
        return indexes
    for name, column in rows(
        "SELECT index_name, column_name FROM information_schema.statistics "
        "WHERE table_schema = %s AND table_name = %s ORDER BY index_name, seq_in_index",
        [_database(), table],
    ):
        indexes[name] = (*indexes.get(name, ()), column)
    return indexes


def _read_engine(table: str) -> str:
    if connection().vendor == "sqlite":
        return ""
    found = rows(
        "SELECT engine FROM information_schema.tables WHERE table_schema = %s AND table_name = %s",
        [_database(), table],
    )
    return found[0][0] or "" if found else ""


def _database() -> str:
    return str(connection().settings_dict["NAME"])


# --- making ---


def create_table(name: str) -> None:
    """Make a table with vpopmail's own layout, unless it exists. `name` is one of vpopmail's, or a domain's
    own table.

    On MariaDB this commits what came before: call it outside a transaction.
    """
    facts = schema()
    vendor = "sqlite" if facts.sqlite else "mysql"
    if name == "valias":
        body = layouts.valias(vendor, facts.default_delivery)
    elif name == "limits":
        body = layouts.limits()
    elif name in ("dir_control", "lastauth", "aliasdomains", "ip_alias_map"):
        body = layouts.common(name, vendor)
    elif name == "vpopmail" or name not in OWN_TABLES:
        body = layouts.user_table(vendor, name != "vpopmail", facts.clear_passwords)
    else:
        raise ValueError(f"the panel never makes the table {name}")
    with connection().cursor() as cursor:
        cursor.execute(f"CREATE TABLE IF NOT EXISTS {quoted(name)} ({body})")
        if name == "valias" and vendor == "sqlite":
            cursor.execute("CREATE INDEX IF NOT EXISTS valias_idx ON valias (alias, domain)")
    reset()


def ensure_table(name: str) -> None:
    """Make the table if it is not there; costs nothing when it is."""
    if not schema().has_table(name):
        create_table(name)


def is_embedded() -> bool:
    """Is vpopmail's database the SQLite file in vpopmail's own home?"""
    return connection().vendor == "sqlite" and Path(_database()) == embedded_path()


def embedded_path() -> Path:
    return settings.VPOPMAIL_HOME / "domains" / "_vpopmail.sqlite"


def create_embedded_store() -> bool:
    """Make what a vpopmail built for SQLite has, and aliasdomains besides; True when there was none before.

    Homes below the panel's own state directory get the directories of a fresh installation as well. Nothing
    that exists is changed. Raises OSError when the directories cannot be made.
    """
    if not is_embedded():
        return False
    new = not embedded_path().exists()
    (settings.VPOPMAIL_HOME / "domains").mkdir(mode=0o755, parents=True, exist_ok=True)
    if settings.QMAIL_HOME.is_relative_to(settings.VQWEB_STATE):
        for part in ("control", "users"):
            (settings.QMAIL_HOME / part).mkdir(mode=0o755, parents=True, exist_ok=True)
    with transaction.atomic(using=DATABASE):
        for name in ("vpopmail", "dir_control", "lastauth", "valias", "aliasdomains"):
            create_table(name)
    if new:
        os.chmod(embedded_path(), 0o600)  # it holds password hashes
        if os.geteuid() == 0:
            os.chown(embedded_path(), detect.uid(settings.VPOPMAIL_HOME), detect.gid(settings.VPOPMAIL_HOME))
    return new

"""Print the SQL that gives the panel an account of its own on a real server (docs/security.md)."""

from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError

from vpopmail import ip_map
from vpopmail.database import connection
from vpopmail.schema import MANY, schema

# Never UPDATE of the key or of the directory.
SECRETS = ("pw_clear_passwd", "passwd")  # of vpopmail and vlog
CHANGED = ("pw_passwd", "pw_uid", "pw_gid", "pw_gecos", "pw_shell", "pw_clear_passwd")
OTHERS = ("dir_control", "lastauth", "aliasdomains", "valias", "limits")


class Command(BaseCommand):
    help = "Print GRANT statements for an SQL account of the panel's own, for the layout that was found."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--user", default="vqweb", help="name of the account (vqweb)")
        parser.add_argument("--host", default="localhost", help="from where it connects (localhost)")

    def handle(self, *args: Any, **options: Any) -> None:
        if schema().sqlite:
            raise CommandError("vpopmail's tables are in an SQLite file, which knows no accounts.")
        who = f"{_text(options['user'])}@{_text(options['host'])}"
        self.stdout.write(f"CREATE USER IF NOT EXISTS {who} IDENTIFIED BY 'choose-a-password';")
        statements = _many() if schema().layout == MANY else _per_domain()
        for rights, table in statements:
            self.stdout.write(f"GRANT {rights} ON {table} TO {who};")


def _text(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def _table(name: str) -> str:
    return f"`{connection().settings_dict['NAME']}`.`{name}`"


def _readable(columns: Iterable[str]) -> str:
    return ", ".join(column for column in columns if column not in SECRETS)


def _many() -> Iterator[tuple[str, str]]:
    """Column by column on the table of accounts. CREATE only for tables that vpopmail has not made yet."""
    present = schema().columns("vpopmail")
    if not present:
        raise CommandError("The table vpopmail does not exist yet: vpopmail makes it with its first domain.")
    changed = ", ".join(column for column in CHANGED if column in present)
    yield f"SELECT ({_readable(present)}), INSERT, DELETE, UPDATE ({changed})", _table("vpopmail")
    for name in OTHERS:
        create = "" if schema().has_table(name) else "CREATE, "
        yield f"{create}SELECT, INSERT, UPDATE, DELETE", _table(name)
    if settings.DOVECOT_QUOTA_TABLE:
        yield "SELECT", _table(settings.DOVECOT_QUOTA_TABLE)
    if columns := schema().columns("vlog"):
        emptied = ", ".join(column for column in ("passwd", "message") if column in columns)
        yield f"SELECT ({_readable(columns)}), UPDATE ({emptied}), DELETE", _table("vlog")
    if schema().has_table("relay"):
        yield "SELECT", _table("relay")
    if ip_map.exists():
        create = "" if schema().has_table(ip_map.TABLE) else "CREATE, "
        yield f"{create}SELECT, INSERT, UPDATE, DELETE", _table(ip_map.TABLE)


def _per_domain() -> Iterator[tuple[str, str]]:
    """Tables come and go with their domains: the rights are the database's, which knows no columns."""
    database = str(connection().settings_dict["NAME"]).replace("_", r"\_").replace("%", r"\%")
    yield "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP", f"`{database}`.*"

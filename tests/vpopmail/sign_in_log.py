"""Tables that a store may lack, as its vpopmail makes them, and rows in them."""

import time
from collections.abc import Iterable
from typing import Any

from django.db import connections

from tests import recorded
from tests.store import Store
from vpopmail import schema, sign_in_figures

NOW = int(time.time())
# vpopmail on SQLite cannot make it: its statement holds MySQL's INDEX (vsqlite.h). Somebody else may.
VLOG = (
    "CREATE TABLE vlog (id integer PRIMARY KEY, user text, passwd text, domain text, logon text, "
    'remoteip text, message text, "timestamp" integer NOT NULL DEFAULT 0, error integer)',
    "CREATE INDEX user_idx ON vlog (user)",
    "CREATE INDEX domain_idx ON vlog (domain)",
    "CREATE INDEX remoteip_idx ON vlog (remoteip)",
)
OTHERS = {
    "relay": 'CREATE TABLE relay (ip_addr text NOT NULL, "timestamp" text, PRIMARY KEY (ip_addr))',
    "ip_alias_map": "CREATE TABLE ip_alias_map (ip_addr text NOT NULL, domain text, PRIMARY KEY (ip_addr))",
}


def execute(statement: str, params: Iterable[Any] = ()) -> None:
    with connections["vpopmail"].cursor() as cursor:
        cursor.execute(statement, list(params))


def make(store: Store, table: str) -> None:
    """The table as recorded of the store's build, of that of `many` where that build has none."""
    if store.kind == "sqlite":
        statements = VLOG if table == "vlog" else (OTHERS[table],)
    else:
        found = [s for kind in (store.kind, "many") for s in recorded.ddl(kind, store.engine or "InnoDB")]
        statements = (next(one for one in found if one.startswith(f"CREATE TABLE `{table}`")),)
        statements = (statements[0].replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS"),)
    for statement in statements:
        execute(statement)
    schema.reset()
    sign_in_figures.reset()


def log(
    who: str,
    error: int,
    *,
    address: str = "203.0.113.9",
    logon: str | None = None,
    ago: int = 60,
    service: str = "imap",
    password: str = "typed-Secret-1",
    message: str = "",
    times: int = 1,
) -> None:
    """Rows as vchkpw writes them."""
    user, _at, domain = who.partition("@")
    quote = connections["vpopmail"].ops.quote_name
    for _number in range(times):
        execute(
            f"INSERT INTO vlog ({quote('user')}, passwd, domain, logon, remoteip, message, "
            f"{quote('timestamp')}, error) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            (
                user,
                password,
                domain,
                who if logon is None else logon,
                address,
                message or f"vchkpw-{service}: password fail {who}:{address}",
                NOW - ago,
                error,
            ),
        )
    sign_in_figures.reset()

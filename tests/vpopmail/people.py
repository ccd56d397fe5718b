"""Domains and accounts put into a store by hand, without the engine: what the reading side is tested on."""

import os
from collections.abc import Sequence

from django.db import connections

from tests.store import GID, UID, Store
from vpopmail import assigned, schema
from vpopmail.models import account_model

HASH = "$6$saltsalt$" + "x" * 86


def assign(store: Store, *pairs: tuple[str, str]) -> None:
    """Write users/assign with (name, real) pairs, and the directories of the real domains."""
    lines = [f"+{n}-:{r}:{UID}:{GID}:{store.directory(r)}:-::\n" for n, r in pairs]
    (store.qmail / "users" / "assign").write_text("".join([*lines, ".\n"]))
    for name, real in pairs:
        if name == real:
            store.directory(real).mkdir(parents=True, exist_ok=True)
            if os.geteuid() == 0:
                os.chown(store.directory(real), UID, GID)
    assigned.reset()


def accounts(store: Store, domain: str, names: Sequence[str], **values: object) -> None:
    """Rows of accounts; the table is made when it is missing."""
    schema.ensure_table(schema.schema().user_table(domain))
    model = account_model(domain)
    fixed = {"passwd": "x", "gecos": "", "shell": "NOQUOTA", **values}
    for name in names:
        row = model(name=name, dir=f"{store.directory(domain)}/{name}", **fixed)
        if schema.schema().layout == schema.MANY:
            row.domain = domain
        row.save(force_insert=True)


def execute(sql: str, params: Sequence[object] = ()) -> None:
    with connections["vpopmail"].cursor() as cursor:
        cursor.execute(sql, params)


def alias(domain: str, name: str, *lines: str) -> None:
    schema.ensure_table("valias")
    for line in lines:
        execute("INSERT INTO valias (alias, domain, valias_line) VALUES (%s, %s, %s)", [name, domain, line])


def dotqmail(store: Store, domain: str, name: str, *lines: str) -> None:
    path = store.directory(domain) / f".qmail-{name.replace('.', ':')}"
    path.write_text("".join(f"{line}\n" for line in lines))
    path.chmod(0o600)
    if os.geteuid() == 0:
        os.chown(path, UID, GID)


def signed_in(domain: str, name: str, address: str, timestamp: int) -> None:
    schema.ensure_table("lastauth")
    user, time = ("`user`", "`timestamp`") if not schema.schema().sqlite else ('"user"', '"timestamp"')
    execute(
        f"INSERT INTO lastauth ({user}, domain, remote_ip, {time}) VALUES (%s, %s, %s, %s)",
        [name, domain, address, timestamp],
    )

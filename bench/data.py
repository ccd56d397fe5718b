"""Data as other panels were measured on: few big domains, many small ones, the same user names in all."""

import os
import sqlite3
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import recorded
from tests.mariadb import MariaDB
from tests.store import GID, UID, Store

BIG, SMALL = "big.example", "ten.example"
HASH = "$6$benchbenchbench1$" + "x" * 86
COUNTER = [
    "level_cur",
    "level_max",
    *(f"level_{p}{n}" for p in ("start", "end", "mod", "index") for n in range(3)),
]


@dataclass(frozen=True)
class Size:
    """`big` is the biggest domain, `large` as many of 5,000; one has ten, the others share the rest."""

    name: str
    domains: int
    accounts: int
    big: int
    large: int
    alias_domains: int

    def sizes(self) -> dict[str, int]:
        """Domain → number of accounts, sorted by domain."""
        found = {BIG: self.big, SMALL: 10, **{f"large{n:02d}.example": 5000 for n in range(self.large)}}
        others = self.domains - len(found)
        each, more = divmod(self.accounts - sum(found.values()), others)
        found |= {f"d{n:05d}.example": each + (n < more) for n in range(others)}
        return dict(sorted(found.items()))


SIZES = {
    "S": Size("S", 100, 10_000, 4_000, 0, 20),
    "M": Size("M", 2_000, 100_000, 50_000, 2, 200),
    "L": Size("L", 20_000, 1_000_000, 50_000, 10, 2_000),
}


def name_of(number: int) -> str:
    return f"user{number:06d}"


def _directory(store: Store, domain: str) -> Path:
    return store.home / "domains" / domain


def _accounts(store: Store, sizes: dict[str, int]) -> Iterator[tuple[Any, ...]]:
    """Rows in the order of the key, which loads fastest."""
    home = store.home / "domains"
    for number in range(max(sizes.values())):
        name = name_of(number)
        for domain, count in sizes.items():
            if number < count:
                yield (name, domain, HASH, 0, 0, f"User {number}", f"{home}/{domain}/{name}", "2147483648S")


def _last_auths(sizes: dict[str, int]) -> Iterator[tuple[Any, ...]]:
    now = int(time.time())
    for number in range(max(sizes.values())):
        for domain, count in sizes.items():
            if number < count:
                yield (name_of(number), domain, "192.0.2.7", now - number * 60)


def _aliases(sizes: dict[str, int]) -> Iterator[tuple[Any, ...]]:
    """One alias for twenty accounts."""
    for domain, count in sizes.items():
        for number in range(0, count, 20):
            yield (f"alias{number:06d}", domain, f"&{name_of(number)}@{domain}")


def _counters(sizes: dict[str, int]) -> Iterator[tuple[Any, ...]]:
    """As vpopmail begins them; only `cur_users` is what it would be."""
    fresh = (0, 3, 0, 0, 0, 61, 61, 61, 0, 2, 4, 0, 0, 0)
    for domain, count in [*sizes.items(), (f"dom_{UID}", len(sizes))]:
        yield (domain, count, *fresh, "")


def lay_out_assign(store: Store, sizes: dict[str, int], alias_domains: list[tuple[str, str]]) -> None:
    """users/assign, the directories of the domains, virtualdomains and rcpthosts."""
    names = sorted([*((name, name) for name in sizes), *alias_domains])
    users, control = store.qmail / "users", store.qmail / "control"
    lines = [f"+{name}-:{real}:{UID}:{GID}:{_directory(store, real)}:-::\n" for name, real in names]
    (users / "assign").write_text("".join(lines) + ".\n")
    (control / "virtualdomains").write_text("".join(f"{name}:{name}\n" for name, _ in names))
    hosts = [name for name, _ in names]
    (control / "rcpthosts").write_text("".join(f"{name}\n" for name in hosts[:50]))
    (control / "morercpthosts").write_text("".join(f"{name}\n" for name in hosts[50:]))
    for name in sizes:
        directory = _directory(store, name)
        directory.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(directory, UID, GID)


Rows = dict[str, tuple[list[str], Iterable[tuple[Any, ...]]]]


def _tables(store: Store, size: Size) -> Rows:
    sizes = size.sizes()
    numbers = range(size.alias_domains)
    alias_domains = [(f"alias{n:05d}.example", name) for n, name in zip(numbers, sizes, strict=False)]
    lay_out_assign(store, sizes, alias_domains)
    user = ["pw_name", "pw_domain", "pw_passwd", "pw_uid", "pw_gid", "pw_gecos", "pw_dir", "pw_shell"]
    return {
        "vpopmail": (user, _accounts(store, sizes)),
        "lastauth": (["user", "domain", "remote_ip", "timestamp"], _last_auths(sizes)),
        "valias": (["alias", "domain", "valias_line"], _aliases(sizes)),
        "aliasdomains": (["alias", "domain"], alias_domains),
        "dir_control": (["domain", "cur_users", *COUNTER, "the_dir"], _counters(sizes)),
    }


def load_mariadb(store: Store, server: MariaDB, size: Size) -> None:
    """By LOAD DATA, without waiting for the disk; afterwards the server is durable again."""
    link = server.connect(store.database)
    cursor = link.cursor()
    for statement in recorded.ddl("many"):
        cursor.execute(statement)
    cursor.execute("SET GLOBAL innodb_flush_log_at_trx_commit = 0")
    for table, (columns, rows) in _tables(store, size).items():
        path = store.root / f"{table}.tsv"
        with open(path, "w") as file:
            file.writelines("\t".join(map(str, row)) + "\n" for row in rows)
        names = ", ".join(f"`{column}`" for column in columns)
        cursor.execute(f"LOAD DATA INFILE '{path}' INTO TABLE `{table}` ({names})")
        path.unlink()
        cursor.execute(f"ANALYZE TABLE `{table}`")
        cursor.fetchall()
    cursor.execute("SET GLOBAL innodb_flush_log_at_trx_commit = 1")
    link.close()


def load_sqlite(store: Store, size: Size) -> None:
    """Into the tables that the panel made."""
    link = sqlite3.connect(store.home / "domains" / "_vpopmail.sqlite")
    for table, (columns, rows) in _tables(store, size).items():
        names, marks = ", ".join(f'"{column}"' for column in columns), ", ".join("?" * len(columns))
        link.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', rows)
    link.commit()
    link.execute("ANALYZE")
    link.close()

"""`make bench`: pages and writes on MariaDB (BENCH_SIZE, or L) and on SQLite with S, then clients at once and
the lock on assign (these alone with BENCH_ONLY=clients), and refused sign-ins (BENCH_ONLY=signin), as
readable tables.

BENCH_QMAIL=/var/qmail measures the lock with the qmail-newu of an installed qmail as well (as root).
"""

import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bench.data import Size
    from tests.store import Store

OPTIONS = [
    "--skip-networking",
    "--innodb-buffer-pool-size=3G",
    "--innodb-log-file-size=512M",
    "--performance-schema=0",
    "--skip-log-bin",
    "--skip-name-resolve",
]


def _say(text: str = "") -> None:
    print(text, flush=True)


def load() -> str:
    """How busy the machine is: a figure on a shared one means little without it."""
    return f"load average {os.getloadavg()[0]:.1f}"


def _set_up(root: Path) -> None:
    """Django in this process, quiet, on a state of its own until a store takes over."""
    os.environ.update(
        VQWEB_STATE=str(root / "state"), DJANGO_SETTINGS_MODULE="vqweb.settings", LOG_LEVEL="ERROR"
    )
    os.environ["SECRET_KEY"] = "x" * 60
    for name in [n for n in os.environ if n.startswith(("VPOPMAIL_", "QMAIL_")) or n == "DATABASE_URL"]:
        del os.environ[name]
    import django
    from django.test.utils import setup_test_environment

    django.setup()
    setup_test_environment()


def _prepare(store: "Store") -> None:
    """The panel's own tables, its static files, and the administrator."""
    environ = {**os.environ, **store.environ, "VQWEB_ADMIN_PASSWORD": "admin-pass", "LOG_LEVEL": "ERROR"}
    subprocess.run([sys.executable, "manage.py", "prepare"], env=environ, check=True)  # noqa: S603
    store.activate()


@contextmanager
def _served(store: "Store") -> Iterator[Any]:
    """A signed-in visitor of a fresh gunicorn."""
    from tests.panel import Panel

    panel = Panel({**store.environ, "LOG_LEVEL": "ERROR"}, store.root / "gunicorn.log").start()
    try:
        visitor = panel.visitor()
        assert visitor.sign_in("admin", "admin-pass").location == "/"
        yield visitor
    finally:
        panel.stop()


def _client() -> Any:
    from django.test import Client

    from accounts.models import User

    client = Client()
    client.force_login(User.objects.get(username="admin"))
    return client


def _show_pages(store: "Store", size: "Size", link: Any, mark: str, hints: bool) -> None:
    from bench import pages
    from vpopmail import schema

    schema.reset()
    _say(f"{'page':42} {'queries':>7} {'rows examined':>13} {'ms':>8} {'floor ms':>9}")
    with _served(store) as visitor:
        client = _client()
        for page in pages.pages(size, mark, hints):
            cost = pages.measure(page, client, visitor, link.cursor())
            examined = "–" if cost.examined is None else str(cost.examined)
            floor = "–" if cost.floor is None else f"{cost.floor:.2f}"
            _say(f"{cost.title:42} {cost.queries:7} {examined:>13} {cost.ms:8.1f} {floor:>9}")


def _show_writes(store: "Store", link: Any, mark: str) -> None:
    from bench import writes

    _say(f"\n{'write':50} {'result':>17} {'floor':>9}")
    with _served(store) as visitor:
        found = [
            *writes.through_the_browser(store, visitor, link, mark),
            writes.in_a_batch(store, link, mark),
        ]
    for one in found:
        _say(f"{one.title:50} {one.value:8.1f} {one.unit:8} {one.floor:9.1f}  ({one.floor_is})")


def _show_usage(store: "Store") -> None:
    """Also prepares the report that pages after it show."""
    from bench import usage

    usage.make_mailboxes(store)
    for one in usage.figures(store):
        _say(f"{one.title:50} {one.value:8.1f} {one.unit}")


def _indexes(mark: str) -> list[str]:
    """What `manage.py check --database vpopmail` recommends; on SQLite names are the database's."""
    from vpopmail.checks import INDEXES

    return [
        f"CREATE INDEX {name if mark == '%s' else f'{name}_{table}'} ON {table} ({', '.join(columns)})"
        for table, columns, name in INDEXES
    ]


def _measure(store: "Store", size: "Size", link: Any, mark: str, title: str) -> None:
    """Pages without and with the recommended index, then writes."""
    _say(f"\n## {title}, without an index on pw_domain")
    _show_pages(store, size, link, mark, hints=False)
    start = time.perf_counter()
    for statement in _indexes(mark):
        link.cursor().execute(statement)
    link.commit()
    _say(f"\n## {title}, with the recommended indexes (made in {time.perf_counter() - start:.1f} s)")
    _show_usage(store)
    _show_pages(store, size, link, mark, hints=mark == "%s")
    _show_writes(store, link, mark)


def _mariadb(root: Path, name: str) -> None:
    from bench.data import SIZES, load_mariadb
    from tests.mariadb import MariaDB
    from tests.store import Store

    size, server = SIZES[name], MariaDB(OPTIONS, in_memory=False)
    try:
        server.start()
        store = Store("many", root / "mariadb", server)
        start = time.perf_counter()
        load_mariadb(store, server, size)
        title = f"MariaDB, {name}: {size.domains} domains, {size.accounts} accounts"
        _say(f"loaded in {time.perf_counter() - start:.0f} s")
        _prepare(store)
        link = server.connect(store.database)
        link.autocommit(False)
        _measure(store, size, link, "%s", title)
        link.close()
    finally:
        server.remove()


def _sqlite(root: Path) -> None:
    from bench.data import SIZES, load_sqlite
    from tests.store import Store

    size, store = SIZES["S"], Store("sqlite", root / "sqlite", None)
    _prepare(store)
    load_sqlite(store, size)
    link = sqlite3.connect(store.home / "domains" / "_vpopmail.sqlite")
    _measure(store, size, link, "?", f"SQLite, S: {size.domains} domains, {size.accounts} accounts")
    link.close()


def _show_clients(store: "Store", title: str) -> None:
    from bench import clients

    _say(f"\n## Clients at once, {title}; {load()}")
    _say(f"{'clients':>7} {'in one domain, a second':>25} {'each in its own, a second':>27}")
    for one in clients.throughput(store):
        _say(f"{one.clients:7} {one.one_domain:25.1f} {one.own_domains:27.1f}  ({load()})")


def _clients(root: Path) -> None:
    """Accounts added by several processes, and the lock on assign with 20,000 domains."""
    from bench import clients
    from tests.mariadb import MariaDB
    from tests.store import Store

    server = MariaDB(OPTIONS, in_memory=False)
    try:
        server.start()
        for kind in ("many", "sqlite"):
            store = Store(kind, root / f"clients-{kind}", server if kind == "many" else None)
            _prepare(store)
            _show_clients(store, {"many": "MariaDB", "sqlite": "SQLite"}[kind])
    finally:
        server.remove()
    store = Store("sqlite", root / "locks", None)
    _prepare(store)
    _show_locks(store, "stand-in")
    if real := os.environ.get("BENCH_QMAIL"):
        clients.use_real_newu(store, Path(real))
        _show_locks(store, "qmail's own")


def _show_locks(store: "Store", newu: str) -> None:
    from bench import clients

    _say(f"\n## The lock on assign with 20,000 domains, qmail-newu {newu}; {load()}")
    _say(f"{'change':40} {'longest ms':>10} {'of it qmail-newu ms':>20}")
    for held in clients.lock_times(store):
        _say(f"{held.title:40} {held.longest:10.0f} {held.newu:20.0f}")


def _sign_in(root: Path) -> None:
    """What the time of a refused sign-in gives away."""
    from bench import sign_in
    from tests.store import Store

    store = Store("sqlite", root / "sign-in", None)
    _prepare(store)
    who = sign_in.people(store)
    store.environ.update(sign_in.SETTINGS)
    _say(f"\n## Refused sign-ins, median of {sign_in.ROUNDS}; {load()}")
    _say(f"{'who':40} {'ms':>8} {'middle half ms':>15}")
    with _served(store) as visitor:
        visitor.cookies.clear()
        found = list(sign_in.refusals(visitor, who))
    for one in found:
        _say(f"{one.title:40} {one.ms:8.1f} {one.spread:15.1f}")
    for kind, has_at in (("addresses", True), ("other names", False)):
        medians = [one.ms for one in found if ("@" in who[one.title]) is has_at]
        _say(f"{f'largest difference of medians, {kind}':40} {max(medians) - min(medians):8.1f}")


def main() -> None:
    name = os.environ.get("BENCH_SIZE") or "L"
    if name not in ("S", "M", "L"):
        sys.exit(f"BENCH_SIZE={name}: must be S, M or L")
    with tempfile.TemporaryDirectory(prefix="vqweb-bench-") as root:
        _set_up(Path(root))
        _say(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}; medians; floors are of the same run")
        only = os.environ.get("BENCH_ONLY", "")
        if not only:
            _mariadb(Path(root), name)
            _sqlite(Path(root))
        if only in ("", "clients"):
            _clients(Path(root))
        if only in ("", "signin"):
            _sign_in(Path(root))


if __name__ == "__main__":
    main()

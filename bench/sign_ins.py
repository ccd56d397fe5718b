"""`python -m bench.sign_ins`: pages of attempts to sign in, with a million rows in vlog (BENCH_ROWS), and how
fast these are emptied of passwords and purged.

Of ten attempts six are at names that do not exist, from 250 IP addresses; one is a wrong password, written
twice; two succeed. The figures of the last day, which are kept for a minute, are also counted anew.
"""

import os
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.__main__ import OPTIONS, _client, _prepare, _say, _set_up, load

if TYPE_CHECKING:
    from bench.data import Size
    from tests.mariadb import MariaDB
    from tests.store import Store

COLUMNS = "user, passwd, domain, logon, remoteip, message, `timestamp`, error"
SPAN = 14 * 86_400  # seconds that the rows are spread over


def _rows(size: "Size", count: int) -> Iterator[tuple[Any, ...]]:
    from bench.data import name_of

    chance, domains = random.Random(7), list(size.sizes().items())  # noqa: S311 (the same each time)
    now = int(time.time())
    for number in range(count):
        domain, accounts = chance.choice(domains)
        moment, kind = now - SPAN + number * SPAN // count, number % 10
        if kind < 6:
            name, error, ip = f"guess{chance.randrange(5000)}", 1, f"203.0.113.{chance.randrange(250)}"
        else:
            name, error = name_of(chance.randrange(accounts)), 3 if kind < 8 else 2
            ip = f"198.51.{chance.randrange(100)}.{chance.randrange(250)}"
        who = f"{name}@{domain}"
        yield name, "typed-password", domain, who, ip, f"vchkpw-imap: something {who}:{ip}", moment, error


def _load(store: "Store", server: "MariaDB", size: "Size", count: int) -> None:
    from tests import recorded

    link = server.connect(store.database)
    cursor = link.cursor()
    existing = next(one for one in recorded.ddl("many") if one.startswith("CREATE TABLE `vlog`"))
    cursor.execute(existing.replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS"))
    path = store.root / "vlog.tsv"
    with open(path, "w") as file:
        file.writelines("\t".join(map(str, row)) + "\n" for row in _rows(size, count))
    cursor.execute("SET GLOBAL innodb_flush_log_at_trx_commit = 0")
    cursor.execute(f"LOAD DATA INFILE '{path}' INTO TABLE vlog ({COLUMNS})")
    cursor.execute("SET GLOBAL innodb_flush_log_at_trx_commit = 1")
    cursor.execute("ANALYZE TABLE vlog")
    cursor.fetchall()
    path.unlink()
    link.close()


def _pages(client: Any) -> None:
    from bench.data import BIG, name_of
    from bench.pages import timed
    from vpopmail import sign_in_figures

    name = name_of(7)
    after = client.get("/server/sign-ins/").context["page"].next_after
    for title, path in (
        ("sign-ins, the latest", "/server/sign-ins/"),
        ("the same, the next page", f"/server/sign-ins/?after={after}"),
        ("the same, half a million rows down", f"/server/sign-ins/?after={int(after) // 2}"),
        ("of one account", f"/server/sign-ins/?account={name}@{BIG}"),
        ("of an IP address", "/server/sign-ins/?ip=203.0.113.9"),
        ("of an IP address that never came", "/server/sign-ins/?ip=192.0.2.1"),
        ("of the biggest domain", f"/domains/{BIG}/sign-ins/"),
        ("account, with its latest", f"/domains/{BIG}/accounts/{name}/"),
        ("dashboard", "/"),
    ):
        cached = timed(lambda path=path: client.get(path))  # type: ignore[misc]

        def anew(path: str = path) -> None:
            sign_in_figures.reset()
            client.get(path)

        _say(f"{title:40} {cached:8.1f} ms {timed(anew):8.1f} ms with the figures counted anew")


def _writes() -> None:
    from server import sign_in_services

    start = time.perf_counter()
    count = sign_in_services.blank_vlog_passwords(actor=None)
    seconds = time.perf_counter() - start
    _say(f"passwords of {count} rows emptied in {seconds:.0f} s, {count / seconds:.0f} a second")
    start, slowest, last = time.perf_counter(), 0.0, time.perf_counter()

    def piece(_sum: int) -> None:
        nonlocal slowest, last
        slowest, last = max(slowest, time.perf_counter() - last), time.perf_counter()

    count = sign_in_services.purge_vlog(actor=None, days=7, progress=piece)
    seconds = time.perf_counter() - start
    rate = f"{count / max(seconds, 0.001):.0f} a second"
    _say(f"{count} rows purged in {seconds:.0f} s, {rate}; the slowest thousand {slowest * 1000:.0f} ms")


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="vqweb-bench-") as directory:
        root = Path(directory)
        _set_up(root)
        from bench.data import SIZES, load_mariadb
        from tests.mariadb import MariaDB
        from tests.store import Store

        size, server = SIZES["S"], MariaDB(OPTIONS, in_memory=False)
        count = int(os.environ.get("BENCH_ROWS") or 1_000_000)
        try:
            server.start()
            store = Store("many", root / "mariadb", server)
            load_mariadb(store, server, size)
            _load(store, server, size, count)
            _prepare(store)
            _say(f"## Attempts to sign in: {count} rows in vlog; {load()}")
            _pages(_client())
            _writes()
        finally:
            server.remove()


if __name__ == "__main__":
    main()

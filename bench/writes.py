"""What a write costs: an account through the browser, and many in one batch, each beside its floor."""

import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accounts import services
from bench.data import BIG, HASH, SMALL
from bench.pages import timed
from tests.panel import Visitor
from tests.store import Store
from vpopmail.engines.base import NewAccount
from vpopmail.passwords import make_hash

PASSWORD = "Tulip-Harbour-42"  # noqa: S105
ADDED = 30
BATCH = 5000
COLUMNS = ("pw_name", "pw_domain", "pw_passwd", "pw_uid", "pw_gid", "pw_gecos", "pw_dir", "pw_shell")


@dataclass(frozen=True)
class Written:
    title: str
    value: float
    unit: str
    floor: float
    floor_is: str


def _maildir(path: Path) -> None:
    for part in ("", "Maildir", "Maildir/cur", "Maildir/new", "Maildir/tmp"):
        os.mkdir(path / part, 0o700)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)


def _row(name: str, domain: str, directory: Path) -> tuple[Any, ...]:
    return (name, domain, HASH, 0, 0, name, str(directory / name), "2147483648S")


def _insert(mark: str) -> str:
    return f"INSERT INTO vpopmail ({', '.join(COLUMNS)}) VALUES ({', '.join([mark] * len(COLUMNS))})"


@contextmanager
def _scratch(store: Store) -> Iterator[Path]:
    path = store.home / "domains" / "floor"
    path.mkdir()
    yield path


def through_the_browser(store: Store, visitor: Visitor, link: Any, mark: str) -> Iterator[Written]:
    """The POST of the form in the biggest domain, less one hash; the page it leads to is not counted."""
    path = f"/domains/{BIG}/accounts/add/"
    visitor.get(path)
    found = []
    for number in range(ADDED):
        start = time.perf_counter()
        reply = visitor.post(path, name=f"new{number:05d}", gecos="New", password=PASSWORD, quota="2 GB")
        found.append((time.perf_counter() - start) * 1000)
        assert reply.status == 302, reply.text[-3000:]
    hashing = timed(lambda: make_hash(PASSWORD))
    floor = _one_by_one(store, link, mark)
    yield Written(
        "account added in the browser, less hashing",
        statistics.median(found) - hashing,
        "ms",
        floor,
        "row, commit, maildir, fsync",
    )
    yield Written("hashing one password", hashing, "ms", hashing, "the same")


def _one_by_one(store: Store, link: Any, mark: str) -> float:
    cursor = link.cursor()
    numbers = iter(range(10_000))
    with _scratch(store) as directory:

        def one() -> None:
            name = f"floor{next(numbers):05d}"
            _maildir(directory / name)
            _sync(directory)
            cursor.execute(_insert(mark), _row(name, "floor.example", directory))
            link.commit()

        return timed(one, ADDED)


def _rate(work: Callable[[], Any], count: int) -> float:
    start = time.perf_counter()
    work()
    return count / (time.perf_counter() - start)


def in_a_batch(store: Store, link: Any, mark: str) -> Written:
    """Accounts a second with hashes given, by the service that pages and commands call."""
    accounts = [NewAccount(f"batch{number:05d}", HASH, quota="2147483648S") for number in range(BATCH)]
    rate = _rate(lambda: services.add_accounts(actor=None, domain=SMALL, accounts=accounts), BATCH)
    cursor = link.cursor()
    directory = store.home / "domains" / "floor"

    def floor() -> None:
        for start in range(0, BATCH, 500):
            names = [f"bulk{number:05d}" for number in range(start, start + 500)]
            for name in names:
                _maildir(directory / name)
            cursor.executemany(_insert(mark), [_row(name, "bulk.example", directory) for name in names])
            link.commit()

    return Written(
        "accounts added in a batch of 5,000", rate, "a second", _rate(floor, BATCH), "rows by 500, maildirs"
    )

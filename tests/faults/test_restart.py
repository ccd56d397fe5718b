"""MariaDB restarted, or killed and started again, while accounts are added, changed and deleted."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import DatabaseError, InterfaceError, connections

from accounts import services as accounts
from tests.engines.cast import MD5, add_domain, counter
from tests.mariadb import OPTIONS, MariaDB
from tests.store import Store
from vpopmail.engines.base import Incomplete, Unavailable
from vqweb.recover import WAITING, recover

DURABLE = [option for option in OPTIONS if "flush-log" not in option]
RESTARTS = 4


@pytest.fixture
def server() -> Iterator[MariaDB]:
    server = MariaDB(DURABLE)
    server.start()
    yield server
    server.remove()


@pytest.fixture(params=["many", "perdomain"])
def loaded(
    request: pytest.FixtureRequest, server: MariaDB, panel_database: Path, tmp_path: Path
) -> Iterator[Store]:
    store = Store(request.param, tmp_path / "store", server)
    (store.state / "panel.sqlite").write_bytes(panel_database.read_bytes())
    store.activate()
    add_domain("example.com", *(f"old{number}" for number in range(10)))
    yield store
    if server.process is None:
        server.start()
    store.remove()


def add(name: str) -> None:
    accounts.add_account(actor=None, domain="example.com", name=name, password_hash=MD5)


def delete(name: str) -> None:
    accounts.delete_account(actor=None, domain="example.com", name=name)


class Load(threading.Thread):
    """Adds accounts, and deletes every third again, until told to stop; what was said about each."""

    def __init__(self, mark: str) -> None:
        super().__init__()
        self.mark, self.ended = mark, threading.Event()
        self.there: set[str] = set()
        self.absent: set[str] = set()
        self.failures = 0

    def run(self) -> None:
        number = 0
        while not self.ended.is_set():
            name = f"{self.mark}{number}"
            self._do(name, lambda name=name: add(name), True)
            if number % 3 == 0 and name in self.there:
                self._do(name, lambda name=name: delete(name), False)
            number += 1
        connections.close_all()

    def _do(self, name: str, change: Callable[[], object], makes: bool) -> None:
        done = True
        try:
            change()
        except Unavailable:
            self.failures += 1
            done = False
            connections.close_all()
            time.sleep(0.02)
        except (Incomplete, DatabaseError, InterfaceError):  # nothing is promised of this one
            self.there.discard(name)
            self.failures += 1
            connections.close_all()
            time.sleep(0.02)
            return
        (self.there if done == makes else self.absent).add(name)
        (self.absent if done == makes else self.there).discard(name)


@pytest.mark.parametrize("how", ["restarted", "killed"])
def test_nothing_is_half_made(loaded: Store, server: MariaDB, how: str) -> None:
    connections.close_all()
    loads = [Load(mark) for mark in ("a", "b", "c")]
    for load in loads:
        load.start()
    for _ in range(RESTARTS):
        time.sleep(0.5)
        if how == "killed":
            assert server.process is not None
            server.process.kill()
        server.stop()
        time.sleep(0.1)
        server.start()
    time.sleep(0.5)
    for load in loads:
        load.ended.set()
        load.join(60)
    assert sum(load.failures for load in loads) > 0, "the load never met the fault"
    _check(loaded, loads)


def _check(store: Store, loads: list[Load]) -> None:
    """What was said to be incomplete is settled by recovery, one way or the other; all else was true."""
    connections.close_all()
    assert [report for report in recover() if report.state == WAITING] == []
    rows = {found["pw_name"]: Path(found["pw_dir"]) for found in store.accounts("example.com")}
    for load in loads:
        for name in load.there:
            assert (rows[name] / "Maildir" / "new").is_dir(), name
        assert not load.absent & set(rows)
    places = {path.parent.name for path in store.directory("example.com").rglob("Maildir")}
    assert places == set(rows)
    assert counter(store) == len(rows)
    for load in loads:
        for name in sorted(load.absent)[:5]:
            add(name)

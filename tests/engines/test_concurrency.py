"""Two threads and two processes at once: no counter, no line and no row is ever lost."""

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connections

from tests.engines.cast import account, add_domain, counter, names
from tests.store import Store
from vpopmail.engines import get_engine
from vpopmail.engines.base import Refused

ROOT = Path(__file__).resolve().parents[2]
KINDS = ("sqlite", "many", "perdomain", "handmade")
EACH = 25

SCRIPT = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "vqweb.settings"
import django
django.setup()
from vpopmail.engines import get_engine
from vpopmail.engines.base import NewAccount
mark, number, what = sys.argv[1], int(sys.argv[2]), sys.argv[3]
print("ready", flush=True)
sys.stdin.readline()
for i in range(number):
    new = NewAccount("postmaster" if what == "domains" else f"{mark}{i}", "$1$abcdefgh$" + "x" * 22)
    if what == "domains":
        get_engine().vadddomain(f"{mark}{i}.example", new)
    else:
        get_engine().vadduser("example.com", new)
"""


def _processes(store: Store, number: int, what: str) -> None:
    """Two processes that begin at the same moment."""
    command = [sys.executable, "-c", SCRIPT]
    environ = {**store.environ, "PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "LOG_LEVEL": "WARNING"}
    both = [
        subprocess.Popen(
            [*command, mark, str(number), what],
            env=environ,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for mark in ("one", "two")
    ]
    for process in both:
        assert process.stdout and process.stdout.readline() == "ready\n"
    for process in both:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
    for process in both:
        _, errors = process.communicate(timeout=100)
        assert process.returncode == 0, errors


def _threads(*works: Callable[[], object]) -> list[Exception]:
    """Run all at once; what they raised."""
    start, errors = threading.Barrier(len(works)), []

    def run(work: Callable[[], object]) -> None:
        try:
            start.wait()
            work()
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(100)
    return errors


def _check_accounts(store: Store, expected: int) -> None:
    accounts = store.accounts("example.com")
    assert len(accounts) == expected
    assert counter(store) == expected
    [last] = store.rows("SELECT COUNT(*) AS number FROM lastauth WHERE domain = 'example.com'")
    assert last["number"] == expected
    assert all(Path(one["pw_dir"], "Maildir/new").is_dir() for one in accounts)


@pytest.mark.stores(*KINDS)
def test_two_processes_add_accounts(store: Store) -> None:
    add_domain()
    _processes(store, EACH, "accounts")
    _check_accounts(store, 1 + 2 * EACH)


@pytest.mark.stores(*KINDS)
def test_two_threads_add_accounts_and_a_batch(store: Store) -> None:
    add_domain()

    def singles(mark: str) -> Callable[[], None]:
        def add() -> None:
            for i in range(EACH):
                get_engine().vadduser("example.com", account(f"{mark}{i}"))

        return add

    def batch() -> None:
        get_engine().vaddusers("example.com", [account(f"batch{i}") for i in range(60)])

    assert _threads(singles("one"), singles("two"), batch) == []
    _check_accounts(store, 1 + 2 * EACH + 60)
    directories = [one["pw_dir"].split("/")[-2] for one in store.accounts("example.com")]
    assert directories.count("0") == 1 + 2 * EACH + 60 - 99


@pytest.mark.stores(*KINDS)
def test_two_processes_add_domains(store: Store) -> None:
    add_domain()
    _processes(store, 8, "domains")
    domains = sorted(["example.com", *(f"{mark}{i}.example" for mark in ("one", "two") for i in range(8))])
    assert sorted(store.control("virtualdomains").split()) == sorted(f"{name}:{name}" for name in domains)
    assert sorted(store.control("rcpthosts").split()) == sorted([*domains, "mailhost.test"])
    assert store.control("assign").count("\n+") + store.control("assign").startswith("+") == len(domains)
    assert counter(store, f"dom_{store.environ['VPOPMAIL_UID']}") == len(domains)
    assert all(names(store, name) == ["postmaster"] for name in domains)


@pytest.mark.stores(*KINDS)
def test_the_same_name_twice_at_once_is_made_once(store: Store) -> None:
    add_domain()
    engine = get_engine()
    errors = _threads(*[lambda: engine.vadduser("example.com", account("alice"))] * 2)
    assert [type(error) for error in errors] == [Refused]
    _check_accounts(store, 2)
    errors = _threads(*[lambda: engine.vadddomain("new.example", account("postmaster"))] * 2)
    assert [type(error) for error in errors] == [Refused]
    assert names(store, "new.example") == ["postmaster"]
    assert counter(store, f"dom_{store.environ['VPOPMAIL_UID']}") == 2


@pytest.mark.stores("perdomain")
def test_two_domains_that_would_share_a_table(store: Store) -> None:
    add_domain()
    engine = get_engine()
    errors = _threads(
        lambda: engine.vadddomain("a-b.com", account("postmaster")),
        lambda: engine.vadddomain("a.b.com", account("postmaster")),
    )
    assert [type(error) for error in errors] == [Refused]
    assert len(store.rows("SELECT pw_name FROM a_b_com")) == 1


@pytest.mark.stores(*KINDS)
def test_adding_and_deleting_at_once(store: Store) -> None:
    add_domain("example.com", *(f"old{i}" for i in range(10)))
    engine = get_engine()

    def add() -> None:
        for i in range(10):
            engine.vadduser("example.com", account(f"new{i}"))

    def delete() -> None:
        for i in range(10):
            engine.vdeluser("example.com", f"old{i}")

    assert _threads(add, delete) == []
    _check_accounts(store, 11)


@pytest.mark.stores("sqlite", "many", "handmade")
def test_bits_of_one_account_changed_at_once(store: Store) -> None:
    add_domain("example.com", "alice")
    engine = get_engine()
    bits = [0x2, 0x4, 0x8, 0x10]
    errors = _threads(
        *(lambda bit=bit: engine.vmoduser("example.com", "alice", set_flags=bit) for bit in bits)
    )
    assert errors == []
    assert store.accounts("example.com")[0]["pw_gid"] == sum(bits)

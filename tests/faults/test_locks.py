"""A lock that another program holds for longer than we wait."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.db import connections

from tests.faults.base import CHANGES, DOMAINS, check
from tests.store import Store
from vpopmail import helper

ROWS = sorted(set(CHANGES) - {"vadddomain", "vaddaliasdomain", "vdelaliasdomain", "vmoddomlimits"})


@pytest.fixture
def impatient(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for long."""
    real = helper.config
    monkeypatch.setattr(helper, "config", lambda: replace(real(), lock_timeout=0.2))
    helper.reset()
    monkeypatch.setattr("vpopmail.engines.native.work.LOCK_TIMEOUT", 0)


@contextmanager
def locked_file(path: Path) -> Iterator[None]:
    """As vpopmail's programs lock: lockf on the lock file, by another process."""
    ready, done = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        with open(path, "a") as file:
            fcntl.lockf(file, fcntl.LOCK_EX)
            os.write(ready[1], b"x")
            os.read(done[0], 1)
        os._exit(0)
    os.read(ready[0], 1)
    try:
        yield
    finally:
        os.write(done[1], b"x")
        os.waitpid(child, 0)
        for fd in (*ready, *done):
            os.close(fd)


@pytest.mark.stores("many", "sqlite")
@pytest.mark.parametrize("file", ["users/assign", "control/rcpthosts", "control/virtualdomains"])
@pytest.mark.parametrize("change", DOMAINS)
def test_a_lock_of_qmails_files(example: Store, impatient: None, change: str, file: str) -> None:
    check(
        example, locked_file(example.qmail / f"{file}.lock"), CHANGES[change], "Another program is working on"
    )


@pytest.mark.stores("many", "sqlite")
@pytest.mark.parametrize("change", CHANGES)
def test_the_lock_of_the_domain(example: Store, impatient: None, change: str) -> None:
    from vpopmail.engines.native.work import lock_name

    name = "new.example" if change == "vadddomain" else "example.com"
    if example.kind == "sqlite":
        path = example.state / "locks" / lock_name(name)
        fault: Any = locked_file(path)
    else:
        fault = locked_name(lock_name(name))
    if change == "vdelaliasdomain":
        fault = locked_path_or_name(example, "example.com")
    check(example, fault, CHANGES[change], "")


def locked_path_or_name(store: Store, name: str) -> Any:
    return locked_file(store.state / "helper" / "locks" / f"{name}.lock")


@contextmanager
def locked_name(name: str) -> Iterator[None]:
    other = connections["vpopmail"].copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT GET_LOCK(%s, 0)", [name])
            yield
            cursor.execute("SELECT RELEASE_LOCK(%s)", [name])  # a closed connection's goes a moment later
    finally:
        other.close()


@contextmanager
def locked_tables(store: Store) -> Iterator[None]:
    """Rows of accounts and aliases are locked by a transaction, or their tables by LOCK TABLES (MyISAM)."""
    tables = ["vpopmail" if store.kind != "perdomain" else "example_com", "valias", "dir_control"]
    other = connections["vpopmail"].copy()
    try:
        with other.cursor() as cursor:
            if store.kind == "handmade":
                cursor.execute("LOCK TABLES " + ", ".join(f"{table} WRITE" for table in tables))
            elif store.kind == "sqlite":
                cursor.execute("BEGIN IMMEDIATE")
            else:
                cursor.execute("BEGIN")
                for table in tables:
                    cursor.execute(f"SELECT * FROM {table} FOR UPDATE")
                    cursor.fetchall()
            yield
            cursor.execute("UNLOCK TABLES" if store.kind == "handmade" else "ROLLBACK")
    finally:
        other.close()


@contextmanager
def short_waits(store: Store) -> Iterator[None]:
    """The limits are there, and shorter for the test's sake."""
    if store.kind == "sqlite":
        settings = connections["vpopmail"].settings_dict["OPTIONS"]
        connections["vpopmail"].close()
        with mock.patch.dict(settings, timeout=0.2):
            yield
        connections["vpopmail"].close()
        return
    with connections["vpopmail"].cursor() as cursor:
        cursor.execute("SET SESSION innodb_lock_wait_timeout = 1, SESSION lock_wait_timeout = 1")
    yield
    connections["vpopmail"].close()


@pytest.mark.stores("many", "perdomain", "handmade", "sqlite")
@pytest.mark.parametrize("change", ROWS)
def test_rows_locked_by_another_program(example: Store, change: str) -> None:
    if change == "valias" and example.kind in ("many", "perdomain"):
        return  # a lock on other rows keeps nobody from adding one

    @contextmanager
    def fault() -> Iterator[None]:
        with locked_tables(example), short_waits(example):
            yield

    check(example, fault(), CHANGES[change], "busy")


@pytest.mark.stores("many")
def test_no_wait_for_a_row_or_a_table_is_longer_than_a_person_waits(store: Store) -> None:
    """A server's own limits are 50 seconds for a row and a day for a table."""
    with connections["vpopmail"].cursor() as cursor:
        cursor.execute("SELECT @@innodb_lock_wait_timeout, @@lock_wait_timeout")
        assert cursor.fetchone() == (10, 10)

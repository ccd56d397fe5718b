"""Counts the steps of a verb as they happen, and stops at one of them.

A step is a statement or commit on either database, a verb of the helper before and after it is done, and
every open for writing, rename, removal, directory, mode, lock and program that Python's audit events tell of.
Nothing is listed by hand: what a verb does tomorrow is counted tomorrow.
"""

import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

from django.db import OperationalError, connections

from tests.stops.killed_helper import KilledHelper
from tests.store import Store, forget
from vpopmail import helper
from vpopmail.engines.base import VpopmailError

EVENTS = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.chmod", "os.chown", "os.link", "os.symlink"}
EVENTS |= {"os.truncate", "subprocess.Popen", "fcntl.fcntl", "fcntl.flock", "fcntl.lockf"}
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
DONE, STOPPED, BROKEN = 0, 10, 11
HELPER = ("helper", "gone", "child")


def is_step(name: str, args: tuple[Any, ...]) -> bool:
    """Does an audit event change or lock something?"""
    if name == "open":
        return bool(isinstance(args[2], int) and args[2] & WRITES) and not str(args[0]).startswith("/dev/")
    return name in EVENTS


class Stopper:
    """Stops at step `at` in one way: `exception`, `kill`, `lost` (the connection to the mail database)."""

    def __init__(self, store: Store, way: str, at: int) -> None:
        self.store, self.way, self.left = store, way, at
        self.struck, self.busy = "", False
        self.telling = -1  # where a process that kills itself says before what

    def step(self, what: str, error: Callable[[], Exception]) -> None:
        self.left -= 1
        if self.left != -1:
            return
        self.struck = what
        if self.way == "kill":
            os.write(self.telling, what.encode())
            os.kill(os.getpid(), signal.SIGKILL)
        if self.way == "lost":
            return self.lose()
        raise error()

    def lose(self) -> None:
        """The server ends the connection; the statement that comes now finds out."""
        link = self.store.mariadb.connect()
        link.cursor().execute(f"KILL {connections['vpopmail'].connection.thread_id()}")
        link.close()

    def event(self, name: str, args: tuple[Any, ...]) -> None:
        if self.way == "lost" or self.busy:
            return
        if is_step(name, args):
            self.busy = True
            try:
                self.step(f"{name} {args[:1]}", lambda: OSError(5, "Input/output error", str(args[0])))
            finally:
                self.busy = False

    def statement(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if self.way != "lost" or context["connection"].alias == "vpopmail":
            self.step(sql[:80], self._sql_error)
        return execute(sql, params, many, context)

    def _sql_error(self) -> Exception:
        return OperationalError(2013 if self.way == "lost" else 1205, "the statement fails")

    def call(self, verb: str, **args: Any) -> dict[str, Any]:
        if self.way != "lost":
            self.step(f"{verb} begins", lambda: helper.Unavailable("the helper fails"))
        answer = _call(verb, **args)
        if self.way == "kill":
            self.step(f"{verb} has ended", lambda: helper.Unavailable("the helper fails"))
        return answer

    def install(self) -> None:
        for alias in ("default", "vpopmail"):
            connection = connections[alias]
            connection.ensure_connection()
            connection.execute_wrappers.append(self.statement)
            mock.patch.object(connection, "_commit", self._committing(connection._commit, alias)).start()
        mock.patch.object(helper, "call", self.call).start()
        sys.addaudithook(self.event)

    def _committing(self, real: Callable[[], None], alias: str) -> Callable[[], None]:
        def commit() -> None:
            if self.way != "lost" or alias == "vpopmail":
                self.step(f"COMMIT {alias}", self._sql_error)
            real()

        return commit


class HelperStopper:
    """Stops at step `at` of the helper's own, by kill -9 of its processes; the panel lives on."""

    def __init__(self, way: str, at: int) -> None:
        self.telling = -1
        self.client = KilledHelper(helper.config(), way, at, is_step)

    @property
    def struck(self) -> str:
        return self.client.struck

    def install(self) -> None:
        helper._client = (os.getpid(), self.client)


_call = helper.call


def stop(store: Store, verb: Callable[[], Any], way: str, at: int) -> tuple[int, str]:
    """Run the verb in a child that is stopped at step `at`; how it ended, and what it was about to do."""
    forget()
    stopper = HelperStopper(way, at) if way in HELPER else Stopper(store, way, at)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _run(verb, stopper, writing)
    os.close(writing)
    with open(reading) as told:
        struck = told.read()
    status = os.waitpid(child, 0)[1]
    _wait_for_server(store)
    if os.WIFSIGNALED(status):
        return STOPPED, struck
    return os.waitstatus_to_exitcode(status), struck


def _wait_for_server(store: Store) -> None:
    """MariaDB notices a moment later, on a busy machine much later, that a client has died."""
    if store.kind == "sqlite":
        return
    others = "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()"
    until = time.monotonic() + 60
    while store.rows(others):
        assert time.monotonic() < until, "a dead client's connection stays"
        time.sleep(0.01)


def _run(verb: Callable[[], Any], stopper: Stopper | HelperStopper, writing: int) -> None:
    code = BROKEN
    try:
        stopper.telling = writing
        stopper.install()
        try:
            verb()
            code = STOPPED if stopper.struck else DONE
        except (VpopmailError, OSError, OperationalError):
            code = STOPPED if stopper.struck else BROKEN
            if code == BROKEN:
                os.write(writing, traceback.format_exc().encode())
        os.write(writing, stopper.struck.encode())
    except BaseException:
        os.write(writing, (stopper.struck + "\n" + traceback.format_exc()).encode())
        code = STOPPED if stopper.struck else BROKEN
    finally:
        os._exit(code)


class Base:
    """The mail host as it was before the verb, to begin again from."""

    def __init__(self, store: Store) -> None:
        forget()
        self.store, self.copy = store, store.root.with_name(store.root.name + ".base")
        subprocess.run(["cp", "-a", store.root, self.copy], check=True)
        self.tables = self._tables()

    def _names(self) -> list[str]:
        if self.store.kind == "sqlite":
            return []
        return [str(next(iter(row.values()))) for row in self.store.rows("SHOW TABLES")]

    def _tables(self) -> dict[str, tuple[str, list[dict[str, Any]]]]:
        return {name: (self._ddl(name), self.store.rows(f"SELECT * FROM `{name}`")) for name in self._names()}

    def _ddl(self, name: str) -> str:
        return str(self.store.rows(f"SHOW CREATE TABLE `{name}`")[0]["Create Table"])

    def restore(self) -> None:
        forget()
        root = Path(self.store.root)
        subprocess.run(["rm", "-rf", root], check=True)
        subprocess.run(["cp", "-a", self.copy, root], check=True)
        if self.store.kind == "sqlite":
            return
        assert self.store.mariadb is not None
        link = self.store.mariadb.connect(self.store.database)
        cursor, now = link.cursor(), set(self._names())
        for name in now - set(self.tables):
            cursor.execute(f"DROP TABLE `{name}`")
        for name, (ddl, rows) in self.tables.items():
            cursor.execute(f"DELETE FROM `{name}`" if name in now else ddl)
            if rows:
                places = ", ".join(["%s"] * len(rows[0]))
                cursor.executemany(
                    f"INSERT INTO `{name}` VALUES ({places})", [list(r.values()) for r in rows]
                )
        link.commit()
        link.close()

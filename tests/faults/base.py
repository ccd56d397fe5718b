"""The changes that faults strike, and what must hold: a clear message, the former state, and a next attempt
that works."""

import errno
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.db import connections

from tests.engines.cast import account
from tests.fidelity import snapshot
from tests.store import Store
from vpopmail import helper
from vpopmail.engines import get_engine
from vpopmail.engines.base import Outcome, Unavailable, VpopmailError

CHANGES: dict[str, Callable[[], Outcome]] = {
    "vadddomain": lambda: get_engine().vadddomain("new.example", account("postmaster")),
    "vaddaliasdomain": lambda: get_engine().vaddaliasdomain("example.com", "more.example"),
    "vdeldomain": lambda: get_engine().vdeldomain("example.com", with_alias_domains=True),
    "vdelaliasdomain": lambda: get_engine().vdeldomain("alias.example"),
    "vadduser": lambda: get_engine().vadduser("example.com", account("alice", quota="5000000S")),
    "vdeluser": lambda: get_engine().vdeluser("example.com", "bob"),
    "vsetuserquota": lambda: get_engine().vsetuserquota("example.com", "bob", "2000000S"),
    "vmoduser": lambda: get_engine().vmoduser("example.com", "bob", gecos="Bob B.", set_flags=2),
    "vpasswd": lambda: get_engine().vpasswd("example.com", "bob", "$6$abcdefgh$" + "z" * 86),
    "valias": lambda: get_engine().valias_insert("example.com", "sales", "&b@elsewhere.example"),
    "valias_delete": lambda: get_engine().valias_delete("example.com", "sales"),
    "vmoddomlimits": lambda: get_engine().vmoddomlimits("example.com", {"maxaliases": 9}),
}
DOMAINS = ("vadddomain", "vaddaliasdomain", "vdeldomain", "vdelaliasdomain")


def check(
    store: Store,
    fault: AbstractContextManager[object],
    change: Callable[[], Outcome],
    words: str,
    kind: type[VpopmailError] = Unavailable,
) -> None:
    """The change fails in those words while the fault lasts, leaves nothing, and works afterwards."""
    before = snapshot.take(store)
    with fault, pytest.raises(VpopmailError) as failed:
        change()
    assert type(failed.value) is kind, failed.value.message
    assert words in failed.value.message and failed.value.message.endswith("."), failed.value.message
    assert differences(before, snapshot.take(store)) == []
    change()
    assert snapshot.take(store) != before, "the next attempt did nothing"


def differences(before: snapshot.State, after: snapshot.State) -> list[tuple[str, object, object]]:
    """What is not as before: a table's rows, or a file. Lock files stay where they were made."""
    return [
        (key, before[part].get(key), after[part].get(key))
        for part in before
        for key in sorted({*before[part], *after[part]})
        if before[part].get(key) != after[part].get(key) and not key.endswith(".lock")
    ]


class Disk:
    """A small file system that can be filled, and made read-only."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def full(self) -> Iterator[None]:
        """No block and no inode is left."""
        filler = self.path / ".filler"
        filler.mkdir()
        try:
            for size in (65536, 4096, 1):
                with suppress(OSError), open(filler / f"bytes{size}", "wb", buffering=0) as file:
                    while True:
                        file.write(b"x" * size)
            for number in range(10_000):
                try:
                    (filler / str(number)).touch()
                except OSError as error:
                    assert error.errno == errno.ENOSPC
                    break
            yield
        finally:
            for file in filler.iterdir():
                file.unlink()
            filler.rmdir()

    @contextmanager
    def read_only(self) -> Iterator[None]:
        connections["vpopmail"].close()  # SQLite's open file would keep it writable
        self._remount("ro")
        try:
            yield
        finally:
            connections["vpopmail"].close()
            self._remount("rw")

    def _remount(self, mode: str) -> None:
        subprocess.run(["mount", "-o", f"remount,{mode}", str(self.path)], check=True, capture_output=True)


@contextmanager
def as_user(uid: int, state: Path) -> Iterator[None]:
    """The helper's verbs run with another user's rights; its own state is that user's."""
    real = helper.call
    subprocess.run(["chown", "-R", str(uid), str(state)], check=True)
    closed = {path: path.stat().st_mode for path in state.parents if not path.stat().st_mode & 0o001}
    for path, mode in closed.items():
        path.chmod(mode & 0o7777 | 0o011)

    def call(verb: str, *, entry: str = "", **args: Any) -> dict[str, Any]:
        os.seteuid(uid)
        try:
            return real(verb, entry=entry, **args)
        finally:
            os.seteuid(0)

    try:
        with mock.patch.object(helper, "call", call):
            yield
    finally:
        for path, mode in closed.items():
            path.chmod(mode & 0o7777)

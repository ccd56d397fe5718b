"""Several clients at once, and how long the lock on qmail's assign file is held with 20,000 domains."""

import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from bench.data import HASH, SIZES, lay_out_assign
from domains import services as domains
from mailhost import control
from mailhost.locks import FileLock
from tests.store import Store
from vpopmail.engines.base import NewAccount

ROOT = Path(__file__).resolve().parent.parent
CLIENTS = (1, 2, 4, 8)
EACH = 40  # accounts that one client adds
LOCKED = 10  # domains added, given an alias domain, and deleted under the lock

SCRIPT = f"""
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "vqweb.settings"
import django
django.setup()
from accounts import services
mark, domain = sys.argv[1:]
add = lambda name: services.add_account(actor=None, domain=domain, name=name, password_hash={HASH!r})
add(mark + "warm")
print("ready", flush=True)
sys.stdin.readline()
for number in range({EACH}):
    add(f"{{mark}}n{{number}}")
"""


@dataclass(frozen=True)
class Throughput:
    """Accounts a second of so many clients together, all in one domain or each in its own."""

    clients: int
    one_domain: float
    own_domains: float


def throughput(store: Store) -> Iterator[Throughput]:
    """Each client is a process, and adds its accounts one by one with the service that pages and commands
    call; hashes are given."""
    for name in ("one.example", *(f"own{number}.example" for number in range(max(CLIENTS)))):
        domains.add_domain(actor=None, domain=name, password_hash=HASH)
    for number in CLIENTS:
        shared = _together(store, f"s{number}x", ["one.example"] * number)
        apart = _together(store, f"a{number}x", [f"own{own}.example" for own in range(number)])
        yield Throughput(number, shared, apart)


def _together(store: Store, mark: str, names: list[str]) -> float:
    """Accounts a second from the common start to the end of the last client."""
    environ = {**os.environ, **store.environ, "PYTHONPATH": str(ROOT), "LOG_LEVEL": "ERROR"}
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": ROOT}
    clients = [
        subprocess.Popen([sys.executable, "-c", SCRIPT, f"{mark}{place}", name], env=environ, **pipes)
        for place, name in enumerate(names)
    ]
    for client in clients:
        assert client.stdout is not None and client.stdout.readline() == "ready\n"
    start = time.perf_counter()
    for client in clients:
        assert client.stdin is not None
        client.stdin.write("\n")
        client.stdin.flush()
    for client in clients:
        assert client.wait() == 0
    return EACH * len(clients) / (time.perf_counter() - start)


@dataclass(frozen=True)
class Held:
    """How long the lock on assign was held, in ms: the longest time, and how much of it was qmail-newu."""

    title: str
    longest: float
    newu: float


class _Watch:
    """Times the lock on assign, and the compiler that runs under it."""

    def __init__(self) -> None:
        self.held: list[tuple[float, float]] = []
        self.since = self.compiling = 0.0

    @contextmanager
    def active(self) -> Iterator[None]:
        acquire, release, run = FileLock.acquire, FileLock.release, control._run

        def timed_acquire(lock: FileLock) -> FileLock:
            got = acquire(lock)
            if lock.path.endswith("assign.lock"):
                self.since, self.compiling = time.perf_counter(), 0.0
            return got

        def timed_release(lock: FileLock) -> None:
            if lock.path.endswith("assign.lock") and lock.fd >= 0:
                self.held.append((time.perf_counter() - self.since, self.compiling))
            release(lock)

        def timed_run(*args: Any) -> None:
            start = time.perf_counter()
            run(*args)
            self.compiling += time.perf_counter() - start

        with (
            mock.patch.object(FileLock, "acquire", timed_acquire),
            mock.patch.object(FileLock, "release", timed_release),
            mock.patch.object(control, "_run", timed_run),
        ):
            yield


def use_real_newu(store: Store, qmail: Path) -> None:
    """Have users/cdb compiled by the qmail-newu of an installed qmail, which knows its own home only: it is
    run where the store's stands in that place, for itself alone. Needs root."""
    program = store.root / "qmail-newu"
    shutil.copy2(qmail / "bin" / "qmail-newu", program)
    inner = shlex.quote(shlex.join(["mount", "--bind", str(store.qmail), str(qmail)]) + f" && exec {program}")
    stand_in = store.qmail / "bin" / "qmail-newu"
    stand_in.write_text(f"#!/bin/sh\nexec unshare -m sh -c {inner}\n")
    stand_in.chmod(0o755)


def lock_times(store: Store) -> Iterator[Held]:
    """On assign, virtualdomains and morercpthosts of 20,000 domains; the tables hold only what is added."""
    from vpopmail.engines import get_engine

    if not (store.qmail / "control" / "morercpthosts").exists():
        lay_out_assign(store, SIZES["L"].sizes(), [])
    engine = get_engine()
    new = NewAccount("postmaster", HASH)
    steps: dict[str, Callable[[str], object]] = {
        "domain added": lambda name: engine.vadddomain(name, new),
        "alias domain added": lambda name: engine.vaddaliasdomain(name, f"alias-{name}"),
        "domain deleted with its alias domain": lambda name: engine.vdeldomain(name, with_alias_domains=True),
    }
    for title, step in steps.items():
        watch = _Watch()
        with watch.active():
            for number in range(LOCKED):
                step(f"m{number}.example")
        longest, newu = max(watch.held)
        yield Held(title, longest * 1000, newu * 1000)

"""`python -m bench.doctor`: how long the doctor looks at a whole server, and how much memory it takes
(BENCH_SIZE, or M; L is 20,000 domains and a million accounts).

The mailboxes are there as empty directories, less one in a thousand, which it must find. Its progress bar is
watched; after a third of the domains it is killed with -9 and goes on with `--resume`. BENCH_INDEX=0 leaves
out the index that `manage.py check` recommends.
"""

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from bench.__main__ import OPTIONS, _indexes, _prepare, _say, _set_up, load

if TYPE_CHECKING:
    from bench.data import Size
    from tests.store import Store

LACKING = 1000
SIZED = 10  # each tenth mailbox has a maildirsize
_BAR = re.compile(r"\] (\d+)/(\d+) ")


def _make_mailboxes(store: "Store", size: "Size") -> int:
    """Every account's directory but each thousandth's; how many lack. As their owner, which saves giving each
    away."""
    from tests.store import GID, UID

    pid = os.fork()
    if pid == 0:
        try:
            os.umask(0o077)
            os.setgroups([])
            os.setresgid(GID, GID, GID)
            os.setresuid(UID, UID, UID)
            for domain, count in size.sizes().items():
                _make_domain(store.directory(domain), count)
            os._exit(0)
        finally:
            os._exit(1)
    assert os.waitpid(pid, 0)[1] == 0
    return sum(count // LACKING for count in size.sizes().values())


def _make_domain(directory: Path, count: int) -> None:
    from bench.data import name_of

    home = os.open(directory, os.O_RDONLY)
    for number in range(count):
        if number % LACKING == LACKING - 1:
            continue
        name = name_of(number)
        for part in ("", "/Maildir", "/Maildir/cur", "/Maildir/new", "/Maildir/tmp"):
            os.mkdir(name + part, dir_fd=home)
        if number % SIZED == 0:
            fd = os.open(f"{name}/Maildir/maildirsize", os.O_WRONLY | os.O_CREAT, 0o600, dir_fd=home)
            os.write(fd, b"2147483648S\n0 0\n")
            os.close(fd)
    os.close(home)


def _compile(store: "Store") -> None:
    from tests import fake_qmail

    fake_qmail.newu(str(store.qmail))
    fake_qmail.newmrh(str(store.qmail))


def _run(
    store: "Store", root: Path, argv: list[str], stop: Callable[[int, int], bool]
) -> tuple[float, float, int]:
    """Run the doctor on a terminal until it ends or `stop` says so of its bar; seconds, MB at most, bars
    seen."""
    own, terminal = pty.openpty()
    begun = time.perf_counter()
    with open(root / "out.txt", "w") as out:
        child = subprocess.Popen(  # noqa: S603
            [sys.executable, "manage.py", "doctor", *argv],
            env={**os.environ, **store.environ, "LOG_LEVEL": "ERROR"},
            stdout=out,
            stderr=terminal,
        )
    os.close(terminal)
    bars, text = 0, ""
    while _more(own):
        try:
            text = text[-200:] + os.read(own, 65536).decode(errors="replace")
        except OSError:
            break  # the other end is closed
        found = _BAR.findall(text)
        bars += len(found)
        text = text[text.rfind("]") + 1 :] if found else text
        if found and stop(int(found[-1][0]), int(found[-1][1])):
            child.send_signal(signal.SIGKILL)
            break
    memory = os.wait4(child.pid, 0)[2].ru_maxrss / 1024
    os.close(own)
    return time.perf_counter() - begun, memory, bars


def _more(own: int) -> bool:
    return bool(select.select([own], [], [], 600)[0])


def _measure(store: "Store", root: Path, size: "Size", lacking: int) -> None:
    report = Path(store.environ["VQWEB_STATE"]) / "doctor.json"
    _say(f"{size.domains} domains, {size.accounts} accounts; {load()}")
    seconds, memory, bars = _run(store, root, [], lambda done, total: done > total / 3)
    after = json.loads(report.read_text())["after"] if report.exists() else ""
    _say(f"killed after {seconds:.0f} s, {memory:.0f} MB at most, {bars} bars; the report goes to {after!r}")
    seconds, memory, bars = _run(store, root, ["--resume"], lambda done, total: False)
    found = json.loads(report.read_text())
    _say(f"resumed and ended: {seconds:.0f} s, {memory:.0f} MB at most, {bars} bars; {load()}")
    _say(f"found {found['kinds']}; {lacking} directories lack; {found['sampled']} mailboxes counted")


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="vqweb-bench-") as name:
        root = Path(name)
        root.chmod(0o711)  # whoever makes the mailboxes is not root
        _set_up(root)
        from bench.data import SIZES, load_mariadb
        from tests.mariadb import MariaDB
        from tests.store import Store

        size, server = SIZES[os.environ.get("BENCH_SIZE") or "M"], MariaDB(OPTIONS, in_memory=False)
        try:
            server.start()
            store = Store("many", root / "mariadb", server)
            begun = time.perf_counter()
            load_mariadb(store, server, size)
            loaded = time.perf_counter() - begun
            lacking = _make_mailboxes(store, size)
            _say(f"rows in {loaded:.0f} s, directories in {time.perf_counter() - begun - loaded:.0f} s")
            if os.environ.get("BENCH_INDEX") != "0":
                link = server.connect(store.database)
                for statement in _indexes("%s"):
                    link.cursor().execute(statement)
                link.close()
            _compile(store)
            _prepare(store)
            _measure(store, root, size, lacking)
        finally:
            server.remove()


if __name__ == "__main__":
    main()

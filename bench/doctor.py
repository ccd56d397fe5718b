"""`python -m bench.doctor`: how long the doctor looks at a whole server, and how much memory it takes
(BENCH_SIZE, or M).

The mailboxes are there as empty directories, less one in a thousand, which it must find.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bench.__main__ import OPTIONS, _prepare, _say, _set_up

if TYPE_CHECKING:
    from bench.data import Size
    from tests.store import Store

LACKING = 1000


def _make_mailboxes(store: "Store", size: "Size") -> int:
    """Every account's directory but each thousandth's; how many lack."""
    from bench.data import name_of
    from tests.store import GID, UID

    lacking = 0
    for domain, count in size.sizes().items():
        for number in range(count):
            if number % LACKING == LACKING - 1:
                lacking += 1
                continue
            mailbox = store.directory(domain) / name_of(number)
            (mailbox / "Maildir" / "cur").mkdir(parents=True)
            os.chown(mailbox, UID, GID)
            mailbox.chmod(0o700)
    return lacking


def _compile(store: "Store") -> None:
    from tests import fake_qmail

    fake_qmail.newu(str(store.qmail))
    fake_qmail.newmrh(str(store.qmail))


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="vqweb-bench-") as name:
        root = Path(name)
        _set_up(root)
        from bench.data import SIZES, load_mariadb
        from tests.mariadb import MariaDB
        from tests.store import Store

        size, server = SIZES[os.environ.get("BENCH_SIZE") or "M"], MariaDB(OPTIONS, in_memory=False)
        try:
            server.start()
            store = Store("many", root / "mariadb", server)
            load_mariadb(store, server, size)
            lacking = _make_mailboxes(store, size)
            _compile(store)
            _prepare(store)
            environ = {**os.environ, **store.environ, "LOG_LEVEL": "ERROR"}
            begun = time.perf_counter()
            with open(root / "report.json", "w+") as out:
                argv = [sys.executable, "manage.py", "doctor", "--json"]
                child = subprocess.Popen(argv, env=environ, stdout=out, stderr=subprocess.DEVNULL)
                memory = os.wait4(child.pid, 0)[2].ru_maxrss / 1024
                seconds = time.perf_counter() - begun
                out.seek(0)
                found = json.load(out)["kinds"]
            _say(
                f"{size.domains} domains, {size.accounts} accounts: {seconds:.0f} s, {memory:.0f} MB at most"
            )
            _say(f"found {found}; {lacking} directories lack")
        finally:
            server.remove()


if __name__ == "__main__":
    main()

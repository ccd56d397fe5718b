"""A private mariadbd for the test session: own directory, own socket, ended by its pid."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import MySQLdb

OPTIONS = [
    "--skip-networking",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-doublewrite=0",
    "--sync-binlog=0",
    "--innodb-buffer-pool-size=128M",
    "--innodb-log-file-size=16M",
    "--innodb-fast-shutdown=2",
    "--performance-schema=0",
    "--skip-log-bin",
    "--skip-name-resolve",
    "--max-connections=100",
    "--innodb-use-native-aio=0",
    "--character-set-server=utf8mb4",
]


class MariaDB:
    """Starts, stops and starts again a server of our own; root without a password on its socket."""

    crashes = 0  # of all servers of this process

    def __init__(self, options: list[str] | None = None, *, in_memory: bool = True) -> None:
        memory = "/dev/shm" if in_memory and os.access("/dev/shm", os.W_OK) else None
        self.base = Path(tempfile.mkdtemp(prefix="vqweb-mariadb-", dir=memory))
        self.socket = self.base / "s"
        self.options = OPTIONS if options is None else options
        self.root = ["--user=root"] if os.geteuid() == 0 else []
        self.process: subprocess.Popen[bytes] | None = None
        # Of its own: a server that starts removes all temporary tables from its tmpdir, those of others too,
        # and MariaDB 10.11 crashes when one of its own is gone.
        (self.base / "t").mkdir()
        subprocess.run(
            [
                "mariadb-install-db",
                "--no-defaults",
                *self.root,
                f"--datadir={self.base / 'd'}",
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
                "--innodb-log-file-size=16M",
            ],
            check=True,
            capture_output=True,
        )

    def start(self) -> None:
        with open(self.base / "err", "ab") as errors:
            self.process = subprocess.Popen(
                [
                    shutil.which("mariadbd") or "/usr/sbin/mariadbd",
                    "--no-defaults",
                    *self.root,
                    f"--datadir={self.base / 'd'}",
                    f"--tmpdir={self.base / 't'}",
                    f"--socket={self.socket}",
                    f"--pid-file={self.base / 'pid'}",
                    *self.options,
                ],
                stdout=subprocess.DEVNULL,
                stderr=errors,
            )
        deadline = time.monotonic() + 60
        while True:
            try:
                self.connect().close()
                return
            except MySQLdb.OperationalError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError((self.base / "err").read_text()[-2000:]) from None
                time.sleep(0.02)

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(30)
            self.process = None

    def revive(self) -> None:
        """Start a server that crashed again."""
        if self.process is not None and self.process.poll() is not None:
            MariaDB.crashes += 1
            self.start()

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.base, ignore_errors=True)

    def connect(self, database: str = "") -> Any:
        return MySQLdb.connect(unix_socket=str(self.socket), user="root", database=database, autocommit=True)

    def url(self, database: str) -> str:
        return f"mysql://root:@localhost/{database}?unix_socket={self.socket}"


@contextmanager
def running() -> Iterator[MariaDB]:
    """A server for as long as the block lasts."""
    server = MariaDB()
    try:
        server.start()
        yield server
    finally:
        server.remove()

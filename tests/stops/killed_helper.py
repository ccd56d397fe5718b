"""A helper that is killed at one of its steps, together with the child it works through (`helper`), and stays
away (`gone`), or that child alone (`child`).

Otherwise the next connection gets a new helper, as with systemd's sockets.
"""

import mmap
import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from unittest import mock

from mailhost import runas
from mailhost.client import _Remote
from mailhost.config import Config
from mailhost.server import Ending, serve

NUMBER = 8  # bytes in front of the words on the step


class _Connection:
    def __init__(self, ours: socket.socket, process: int) -> None:
        self.socket, self.process = ours, process
        self.reading, self.writing = ours.makefile("rb"), ours.makefile("wb")

    def close(self) -> str:
        self.reading.close()
        with suppress(OSError):
            self.writing.close()
        self.socket.close()
        os.waitpid(self.process, 0)
        return ""


class KilledHelper(_Remote):
    """Every connection is a process; the steps of all are counted together."""

    def __init__(
        self, config: Config, way: str, at: int, is_step: Callable[[str, tuple[Any, ...]], bool]
    ) -> None:
        super().__init__()
        self.config, self.way, self.at, self.is_step = config, way, at, is_step
        self.shared = mmap.mmap(-1, 4096)

    @property
    def count(self) -> int:
        return int.from_bytes(self.shared[:NUMBER], "little")

    @property
    def struck(self) -> str:
        """What it was about to do when it was killed; "" before."""
        return self.shared[NUMBER:].rstrip(b"\0").decode()

    def _open(self) -> Any:
        if self.way == "gone" and self.struck:
            raise ConnectionRefusedError("Connection refused")
        ours, theirs = socket.socketpair()
        process = os.fork()
        if process == 0:
            try:
                ours.close()
                self._install()
                serve(self.config, theirs.makefile("rb"), theirs.makefile("wb", buffering=0), Ending(), None)
            finally:
                os._exit(0)
        theirs.close()
        return _Connection(ours, process)

    def _install(self) -> None:
        process, in_child = os.getpid(), runas._in_child

        def work(*args: Any) -> Any:
            spared = self.struck
            try:
                return in_child(*args)
            finally:
                # The child had no right to end more than itself.
                if self.way != "child" and self.struck != spared:
                    os.kill(process, signal.SIGKILL)

        mock.patch.object(runas, "_in_child", work).start()
        sys.addaudithook(lambda name, args: self._event(name, args, os.getpid() != process))

    def _event(self, name: str, args: tuple[Any, ...], in_child: bool) -> None:
        if (self.way == "child" and not in_child) or not self.is_step(name, args):
            return
        self.shared[:NUMBER] = (self.count + 1).to_bytes(NUMBER, "little")
        if self.count == self.at + 1:
            told = f"{name} {args[:1]}".encode()[:1000]
            self.shared[NUMBER : NUMBER + len(told)] = told
            os.kill(os.getpid(), signal.SIGKILL)

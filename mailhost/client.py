"""How the panel reaches the helper: in its own process, by a Unix socket, or by a command (sudo, ssh).

Thread-safe: a call opens a connection of its own unless the thread is inside `session()`, which keeps one.
"""

import json
import os
import select
import shlex
import socket
import subprocess
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, Any, Protocol

from mailhost import verbs
from mailhost.config import Config
from mailhost.errors import HelperError
from mailhost.state import State

__all__ = ["Client", "HelperError", "connect"]

LONGEST_REPLY = 256 * 1024 * 1024  # bytes
CONNECT_SECONDS = 10
ANSWER_SECONDS = 600  # a verb may wait for locks, compile large files and count for minutes


class Client(ABC):
    """Calls verbs. Every failure is a HelperError.

    `gone` says that the helper could not be reached or answered nothing; `details["begun"]` whether it may
    have begun.
    """

    @abstractmethod
    def call(self, verb: str, *, entry: str = "", **args: Any) -> dict[str, Any]:
        """Do one verb and return its result."""

    @contextmanager
    def session(self) -> Iterator["Client"]:
        """Keep one connection for this thread's calls."""
        yield self

    @abstractmethod
    def close(self) -> None:
        """Give back what is held; the client may be used again."""


class InProcess(Client):
    """The helper in the panel's own process: neither ids nor umask nor the working directory are changed."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self._state: State | None = None

    def call(self, verb: str, *, entry: str = "", **args: Any) -> dict[str, Any]:
        try:
            if self._state is None or not self._state.root.is_dir():
                self._state = State(self.config.state)
        except OSError as error:
            raise HelperError("io", f"The helper's state directory: {error.strerror}.") from error
        request = {"entry": entry, "verb": verb, "args": args}
        return verbs.perform(self.config, self._state, request, isolated=False)

    def close(self) -> None:
        self._state = None


class _Connection(Protocol):
    """Two streams. `close` returns what the other side said on stderr."""

    reading: IO[bytes]
    writing: IO[bytes]

    def close(self) -> str: ...


class _Socket:
    def __init__(self, path: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self.socket.settimeout(CONNECT_SECONDS)
            self.socket.connect(path)
            self.socket.settimeout(ANSWER_SECONDS)
        except OSError:
            self.socket.close()
            raise
        self.reading: IO[bytes] = self.socket.makefile("rb")
        self.writing: IO[bytes] = self.socket.makefile("wb")

    def close(self) -> str:
        with suppress(OSError):
            self.reading.close()
            self.writing.close()
        self.socket.close()
        return ""


class _Process:
    def __init__(self, argv: list[str]) -> None:
        self.process = subprocess.Popen(  # noqa: S603 (the argument list comes from the settings)
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        if self.process.stdin is None or self.process.stdout is None:
            raise OSError("no pipes")
        self.reading, self.writing = self.process.stdout, self.process.stdin

    def close(self) -> str:
        """End the process by closing its input; return what it said on stderr."""
        with suppress(OSError):
            self.writing.close()
        try:
            self.process.wait(CONNECT_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        said = b""
        if self.process.stderr:
            # A grandchild may still hold it open: only what is there counts.
            os.set_blocking(self.process.stderr.fileno(), False)
            said = self.process.stderr.read(2000) or b""
            self.process.stderr.close()
        with suppress(OSError):
            self.reading.close()
        return said.decode("utf-8", "replace").strip()


class _Remote(Client):
    """A helper behind a pair of streams, JSON lines in both directions."""

    def __init__(self) -> None:
        self._local = threading.local()

    @abstractmethod
    def _open(self) -> _Connection:
        """A new connection; raises OSError."""

    @contextmanager
    def session(self) -> Iterator[Client]:
        if getattr(self._local, "depth", 0):
            yield self
            return
        self._local.depth = 1
        try:
            yield self
        finally:
            self._local.depth = 0
            self._drop()

    def close(self) -> None:
        self._drop()

    def _drop(self) -> str:
        connection: _Connection | None = getattr(self._local, "connection", None)
        self._local.connection = None
        return connection.close() if connection else ""

    def call(self, verb: str, *, entry: str = "", **args: Any) -> dict[str, Any]:
        line = json.dumps({"entry": entry, "verb": verb, "args": args}).encode() + b"\n"
        begun = False
        try:
            connection = self._connection()
            begun = True
            reply = self._exchange(connection, line)
        except (OSError, ValueError) as error:
            said = self._drop()
            text = f"The mail host's helper cannot be reached: {said or error}."
            raise HelperError("gone", text, {"begun": begun}) from error
        if not getattr(self._local, "depth", 0):
            self._drop()
        if not reply.get("ok"):
            raise HelperError.from_json(reply.get("error") or {})
        result: dict[str, Any] = reply["result"]
        return result

    def _connection(self) -> _Connection:
        if getattr(self._local, "connection", None) is None:
            self._local.connection = self._open()
        connection: _Connection = self._local.connection
        return connection

    def _exchange(self, connection: _Connection, line: bytes) -> dict[str, Any]:
        connection.writing.write(line)
        connection.writing.flush()
        _wait_for(connection.reading)
        answer = connection.reading.readline(LONGEST_REPLY)
        if not answer.endswith(b"\n"):
            raise OSError("it ended without an answer")
        reply = json.loads(answer)
        if not isinstance(reply, dict):
            raise ValueError("its answer is no object")
        return reply


def _wait_for(stream: IO[bytes]) -> None:
    """Wait until an answer begins; a pipe knows no time limit of its own."""
    waiting = select.poll()
    waiting.register(stream.fileno(), select.POLLIN)
    if not waiting.poll(ANSWER_SECONDS * 1000):
        raise TimeoutError(f"no answer within {ANSWER_SECONDS} seconds")


class UnixSocket(_Remote):
    """The helper behind a Unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path

    def _open(self) -> _Connection:
        return _Socket(self.path)


class Command(_Remote):
    """The helper as a command with pipes: sudo on this machine, ssh to another."""

    def __init__(self, command: str) -> None:
        super().__init__()
        self.argv = shlex.split(command)

    def _open(self) -> _Connection:
        return _Process(self.argv)


def connect(setting: str, config: Config) -> Client:
    """The client for a value of VPOPMAIL_HELPER: "" in-process, "unix:/path", or a command line."""
    if not setting.strip():
        return InProcess(config)
    if setting.startswith("unix:"):
        return UnixSocket(setting.removeprefix("unix:"))
    return Command(setting)

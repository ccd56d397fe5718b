"""The helper's side of a connection: JSON lines in, JSON lines out, one process per connection."""

import json
import logging
import os
import signal
import socket
import struct
import sys
import syslog
import time
from contextlib import suppress
from types import FrameType
from typing import Any, BinaryIO, Protocol

from mailhost import verbs
from mailhost.config import Config
from mailhost.errors import HelperError
from mailhost.state import HOUR, State

LONGEST_REQUEST = 16 * 1024 * 1024  # bytes
_CREDENTIALS = struct.Struct("3i")  # struct ucred: pid, uid, gid


class Writing(Protocol):
    """A raw stream: it may take less than all of the data."""

    def write(self, data: memoryview, /) -> int | None: ...


class _Syslog(logging.Handler):
    """Log records to syslog; where there is none they vanish, as syslog(3) does it."""

    def emit(self, record: logging.LogRecord) -> None:
        level = syslog.LOG_INFO if record.levelno < logging.WARNING else syslog.LOG_ERR
        syslog.syslog(level, record.getMessage())


class Ending:
    """Defers SIGTERM: a verb at work finishes or takes back; between verbs the process ends at once."""

    def __init__(self) -> None:
        self.busy = False
        self.asked = False
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._handle)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        self.asked = True
        if not self.busy:
            raise SystemExit(0)


def start_log(to_stderr: bool) -> None:
    """Send the log to syslog; on a terminal to stderr."""
    syslog.openlog("vqweb-helper", syslog.LOG_PID, syslog.LOG_MAIL)
    handler: logging.Handler = logging.StreamHandler(sys.stderr) if to_stderr else _Syslog()
    logging.getLogger("mailhost").addHandler(handler)
    logging.getLogger("mailhost").setLevel(logging.INFO)


def check_peer(connection: socket.socket, config: Config) -> None:
    """Refuse a connection from anybody but root, the helper's own user, and the configured clients."""
    data = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _, uid, _ = _CREDENTIALS.unpack(data)
    if uid not in {0, os.geteuid(), *config.clients}:
        raise HelperError("refused", f"User id {uid} may not use the mail host's helper.")


def _peer_of_stdin() -> socket.socket | None:
    """Standard input as a socket when it is a Unix one (systemd, Accept=yes), else None."""
    try:
        connection = socket.socket(fileno=os.dup(0))
    except OSError:
        return None
    if connection.family == socket.AF_UNIX:
        return connection
    connection.close()
    return None


def serve_stdin(config: Config) -> None:
    """Serve one connection on standard input and output."""
    ending = Ending()
    peer = _peer_of_stdin()
    reading, writing = os.fdopen(0, "rb", closefd=False), os.fdopen(os.dup(1), "wb", buffering=0)
    # Whatever prints by mistake must not get between the replies.
    os.dup2(2, 1)
    serve(config, reading, writing, ending, peer)


def serve(
    config: Config, reading: BinaryIO, writing: Writing, ending: Ending, peer: socket.socket | None
) -> None:
    """Answer requests until the other side closes. A dead client does not stop a verb."""
    try:
        if peer is not None:
            check_peer(peer, config)
        state = State(config.state)
    except (HelperError, OSError) as error:
        problem = (
            error if isinstance(error, HelperError) else HelperError("io", f"The state directory: {error}.")
        )
        logging.getLogger("mailhost").warning("%s", problem.message)
        # A socket closed with something unread loses the answer on its way.
        reading.readline(LONGEST_REQUEST + 1)
        _send(writing, {"ok": False, "error": problem.as_json()})
        return
    _tidy(state)
    while not ending.asked:
        line = reading.readline(LONGEST_REQUEST + 1)
        if not line:
            return
        ending.busy = True
        reply = answer(config, state, line)
        alive = _send(writing, reply)
        ending.busy = False
        if not alive or not line.endswith(b"\n"):
            return


def answer(config: Config, state: State, line: bytes) -> dict[str, Any]:
    """The reply to one request line."""
    try:
        if not line.endswith(b"\n") or len(line) > LONGEST_REQUEST:
            raise HelperError("refused", "A request is one line of JSON with a newline at its end.")
        request = json.loads(line)
        return {"ok": True, "result": verbs.perform(config, state, request, isolated=True)}
    except HelperError as error:
        return {"ok": False, "error": error.as_json()}
    except (ValueError, RecursionError):
        return {"ok": False, "error": HelperError("refused", "The request is no JSON.").as_json()}


def _send(writing: Writing, reply: dict[str, Any]) -> bool:
    view = memoryview(json.dumps(reply).encode() + b"\n")
    try:
        while view:
            view = view[writing.write(view) or 0 :]
    except OSError:
        return False
    return True


def _tidy(state: State) -> None:
    """Clean the helper's memory at most once an hour."""
    stamp = state.root / "tidied"
    with suppress(OSError):
        if stamp.exists() and time.time() - stamp.stat().st_mtime < HOUR:
            return
        stamp.touch(0o600)
        state.tidy()


def listen(config: Config, path: str) -> None:
    """Serve a socket, one child process per connection: for tests and places without systemd."""
    ending = Ending()
    # It appears under its name when it already answers.
    early = f"{path}.{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(early)
        # The peer's credentials decide who may speak; the mode lets the configured clients get that far.
        os.chmod(early, 0o666 if config.clients else 0o600)
        listener.listen(64)
        os.rename(early, path)
        signal.signal(signal.SIGCHLD, _reap)
        try:
            while True:
                connection, _ = listener.accept()
                with connection:
                    if os.fork() == 0:
                        listener.close()
                        _serve_child(config, connection, ending)
        finally:
            if os.path.exists(path):
                os.unlink(path)


def _reap(number: int, frame: FrameType | None) -> None:
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _serve_child(config: Config, connection: socket.socket, ending: Ending) -> None:
    """Serve one connection and end the process, never returning into the parent's loop."""
    status = 1
    try:
        # The children of this process are waited for where they are started.
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        serve(config, connection.makefile("rb"), connection.makefile("wb", buffering=0), ending, connection)
        status = 0
    finally:
        os._exit(status)

"""Locks on files: open-file-description locks (`F_OFD_SETLK`), which exclude vpopmail's `lockf` as well as
our own threads.

A lock belongs to the open file, not to the process: closing another descriptor of the same file does not
lose it. There is no waiting call with a time limit, so the lock is tried again in growing steps.
"""

import errno
import fcntl
import os
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import TracebackType

from mailhost import files
from mailhost.errors import HelperError

_SHORTEST_WAIT = 0.0005  # seconds
_LONGEST_WAIT = 0.05


def _request(kind: int) -> bytes:
    # struct flock: type, whence, start, length 0 (the whole file), pid 0 (must be 0 for such locks), padded.
    return struct.pack("hhqqi0q", kind, os.SEEK_SET, 0, 0, 0)


def try_lock(fd: int) -> bool:
    """Take a write lock on the whole file if nobody holds one."""
    try:
        fcntl.fcntl(fd, fcntl.F_OFD_SETLK, _request(fcntl.F_WRLCK))
    except OSError as error:
        if error.errno in (errno.EAGAIN, errno.EACCES):
            return False
        raise
    return True


def unlock(fd: int) -> None:
    """Give the lock back, also for descriptors a child process inherited."""
    fcntl.fcntl(fd, fcntl.F_OFD_SETLK, _request(fcntl.F_UNLCK))


class FileLock:
    """An exclusive lock on a lock file, which is made 0600 and never removed, as vpopmail does.

    Entering raises HelperError `busy` when the lock is not had within `timeout` seconds.
    """

    def __init__(self, path: str, timeout: float, *, dir_fd: int | None = None, what: str = "") -> None:
        self.path = path
        self.timeout = timeout
        self.dir_fd = dir_fd
        self.what = what or os.path.basename(path)
        self.fd = -1

    def acquire(self) -> "FileLock":
        """Wait for the lock; the same object may be used again after `release`."""
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        self.fd = os.open(self.path, flags, 0o600, dir_fd=self.dir_fd)
        until, pause = time.monotonic() + self.timeout, _SHORTEST_WAIT
        try:
            files.check_plain(os.fstat(self.fd), os.path.basename(self.path), None)
            while not try_lock(self.fd):
                if time.monotonic() >= until:
                    raise HelperError("busy", f"Another program is working on {self.what}; try again.")
                time.sleep(pause)
                pause = min(pause * 2, _LONGEST_WAIT)
        except BaseException:
            os.close(self.fd)
            self.fd = -1
            raise
        return self

    def release(self) -> None:
        """Give the lock back; harmless when it is not held."""
        if self.fd >= 0:
            with suppress(OSError):  # what was done under the lock is done; closing gives it back as well
                unlock(self.fd)
            os.close(self.fd)
            self.fd = -1

    def __enter__(self) -> "FileLock":
        return self.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


@contextmanager
def all_of(locks: list[FileLock]) -> Iterator[None]:
    """Hold several locks, taken in the order given and released in the opposite one."""
    held: list[FileLock] = []
    try:
        for lock in locks:
            held.append(lock.acquire())
        yield
    finally:
        for lock in reversed(held):
            lock.release()

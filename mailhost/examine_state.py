"""Locks that somebody holds for long, and trash that nobody empties."""

import fcntl
import os
import struct
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from mailhost import files, trash
from mailhost.control import ORDER
from mailhost.examine import Item, item
from mailhost.home import Call

GRACE = 2  # days that the timer may be late
_F_OFD_GETLK = 36  # Linux; Python has no name for it
_FLOCK = "hhqqi0q"
_PAUSE = 0.05


def holder(path: Path) -> int | None:
    """The process that holds the lock, 0 when that is not known; None when it is free or not there."""
    try:
        fd = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        asked = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        kind, _whence, _start, _length, pid = struct.unpack(_FLOCK, fcntl.fcntl(fd, _F_OFD_GETLK, asked))
    finally:
        os.close(fd)
    return None if kind == fcntl.F_UNLCK else max(int(pid), 0)


def locks(call: Call, seconds: float) -> Iterator[Item]:
    """Locks of qmail's files and of the helper's domains that are held all that time."""
    paths = [call.config.qmail_home / ("users" if n == "assign" else "control") / f"{n}.lock" for n in ORDER]
    with suppress(FileNotFoundError):
        paths += sorted((call.config.state / "locks").iterdir())
    held = [path for path in paths if holder(path) is not None]
    until = time.monotonic() + seconds
    while held and time.monotonic() < until:
        time.sleep(_PAUSE)
        held = [path for path in held if holder(path) is not None]
    for path in held:
        pid = holder(path)
        if pid is not None:
            yield item("lock-held", path.name, f"{path} (pid {pid or '?'})")


def old_trash(call: Call) -> Iterator[Item]:
    """Entries of the trash that should have been removed days ago."""
    for path in call.state.trash_directories():
        with suppress(OSError), files.directory(path) as fd:
            for entry in trash.expired(fd, call.config.trash_days + GRACE, time.time()):
                yield item("trash-old", entry, f"{path}/{entry}")

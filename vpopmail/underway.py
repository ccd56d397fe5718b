"""What each change has begun, written down before it is done, so that it can be settled should its process
die.

One file per journal entry in the panel's state, locked by the process at work: the kernel gives the lock back
when that process is gone, however it ended. Never holds a password or a hash, only keyed marks of hashes.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from mailhost.locks import try_lock
from vpopmail.engines.base import Unavailable

Note = dict[str, Any]
_kept: set[str] = set()
_open: dict[tuple[int, str], int] = {}  # file descriptors of this process's changes


class StillRunning(Exception):
    """Another process, or this one, is at work on the entry."""


def _directory() -> Path:
    return Path(settings.VQWEB_STATE) / "underway"


def _path(key: str) -> Path:
    if not key.isalnum():
        raise ValueError(f"{key!r} is no key of an entry")
    return _directory() / key


@contextmanager
def begin(key: str) -> Iterator[None]:
    """Hold the entry's file while the change is made. Raises Unavailable when it cannot be written.

    The file stays when the change ends: `forget` removes it once the journal knows the outcome.
    """
    try:
        _directory().mkdir(mode=0o700, parents=True, exist_ok=True)
        fd = os.open(_path(key), os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise _unwritable(error) from error
    try:
        if not try_lock(fd):
            raise Unavailable(_("Another process is at work on the same change."))
        _open[os.getpid(), key] = fd
        yield
    finally:
        _open.pop((os.getpid(), key), None)
        os.close(fd)


def _unwritable(error: OSError) -> Unavailable:
    return Unavailable(_("The panel cannot write its own state (%(reason)s).") % {"reason": error.strerror})


def note(key: str, kind: str, /, **data: Any) -> None:
    """Write down what is about to be done; nothing when no journal entry stands behind the change."""
    fd = _open.get((os.getpid(), key))
    if fd is None:
        return
    try:
        os.write(fd, (json.dumps({"kind": kind, **data}, default=str) + "\n").encode())
    except OSError as error:
        raise _unwritable(error) from error


def restart(key: str) -> None:
    """What was noted so far stands for good: a long change made in parts forgets each when it is done."""
    fd = _open.get((os.getpid(), key))
    if fd is None:
        return
    try:
        os.ftruncate(fd, 0)
    except OSError as error:
        raise _unwritable(error) from error


def keep(key: str) -> None:
    """Something of the change is left to do although it counts as done: recovery does it."""
    if (os.getpid(), key) in _open:
        _kept.add(key)


def forget(key: str) -> None:
    """The change has ended and the journal knows how."""
    if key in _kept:
        _kept.discard(key)
        return
    with suppress(OSError):
        _path(key).unlink()


def keys() -> list[str]:
    """The entries that are under way or were interrupted."""
    try:
        return sorted(name for name in os.listdir(_directory()) if name.isalnum())
    except FileNotFoundError:
        return []


@contextmanager
def taken_over(key: str) -> Iterator[list[Note]]:
    """The notes of an interrupted change, locked. Raises StillRunning when somebody is at work on it.

    An entry without a file has no notes: it ended, or its process never came so far.
    """
    try:
        fd = os.open(_path(key), os.O_RDWR | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        yield []
        return
    try:
        if not try_lock(fd):
            raise StillRunning(key)
        _kept.discard(key)  # what is left to do is done now, or kept again
        _open[os.getpid(), key] = fd
        yield _read(fd)
    finally:
        _open.pop((os.getpid(), key), None)
        os.close(fd)


def _read(fd: int) -> list[Note]:
    """Whole lines only: the last may be torn, and what it was to say was not begun."""
    with open(os.dup(fd), "rb") as file:
        file.seek(0)
        return [json.loads(line) for line in file.read().splitlines(keepends=True) if line.endswith(b"\n")]


def mark(text: object) -> str:
    """Stands for a hash where it must be recognised but not kept."""
    return salted_hmac("vqweb.underway", str(text)).hexdigest()


def is_marked(text: object, marked: str) -> bool:
    return constant_time_compare(mark(text), marked)

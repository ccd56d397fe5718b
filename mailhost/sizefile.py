"""The file maildirsize of one mailbox: what it says, and writing it anew for another quota.

A delivery appends what it stored to the file as it found it, also when that was replaced meanwhile
(vdelivermail, Dovecot: open, write, close). So the former file stays open while the new one is put in its
place; when it grew, what it grew by is lost in the new one, and the mail is counted.
"""

import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from mailhost import files, maildir
from mailhost.errors import HelperError
from mailhost.files import Owner

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True)
class Found:
    """A maildirsize that is there. `usage` is None when nobody can tell the sum from it; `fd` is None when
    it may not even be read."""

    fd: int | None
    status: os.stat_result
    usage: maildir.Usage | None

    @property
    def grew(self) -> bool:
        return self.fd is not None and os.fstat(self.fd).st_size != self.status.st_size


@contextmanager
def opened(parent: int, owners: frozenset[int]) -> Iterator[Found | None]:
    """The maildirsize in an open Maildir, None when there is none. Raises HelperError `refused` for what is
    no plain file of these owners."""
    try:
        fd = os.open(maildir.SIZE_FILE, _READ, dir_fd=parent)
    except FileNotFoundError:
        yield None
        return
    except OSError:
        yield _closed(parent, owners)
        return
    try:
        status = os.fstat(fd)
        files.check_plain(status, maildir.SIZE_FILE, owners)
        data = os.read(fd, maildir.LONGEST_SIZE_FILE + 1)
        yield Found(fd, os.fstat(fd) if len(data) != status.st_size else status, _sum(data))
    finally:
        os.close(fd)


def _closed(parent: int, owners: frozenset[int]) -> Found | None:
    """What cannot be opened: a link is refused, a file without the right to read it is as good as torn."""
    status = files.look(maildir.SIZE_FILE, parent)
    if status is None:
        return None
    if stat.S_ISLNK(status.st_mode):
        raise HelperError("refused", f"{maildir.SIZE_FILE} is a symbolic link and is left alone.")
    files.check_plain(status, maildir.SIZE_FILE, owners)
    return Found(None, status, None)


def _sum(data: bytes) -> maildir.Usage | None:
    told = maildir.read_size_file(data)
    return maildir.Usage(told[1], told[2]) if told else None


def put(
    parent: int, mailbox: int, quota: str, owner: Owner, seconds: float, *, count_anew: bool = False
) -> None:
    """Write maildirsize for the quota, or remove it where there is none.

    The sum of a sound file is kept, unless `count_anew`. Where it is missing or torn, or deltas arrive
    meanwhile, the mail is counted. What that does not settle within `seconds` is removed: the next delivery
    counts then.
    """
    until, owners = time.monotonic() + seconds, frozenset({owner.uid, 0})
    while maildir.is_limited(quota):
        with opened(parent, owners) as found:
            usage = found.usage if found and not count_anew else None
            if usage is None:
                usage = maildir.count(mailbox, until - time.monotonic())
            if not usage.complete:
                break
            if not (found and found.grew) and _stands(found, parent):
                data = maildir.size_file(quota, usage.bytes, usage.messages)
                files.write(maildir.SIZE_FILE, parent, data, owner, 0o600)
                if not (found and found.grew):
                    return
        count_anew = True
        if time.monotonic() > until:
            break
    _remove(parent, owners)


def _stands(found: Found | None, parent: int) -> bool:
    """Is the file that was looked at still the one of that name?"""
    status = files.look(maildir.SIZE_FILE, parent)
    seen = found.status if found else None
    return (status and (status.st_dev, status.st_ino)) == (seen and (seen.st_dev, seen.st_ino))


def _remove(parent: int, owners: frozenset[int]) -> None:
    with opened(parent, owners) as found:
        if found is not None:
            os.unlink(maildir.SIZE_FILE, dir_fd=parent)


def read(mailbox: int, owners: frozenset[int], until: float | None = None) -> dict[str, object]:
    """What one mailbox holds as far as its quota is concerned.

    `state` "told": by its maildirsize, last written `at` (seconds since 1970) · "counted": there is no sound
    one, so the mail was counted, until `until` (monotonic) at most · "none", "torn": neither · "odd": it is
    no plain file of the domain's. Only the first two have `bytes` and `messages`.
    """
    state = "none"
    with files.directory(maildir.MAILDIR, mailbox) as parent:
        try:
            with opened(parent, owners) as found:
                if found and found.usage:
                    return _answer("told", found.usage, found.status.st_mtime)
                state = "torn" if found else "none"
        except HelperError:
            state = "odd"
    if until is not None and time.monotonic() < until:
        counted = maildir.count(mailbox, until - time.monotonic())
        if counted.complete:
            return _answer("counted", counted, time.time())
    return {"state": state}


def _answer(state: str, usage: maildir.Usage, at: float) -> dict[str, object]:
    return {"state": state, "bytes": usage.bytes, "messages": usage.messages, "at": at}

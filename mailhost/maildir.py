"""Maildirs and maildirsize: what a mailbox is made of, what counts as mail, how the quota file is written.

Maildir++ (courier's maildirquota) as vpopmail 5.6 reads it: messages lie in `new` and `cur` of the Maildir
and of its `.Folders`, `.Trash` and messages marked `T` do not count for the quota. Sizes are bytes.
"""

import os
import re
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

SUBDIRECTORIES = ("cur", "new", "tmp")
MAILDIR = "Maildir"
SIZE_FILE = "maildirsize"
JUNK = ".Junk"
DEEPEST = 40  # directories below each other that are measured
LONGEST_SIZE_FILE = 5120  # a longer one is thrown away by every reader
MOST_BYTES = 2**50  # more than any mailbox holds: a maildirsize that says so is damaged
MOST_MESSAGES = 10**9

_QUOTA = re.compile(r"[0-9]{1,18}[SC]?(?:,[0-9]{1,18}[SC])?\Z")
_SIZE_IN_NAME = re.compile(r",S=([0-9]{1,18})(?=[,:]|\Z)")
_DELTA = re.compile(r"[ \t]*(-?[0-9]{1,18})[ \t]+(-?[0-9]{1,18})[ \t]*\Z")
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass
class Usage:
    """Bytes and messages of a tree; `complete` is False when the time ran out."""

    bytes: int = 0
    messages: int = 0
    complete: bool = True


def is_quota(text: str) -> bool:
    """True for a text that vpopmail may hold as a quota: "", "NOQUOTA", "10485760S", "1000C",
    "10485760S,1000C".
    """
    return text in ("", "NOQUOTA") or bool(_QUOTA.match(text)) and len(text) <= 40


def is_limited(quota: str) -> bool:
    """True when a mailbox with this quota has a maildirsize file."""
    return quota not in ("", "NOQUOTA") and any(int(part.rstrip("SC")) for part in quota.split(","))


def size_file(quota: str, size: int = 0, messages: int = 0) -> bytes:
    """The content of maildirsize: the quota, then bytes and messages stored so far."""
    return f"{quota}\n{size} {messages}\n".encode()


def read_size_file(data: bytes) -> tuple[str, int, int] | None:
    """Quota, bytes and messages of a sound maildirsize; None: too long, damaged, or a sum that cannot be."""
    lines = data.decode("ascii", "replace").split("\n")
    if len(data) >= LONGEST_SIZE_FILE or len(lines) < 3 or lines[-1]:
        return None
    matches = [_DELTA.match(line) for line in lines[1:-1]]
    if not all(matches):
        return None
    size = sum(int(match[1]) for match in matches if match)
    messages = sum(int(match[2]) for match in matches if match)
    sound = 0 <= size <= MOST_BYTES and 0 <= messages <= MOST_MESSAGES
    return (lines[0], size, messages) if sound else None


def is_deleted(name: str) -> bool:
    """True for a message that is marked for deletion (flag T), which quotas do not count."""
    _, mark, flags = name.partition(":2,")
    return bool(mark) and "T" in flags


@contextmanager
def open_directory(name: str, parent: int | None = None) -> Iterator[int]:
    """A descriptor of a directory that is no symbolic link."""
    fd = os.open(name, _DIRECTORY, dir_fd=parent)
    try:
        yield fd
    finally:
        os.close(fd)


def subdirectory(name: str, parent: int) -> int | None:
    """A descriptor the caller closes, or None when there is no directory of that name (a link is none)."""
    try:
        return os.open(name, _DIRECTORY, dir_fd=parent)
    except OSError:
        return None


def names_in(fd: int) -> list[str]:
    """The names in a directory without `.` and `..`, unsorted."""
    with os.scandir(fd) as entries:
        return [entry.name for entry in entries]


def folders(maildir: int) -> list[str]:
    """ "." for the Maildir itself, then its `.Folders`."""
    with os.scandir(maildir) as entries:
        return [".", *(e.name for e in entries if e.name.startswith(".") and e.is_dir(follow_symlinks=False))]


def has_mail(mailbox: int) -> bool:
    """True when any folder of the mailbox holds a message, deleted ones included."""
    maildir = subdirectory(MAILDIR, mailbox)
    if maildir is None:
        return False
    try:
        return any(
            _holds(f"{folder}/{part}", maildir) for folder in folders(maildir) for part in ("new", "cur")
        )
    finally:
        os.close(maildir)


def _holds(path: str, parent: int) -> bool:
    fd = subdirectory(path, parent)
    if fd is None:
        return False
    try:
        with os.scandir(fd) as entries:
            return any(not entry.name.startswith(".") for entry in entries)
    finally:
        os.close(fd)


def is_fresh(mailbox: int) -> bool:
    """True for a mailbox as it is made: nothing but an empty Maildir, so that a new account may have it."""
    if set(names_in(mailbox)) != {MAILDIR}:
        return False
    maildir = subdirectory(MAILDIR, mailbox)
    if maildir is None:
        return False
    try:
        return _is_empty_maildir(maildir, {*SUBDIRECTORIES, SIZE_FILE, JUNK})
    finally:
        os.close(maildir)


def _is_empty_maildir(maildir: int, allowed: set[str]) -> bool:
    names = set(names_in(maildir))
    if not names <= allowed or not set(SUBDIRECTORIES) <= names:
        return False
    for name in names & {*SUBDIRECTORIES, JUNK}:
        fd = subdirectory(name, maildir)
        if fd is None:
            return False
        try:
            if name == JUNK and not _is_empty_maildir(fd, set(SUBDIRECTORIES)):
                return False
            if name != JUNK and names_in(fd):
                return False
        finally:
            os.close(fd)
    return True


def count(mailbox: int, seconds: float) -> Usage:
    """What a quota counts in one mailbox, within a time limit."""
    usage, until = Usage(), time.monotonic() + seconds
    maildir = subdirectory(MAILDIR, mailbox)
    if maildir is None:
        return usage
    try:
        for folder in folders(maildir):
            if folder != ".Trash":
                for part in ("new", "cur"):
                    _count_messages(f"{folder}/{part}", maildir, usage, until)
    finally:
        os.close(maildir)
    return usage


def bounds(mailbox: int, until: float) -> tuple[Usage, Usage]:
    """What a quota counts in one mailbox at least, and at most: programs differ about `.Trash` and about
    messages marked for deletion. Stops at `until` (monotonic)."""
    least, extra = Usage(), Usage()
    maildir = subdirectory(MAILDIR, mailbox)
    if maildir is None:
        return least, least
    try:
        for folder in folders(maildir):
            into = extra if folder == ".Trash" else least
            for part in ("new", "cur"):
                _count_messages(f"{folder}/{part}", maildir, into, until, extra)
    finally:
        os.close(maildir)
    complete = least.complete and extra.complete
    least.complete = complete
    return least, Usage(least.bytes + extra.bytes, least.messages + extra.messages, complete)


def _count_messages(path: str, parent: int, usage: Usage, until: float, deleted: Usage | None = None) -> None:
    """Add up the messages of one directory; those marked for deletion only into `deleted`."""
    fd = subdirectory(path, parent)
    if fd is None:
        return
    try:
        with os.scandir(fd) as entries:
            for entry in entries:
                if time.monotonic() > until:
                    usage.complete = False
                    return
                into = deleted if is_deleted(entry.name) else usage
                if not entry.name.startswith(".") and into is not None:
                    into.bytes += message_size(entry)
                    into.messages += 1
    finally:
        os.close(fd)


def message_size(entry: "os.DirEntry[str]") -> int:
    """The size that the file's name tells (`,S=`), else the one on disk.

    0 when the message has gone meanwhile.
    """
    told = _SIZE_IN_NAME.search(entry.name)
    if told:
        return int(told[1])
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:
        return 0
    return status.st_size if stat.S_ISREG(status.st_mode) else 0


def measure(
    directory: int, until: float, usage: Usage, in_messages: bool = False, depth: int = DEEPEST
) -> None:
    """Add up all files below a directory; those in a `cur` or `new` are messages.

    Stops at `until` (monotonic).

    Links are not followed; what cannot be read is left out, and the sum is then not complete.
    """
    for name in _measure_files(directory, until, usage, in_messages):
        fd = subdirectory(name, directory) if depth else None
        if fd is None:
            usage.complete = False
            continue
        try:
            measure(fd, until, usage, name in ("cur", "new"), depth - 1)
        finally:
            os.close(fd)
        if time.monotonic() > until:
            return


def _measure_files(directory: int, until: float, usage: Usage, in_messages: bool) -> list[str]:
    """Add up the files of one directory; return the names of the directories in it."""
    below: list[str] = []
    with os.scandir(directory) as entries:
        for entry in entries:
            if time.monotonic() > until:
                usage.complete = False
                return []
            if entry.is_dir(follow_symlinks=False):
                below.append(entry.name)
            elif entry.is_file(follow_symlinks=False):
                usage.bytes += message_size(entry)
                usage.messages += in_messages
    return below

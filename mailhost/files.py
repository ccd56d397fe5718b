"""Files below a directory descriptor: opened without following links, checked, written by rename.

Nothing here changes umask, ids or the working directory: modes are set by fchmod, owners by fchown when root.
"""

import hashlib
import os
import secrets
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from mailhost.errors import changed, refused

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
LARGEST = 64 * 1024 * 1024  # bytes; assign files of a million domains are near this
TEMPORARY = ".vqweb-tmp-"  # begins the name of a file that is not in its place yet

Fingerprint = dict[str, Any]


@dataclass(frozen=True)
class Owner:
    """Who new files belong to, and whose files are trusted."""

    uid: int
    gid: int


@contextmanager
def directory(path: str, parent: int | None = None) -> Iterator[int]:
    """A descriptor of a directory; a symbolic link in the last place raises OSError (ELOOP or ENOTDIR)."""
    fd = os.open(path, _DIRECTORY, dir_fd=parent)
    try:
        yield fd
    finally:
        os.close(fd)


def settle(fd: int, owner: Owner, mode: int) -> None:
    """Give an open file or directory its owner (when root) and its mode, whatever the umask is."""
    status = os.fstat(fd)
    if os.geteuid() == 0 and (status.st_uid, status.st_gid) != (owner.uid, owner.gid):
        os.fchown(fd, owner.uid, owner.gid)
    if stat.S_IMODE(status.st_mode) != mode:
        os.fchmod(fd, mode)


def look(name: str, parent: int) -> os.stat_result | None:
    """The status of a name itself (never of a link's target), or None."""
    try:
        return os.stat(name, dir_fd=parent, follow_symlinks=False)
    except (FileNotFoundError, NotADirectoryError):
        return None


def is_directory(name: str, parent: int) -> bool:
    """True for a directory; a link to one is none."""
    status = look(name, parent)
    return status is not None and stat.S_ISDIR(status.st_mode)


def check_plain(status: os.stat_result, name: str, owners: frozenset[int] | None) -> None:
    """Refuse what is no plain file with one name, or belongs to somebody else (`owners` None: anybody's)."""
    if not stat.S_ISREG(status.st_mode):
        raise refused(f"{name} is not a plain file.", file=name)
    if status.st_nlink != 1:
        raise refused(f"{name} has a second name (hard link) and is left alone.", file=name)
    if owners is not None and status.st_uid not in owners:
        raise refused(f"{name} belongs to user id {status.st_uid} and is left alone.", file=name)


def read(
    name: str, parent: int | None, owners: frozenset[int] | None = None, limit: int = LARGEST
) -> tuple[bytes, os.stat_result] | None:
    """Content and status of a plain file, None when there is none.

    Links, fifos and hard links are refused.
    """
    try:
        fd = os.open(name, _READ, dir_fd=parent)
    except FileNotFoundError:
        return None
    except OSError as error:
        if _is_link(name, parent):
            raise refused(f"{name} is a symbolic link and is left alone.", file=name) from error
        raise
    try:
        status = os.fstat(fd)
        check_plain(status, os.path.basename(name), owners)
        if status.st_size > limit:
            raise refused(f"{name} is longer than {limit} bytes.", file=name)
        with open(fd, "rb", closefd=False) as file:
            return file.read(limit + 1), status
    finally:
        os.close(fd)


def _is_link(name: str, parent: int | None) -> bool:
    try:
        return stat.S_ISLNK(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode)
    except OSError:
        return False


def fingerprint(data: bytes, status: os.stat_result) -> Fingerprint:
    """What tells one state of a file from another."""
    return {
        "inode": status.st_ino,
        "mtime_ns": status.st_mtime_ns,
        "size": status.st_size,
        "sha256": hashlib.sha256(data).hexdigest(),
    }


def is_unchanged(known: Mapping[str, Any] | None, status: os.stat_result) -> bool:
    """True when inode, time and size are those of `known`."""
    seen = (status.st_ino, status.st_mtime_ns, status.st_size)
    return known is not None and seen == (known["inode"], known["mtime_ns"], known["size"])


def check_expected(
    expect: Mapping[str, Any] | None, found: tuple[bytes, os.stat_result] | None, name: str
) -> None:
    """Raise `changed` unless the file is the one the caller saw (`expect` None: there was none)."""
    now = fingerprint(*found) if found else None
    if now is None and expect is None:
        return
    if now is None or expect is None or any(now[key] != value for key, value in expect.items()):
        raise changed(f"{name} was changed meanwhile; nothing was overwritten.", fingerprint=now)


def write(name: str, parent: int, data: bytes, owner: Owner, mode: int, temporary: str = "") -> Fingerprint:
    """Replace a file in one step: temporary name, owner and mode, fsync, rename, fsync of the directory."""
    temporary = temporary or f"{TEMPORARY}{secrets.token_hex(8)}"
    # A leftover of a process that died with our process number must not stop us.
    with suppress(FileNotFoundError):
        os.unlink(temporary, dir_fd=parent)
    fd = os.open(temporary, _WRITE, mode, dir_fd=parent)
    try:
        with open(fd, "wb") as file:
            file.write(data)
            file.flush()
            settle(fd, owner, mode)
            os.fsync(fd)
            status = os.fstat(fd)
        os.rename(temporary, name, src_dir_fd=parent, dst_dir_fd=parent)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary, dir_fd=parent)
        raise
    os.fsync(parent)
    return fingerprint(data, status)


def make_directory(name: str, parent: int, owner: Owner, mode: int = 0o700) -> int:
    """Make a directory that must not exist and return its descriptor (the caller closes it)."""
    try:
        os.mkdir(name, mode, dir_fd=parent)
    except FileExistsError:
        if not _is_unfinished(name, parent, owner):
            raise
    fd = os.open(name, _DIRECTORY, dir_fd=parent)
    try:
        settle(fd, owner, mode)
    except BaseException:
        os.close(fd)
        with suppress(OSError):
            os.rmdir(name, dir_fd=parent)
        raise
    return fd


def _is_unfinished(name: str, parent: int, owner: Owner) -> bool:
    """An empty directory of root's: root was stopped between making it and giving it away."""
    status = look(name, parent)
    if os.geteuid() != 0 or owner.uid == 0 or status is None or status.st_uid != 0:
        return False
    if not stat.S_ISDIR(status.st_mode):
        return False
    with directory(name, parent) as fd:
        return not os.listdir(fd)


def ensure_directories(path: str, parent: int, owner: Owner) -> list[str]:
    """Make each part of a relative path that is not there, 0700.

    Return those that were made, outermost first.
    """
    made: list[str] = []
    parts = path.split("/") if path else []
    for number in range(1, len(parts) + 1):
        part = "/".join(parts[:number])
        try:
            os.close(make_directory(part, parent, owner))
            made.append(part)
        except FileExistsError:
            if not is_directory(part, parent):
                raise refused(f"{part} is not a directory.", file=part) from None
    return made


def sync(path: str, parent: int | None = None) -> None:
    """Bring a directory's entries to the disk."""
    with directory(path, parent) as fd:
        os.fsync(fd)

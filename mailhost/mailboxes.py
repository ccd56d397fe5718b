"""Making, adopting and removing mailboxes below an open domain directory.

Runs with the rights of the domain's owner.

New mailboxes are built in a staging directory and renamed, so that nobody ever sees half of one. Nothing is
fsynced: a row whose mailbox a power failure took is given a new one by vpopmail at the next delivery or
sign-in.
"""

import os
import secrets
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

from mailhost import files, maildir, names, sizefile
from mailhost.errors import exists, refused
from mailhost.files import Owner
from mailhost.undo import Steps, Undo

STAGING = ".vqweb-new-"
Mailbox = dict[str, Any]  # name, hash, quota


def path_of(box: Mailbox) -> str:
    """The mailbox's directory below D."""
    return f"{box['hash']}/{box['name']}" if box["hash"] else str(box["name"])


@contextmanager
def open_hash(home: int, hash: str) -> Iterator[int]:
    """The directory a mailbox lies in: D itself or a hash directory, every part of it opened without
    following links.
    """
    fd = os.dup(home)
    try:
        for part in hash.split("/") if hash else []:
            below = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=fd)
            os.close(fd)
            fd = below
        yield fd
    finally:
        os.close(fd)


def build(name: str, parent: int, quota: str, owner: Owner, junk: bool) -> None:
    """Make one mailbox with its Maildir, 0700; maildirsize 0600 only with a quota.

    Owners from the inside out.
    """
    top = f"{name}/{maildir.MAILDIR}"
    directories = [name, top, *(f"{top}/{part}" for part in maildir.SUBDIRECTORIES)]
    if junk:
        directories += [
            f"{top}/{maildir.JUNK}",
            *(f"{top}/{maildir.JUNK}/{p}" for p in maildir.SUBDIRECTORIES),
        ]
    for path in directories:
        os.mkdir(path, 0o700, dir_fd=parent)
    if maildir.is_limited(quota):
        _write_new(f"{top}/{maildir.SIZE_FILE}", parent, maildir.size_file(quota), owner)
    if os.geteuid() == 0 and owner.uid != 0:
        for path in reversed(directories):
            os.chown(path, owner.uid, owner.gid, dir_fd=parent, follow_symlinks=False)
    # A umask that takes the owner's own rights away is the only way these modes can be wrong.
    if os.stat(name, dir_fd=parent).st_mode & 0o777 != 0o700:
        for path in reversed(directories):
            os.chmod(path, 0o700, dir_fd=parent)


def _write_new(path: str, parent: int, data: bytes, owner: Owner) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    fd = os.open(path, flags, 0o600, dir_fd=parent)
    try:
        os.write(fd, data)
        files.settle(fd, owner, 0o600)
    finally:
        os.close(fd)


def staging_name(label: str = "") -> str:
    """A name for what is not ready yet, or no longer; nobody else's file is called so."""
    return f"{STAGING}{label}-{secrets.token_hex(8)}"


def is_staging(name: str, label: str = "") -> bool:
    """True for a name that `staging_name` made for this label, and for no other label."""
    return name[:-16] == f"{STAGING}{label}-"


def empty(fd: int) -> dict[str, Any]:
    """Remove everything below an open directory."""
    for name in maildir.names_in(fd):
        if files.is_directory(name, fd):
            shutil.rmtree(name, dir_fd=fd)
        else:
            os.unlink(name, dir_fd=fd)
    return {}


def remove_staging(parent: int) -> None:
    """Remove what a process that died left behind. Only under the domain's lock: nobody is at work then.

    A mailbox that mail arrived in just before it was to be removed is left.
    """
    for name in filter(is_staging, maildir.names_in(parent)):
        with files.directory(name, parent) as fd:
            mail = maildir.has_mail(fd)
        if not mail:
            shutil.rmtree(name, dir_fd=parent)


@contextmanager
def staging(parent: int) -> Iterator[int]:
    """A directory for what is not ready yet; removed at the end with what is left in it.

    It belongs to the process: when that is root's, nobody else can reach what is being made.
    """
    name = staging_name()
    fd = files.make_directory(name, parent, Owner(os.geteuid(), os.getegid()))
    try:
        yield fd
    finally:
        os.close(fd)
        try:
            shutil.rmtree(name, dir_fd=parent)
        except OSError:
            # Once more: what was made stands, and nobody is told of an empty directory that was left.
            shutil.rmtree(name, dir_fd=parent, ignore_errors=True)


def check_path(directory: str, box: Mailbox) -> str:
    """The mailbox's path as vpopmail will store it; refused when it is longer than vpopmail can."""
    if len(directory) + len(box["hash"]) + len(box["name"]) > names.LONGEST_PATH:
        raise refused(f"The directory of {box['name']} would be longer than {names.LONGEST_PATH} characters.")
    return f"{directory}/{path_of(box)}"


def state_of(home: int, box: Mailbox) -> dict[str, bool]:
    """Is there a directory, is there a Maildir in it, is there mail."""
    try:
        with open_hash(home, box["hash"]) as parent, files.directory(box["name"], parent) as fd:
            return {
                "exists": True,
                "maildir": files.is_directory(f"{maildir.MAILDIR}/cur", fd),
                "mail": maildir.has_mail(fd),
            }
    except (FileNotFoundError, NotADirectoryError):
        return {"exists": False, "maildir": False, "mail": False}


def is_fresh(home: int, box: Mailbox) -> bool:
    """True for an existing mailbox that holds nothing at all."""
    try:
        with open_hash(home, box["hash"]) as parent, files.directory(box["name"], parent) as fd:
            return maildir.is_fresh(fd)
    except (FileNotFoundError, NotADirectoryError):
        return False


def look(home: int, box: Mailbox) -> os.stat_result | None:
    """The status of what has the mailbox's name, or None; no link is followed on the way."""
    try:
        with open_hash(home, box["hash"]) as parent:
            return files.look(box["name"], parent)
    except (FileNotFoundError, NotADirectoryError):
        return None


def existing(home: int, boxes: list[Mailbox]) -> list[Mailbox]:
    """Those whose name is taken by something that is no empty mailbox."""
    found = []
    for box in boxes:
        status = look(home, box)
        if status is not None and not is_fresh(home, box):
            if not stat.S_ISDIR(status.st_mode):
                text = f"There is a file or link named {box['name']} in the domain's directory."
                raise exists(text, names=[box["name"]])
            found.append(box)
    return found


def make(home: int, boxes: list[Mailbox], owner: Owner, junk: bool, park: Callable[[Mailbox], Undo]) -> None:
    """Make all mailboxes or none.

    `park` moves an existing one out of the way and says how to undo that, or raises.
    """
    kept = {path_of(box) for box in boxes if look(home, box) and is_fresh(home, box)}
    new = [(str(number), box) for number, box in enumerate(boxes) if path_of(box) not in kept]
    with Steps() as steps, staging(home) as stage:
        for name, box in new:
            build(name, stage, box["quota"], owner, junk)
        for hash in dict.fromkeys(box["hash"] for box in boxes):
            for part in files.ensure_directories(hash, home, owner):
                steps.done(f"the directory {part}", partial(_remove_empty, part, home))
        for box in existing(home, boxes):
            steps.done(f"the former mailbox {box['name']}", park(box))
        for name, box in new:
            with open_hash(home, box["hash"]) as parent:
                os.rename(name, box["name"], src_dir_fd=stage, dst_dir_fd=parent)
            steps.done(f"the mailbox {box['name']}", partial(_remove_made, home, box))
        for box in boxes:
            if path_of(box) in kept:
                set_quota(home, box, owner)


def _remove_made(home: int, box: Mailbox) -> None:
    if not remove(home, box):
        raise refused(f"Mail arrived in {box['name']} meanwhile.")


def _remove_empty(path: str, parent: int) -> None:
    with suppress(OSError):
        os.rmdir(path, dir_fd=parent)


def remove(home: int, box: Mailbox) -> bool:
    """Remove an empty mailbox and the hash directories it leaves empty; False when it is not empty."""
    if look(home, box) is not None:
        if not is_fresh(home, box):
            return False
        with open_hash(home, box["hash"]) as parent:
            # Out of sight first: a delivery that comes now makes a new directory, which nothing here removes.
            aside = staging_name()
            os.rename(box["name"], aside, src_dir_fd=parent, dst_dir_fd=home)
            if not is_fresh(home, {"name": aside, "hash": ""}):
                os.rename(aside, box["name"], src_dir_fd=home, dst_dir_fd=parent)
                return False
            shutil.rmtree(aside, dir_fd=home)
    remove_empty_hashes(home, box["hash"])
    return True


def remove_empty_hashes(home: int, hash: str) -> dict[str, Any]:
    """Remove the hash directories that are empty, innermost first."""
    parts = hash.split("/") if hash else []
    for length in range(len(parts), 0, -1):
        _remove_empty("/".join(parts[:length]), home)
    return {}


def set_quota(home: int, box: Mailbox, owner: Owner, seconds: float = 1.0, count_anew: bool = False) -> bool:
    """Write maildirsize for the quota, or remove it (sizefile.put); False when there is no Maildir."""
    try:
        with (
            open_hash(home, box["hash"]) as parent,
            files.directory(box["name"], parent) as mailbox,
            files.directory(maildir.MAILDIR, mailbox) as fd,
        ):
            sizefile.put(fd, mailbox, box["quota"], owner, seconds, count_anew=count_anew)
            return True
    except (FileNotFoundError, NotADirectoryError):
        return False

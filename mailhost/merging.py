"""Putting the mail of one mailbox into another: every message of every folder moves, none is overwritten.

A message is a file with a name of its own; one that is taken gets a new name. Whatever is no message (lists
of folders, indexes, `.qmail`, filters) stays where it is: it belongs to the other person's time.
"""

import os
import secrets

from mailhost import files, maildir
from mailhost.files import Owner


def merge(old: int, new: int, owner: Owner) -> int:
    """Move the messages of the open mailbox `old` into the open mailbox `new`; how many moved."""
    source = maildir.subdirectory(maildir.MAILDIR, old)
    if source is None:
        return 0
    try:
        for part in ("", *(f"/{name}" for name in maildir.SUBDIRECTORIES)):
            files.ensure_directories(f"{maildir.MAILDIR}{part}", new, owner)
        with files.directory(maildir.MAILDIR, new) as target:
            moved = sum(_merge_folder(folder, source, target, owner) for folder in maildir.folders(source))
            if moved and files.look(maildir.SIZE_FILE, target) is not None:
                os.unlink(maildir.SIZE_FILE, dir_fd=target)  # its sum no longer holds; it is counted anew
            return moved
    finally:
        os.close(source)


def _merge_folder(folder: str, source: int, target: int, owner: Owner) -> int:
    moved = 0
    for part in ("new", "cur"):
        below = maildir.subdirectory(f"{folder}/{part}", source)
        if below is None:
            continue
        try:
            moved += _merge_messages(below, _made(folder, part, target, owner), target)
        finally:
            os.close(below)
    return moved


def _made(folder: str, part: str, target: int, owner: Owner) -> str:
    """The directory for the messages of a folder; a folder that is not there is made with all its parts."""
    path = part if folder == "." else f"{folder}/{part}"
    if not files.is_directory(path, target):
        for each in maildir.SUBDIRECTORIES:
            files.ensure_directories(each if folder == "." else f"{folder}/{each}", target, owner)
        if folder != ".":
            files.write(f"{folder}/maildirfolder", target, b"", owner, 0o600)
    return path


def _merge_messages(below: int, path: str, target: int) -> int:
    with files.directory(path, target) as there:
        names = [name for name in maildir.names_in(below) if not name.startswith(".")]
        for name in names:
            free = name if files.look(name, there) is None else _other_name(name)
            os.rename(name, free, src_dir_fd=below, dst_dir_fd=there)
        os.fsync(there)
    return len(names)


def _other_name(name: str) -> str:
    """A free name for a message: its size and flags stay readable."""
    end = min((name.index(mark) for mark in ",:" if mark in name), default=len(name))
    return f"{name[:end]}-{secrets.token_hex(4)}{name[end:]}"


def is_spent(mailbox: int) -> bool:
    """True when no mail is left and nothing that somebody wrote: only directories, indexes and counts."""
    if maildir.has_mail(mailbox) or set(maildir.names_in(mailbox)) - {maildir.MAILDIR}:
        return False
    top = maildir.subdirectory(maildir.MAILDIR, mailbox)
    if top is None:
        return True
    try:
        return all(
            name in maildir.SUBDIRECTORIES
            or name in (maildir.SIZE_FILE, "subscriptions")
            or (name.startswith((".", "dovecot")) and "sieve" not in name)
            for name in maildir.names_in(top)
        )
    finally:
        os.close(top)

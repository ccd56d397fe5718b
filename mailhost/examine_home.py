"""Looks at what vpopmail and qmail need below a domain's directory: the owners and modes of the few places
they write to, and whether maildirsize says what is there.

Of each mailbox a handful of names is looked at, never its mail; only mailboxes of a sample are counted.
"""

import os
import stat
import time
from collections.abc import Iterator
from typing import Any

from mailhost import examine, files, maildir, names
from mailhost.errors import HelperError
from mailhost.files import Owner
from mailhost.home import Home
from mailhost.mailboxes import Mailbox, open_hash, path_of

Item = dict[str, Any]
WRITABLE = stat.S_IWGRP | stat.S_IWOTH
DOMAIN_FILES = (".qmail", ".qmailadmin-limits")  # what the names of D's own files begin with
_IN_MAILBOX = (maildir.MAILDIR, *(f"{maildir.MAILDIR}/{part}" for part in maildir.SUBDIRECTORIES))
_FILES_IN_MAILBOX = (".qmail", f"{maildir.MAILDIR}/{maildir.SIZE_FILE}")
_SLACK = 0.1  # of what is there: so much may maildirsize be wrong
_SLACK_BYTES = 1024 * 1024
_SLACK_MESSAGES = 20


def faults(status: os.stat_result, owner: Owner) -> list[str]:
    """ "owner": somebody else's; "mode": others may write, or its owner may not use it.

    A file of root's that the owner may read is none: vpopmail's own programs leave such.
    """
    own = (status.st_uid, status.st_gid) == (owner.uid, owner.gid)
    mode = stat.S_IMODE(status.st_mode)
    if stat.S_ISDIR(status.st_mode):
        needed = stat.S_IRWXU
    elif stat.S_ISREG(status.st_mode):
        readable = status.st_uid == 0 and mode & (
            stat.S_IROTH | (stat.S_IRGRP if status.st_gid == owner.gid else 0)
        )
        own, needed = own or status.st_uid == owner.uid or bool(readable), stat.S_IRUSR
    else:
        return []  # a link: nothing here follows it
    found = [] if own else ["owner"]
    if mode & WRITABLE or mode & needed != needed:
        found.append("mode")
    return found


def odd(path: str, name: str, parent: int, owner: Owner) -> Iterator[Item]:
    """What is wrong with one name below `parent`, which people know as `path`."""
    status = files.look(name, parent)
    if status is None:
        return
    mode, ids = f"{stat.S_IMODE(status.st_mode):04o}", f"{status.st_uid}:{status.st_gid}"
    for fault in faults(status, owner):
        yield {"fault": fault, "path": path, "mode": mode, "owner": ids}


def names_in_mailbox(name: str) -> list[str]:
    """The places of a mailbox that are looked at, seen from what it lies in."""
    return [name, *(f"{name}/{part}" for part in (*_IN_MAILBOX, *_FILES_IN_MAILBOX))]


def names_in_domain(home: int) -> list[str]:
    """The files of D itself that are looked at."""
    return sorted(name for name in maildir.names_in(home) if name.startswith(DOMAIN_FILES))


def look_mailbox(home: Home, box: Mailbox) -> Item:
    """Is it there, which of its directories lack, and what owners and modes are wrong."""
    name = box["name"]
    try:
        with open_hash(home.fd, box["hash"]) as parent:
            if not files.is_directory(name, parent):
                return {"exists": False, "lacks": [], "odd": []}
            top = os.path.dirname(f"{home.directory}/{path_of(box)}")
            wrong = [
                one
                for place in names_in_mailbox(name)
                for one in odd(f"{top}/{place}", place, parent, home.owner)
            ]
            lacks = [part for part in _IN_MAILBOX if not files.is_directory(f"{name}/{part}", parent)]
            return {"exists": True, "lacks": lacks, "odd": wrong}
    except (FileNotFoundError, NotADirectoryError):
        return {"exists": False, "lacks": [], "odd": []}
    except PermissionError:
        return {"exists": True, "lacks": [], "odd": []}  # what it lies in is found by itself


def hashes_with(parent: int, name: str, hash: str = "") -> Iterator[str]:
    """The hash directories below `parent`, or "", that hold a mailbox of that name."""
    if files.is_directory(f"{name}/{maildir.MAILDIR}", parent):
        yield hash
    for letter in names.HASH_LETTERS:
        if examine.is_hash(letter, hash) and files.is_directory(letter, parent):
            with files.directory(letter, parent) as fd:
                yield from hashes_with(fd, name, f"{hash}/{letter}".lstrip("/"))


def make_parts(home: Home, box: Mailbox) -> None:
    """Make those directories of a mailbox that lack."""
    with open_hash(home.fd, box["hash"]) as parent:
        for part in _IN_MAILBOX:
            if files.look(f"{box['name']}/{part}", parent) is None:
                os.close(files.make_directory(f"{box['name']}/{part}", parent, home.owner))


def mend_mode(name: str, parent: int, owner: Owner) -> bool:
    """Nobody else may write, the owner may use it. Whether it was changed; what is somebody else's stays."""
    try:
        fd = os.open(name, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=parent)
    except (FileNotFoundError, NotADirectoryError):
        return False
    try:
        status = os.fstat(fd)
        if status.st_uid != owner.uid or "mode" not in faults(status, owner):
            return False
        own = stat.S_IRWXU if stat.S_ISDIR(status.st_mode) else stat.S_IRUSR | stat.S_IWUSR
        if not stat.S_ISDIR(status.st_mode):
            files.check_plain(status, os.path.basename(name), frozenset({owner.uid}))
        # A file that its owner may not read cannot be opened otherwise; the link leads to what is open.
        os.chmod(f"/proc/self/fd/{fd}", stat.S_IMODE(status.st_mode) & ~WRITABLE | own)
        return True
    finally:
        os.close(fd)


def check_size(home: Home, box: Mailbox, until: float | None) -> Item:
    """What maildirsize says: "none", "torn" (nobody can read the sum), "sound", or, counted until `until`,
    "off" with both figures.

    "unknown": it could not be read or counted in time, or mail came meanwhile.
    """
    try:
        with (
            open_hash(home.fd, box["hash"]) as parent,
            files.directory(box["name"], parent) as mailbox,
            files.directory(maildir.MAILDIR, mailbox) as fd,
        ):
            before = files.read(maildir.SIZE_FILE, fd, home.owners)
            if before is None:
                return {"size": "none"}
            told = maildir.read_size_file(before[0])
            if told is None:
                return {"size": "torn"}
            if until is None:
                return {"size": "sound"}
            if time.monotonic() > until:
                return {"size": "unknown"}
            least, most = maildir.bounds(mailbox, until)
            after = files.read(maildir.SIZE_FILE, fd, home.owners)
            if not least.complete or after is None or after[0] != before[0]:
                return {"size": "unknown"}
            return _compared(told[1:], least, most)
    except (OSError, HelperError):
        return {"size": "unknown"}


def _compared(told: tuple[int, int], least: maildir.Usage, most: maildir.Usage) -> Item:
    far = _is_far(told[0], least.bytes, most.bytes, _SLACK_BYTES) or _is_far(
        told[1], least.messages, most.messages, _SLACK_MESSAGES
    )
    counted = [least.bytes, least.messages]
    return {"size": "off" if far else "sound", "counted": counted, "told": list(told)}


def _is_far(told: int, least: int, most: int, slack: int) -> bool:
    return not least - max(slack, _SLACK * least) <= told <= most + max(slack, _SLACK * most)

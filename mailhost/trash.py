"""Deleting is moving: directories are renamed into a trash on the same file system and removed for good by a
timer.

`<dirname(D)>/.vqweb-trash/<entry>/`, or `<Config.trash>/<entry>/` where one is configured: 0700, the
domain's uid. What was deleted beside it (rows, aliases, limits) lies in `record.jsonl`, 0600.
"""

import os
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass

from mailhost import files
from mailhost.errors import from_os_error, refused
from mailhost.files import Owner

NAME = ".vqweb-trash"
RECORD = "record.jsonl"
RESTORED = "restored.jsonl"  # a record whose rows are in the tables again
DAY = 24 * 60 * 60
MOST_COPIES = 100


@dataclass(frozen=True)
class Trash:
    """Where an entry's parked directories go.

    `parent` is an open directory: dirname(D), or the configured trash.
    """

    parent: int
    path: str
    name: str  # NAME, or "" when the parent is the configured trash itself
    entry: str
    days: int

    @property
    def root(self) -> str:
        """The trash itself, for people."""
        return "/".join(part for part in (self.path, self.name) if part)

    @property
    def place(self) -> str:
        """The entry's directory, for people."""
        return "/".join(part for part in (self.path, self.name, self.entry) if part)

    @property
    def below(self) -> str:
        """The entry's directory, seen from `parent`."""
        return f"{self.name}/{self.entry}" if self.name else self.entry

    def kept_until(self) -> int | None:
        """Unix time from which the timer may remove it; None: it is not kept."""
        return int(time.time()) + self.days * DAY if self.days > 0 else None


def prepare(trash: Trash, owner: Owner) -> None:
    """Make the entry's directory (done as its owner; `.vqweb-trash` itself is made by `prepare_root`)."""
    for path in filter(None, (trash.name, trash.below)):
        with suppress(FileExistsError):
            os.close(files.make_directory(path, trash.parent, owner))
        status = files.look(path, trash.parent)
        if status is None or not files.is_directory(path, trash.parent):
            raise refused(f"{trash.path}/{path} is not a directory.")
        if status.st_uid != owner.uid:
            raise refused(f"{trash.path}/{path} belongs to user id {status.st_uid}, not to {owner.uid}.")


def check_same_disk(trash: Trash, status: os.stat_result, what: str) -> None:
    """Refuse when `what` cannot be renamed into the trash."""
    if status.st_dev != os.stat(trash.below, dir_fd=trash.parent).st_dev:
        place = trash.place
        raise refused(f"{what} is on another file system than {place}; configure a trash there.", trash=place)


def park(trash: Trash, source: int, name: str, label: str) -> str:
    """Rename `name` below the descriptor `source` into the entry's directory; return the name it has there.

    Looks again afterwards: a delivery under way may have made the directory anew, and that one is parked as
    well.
    """
    target = ""
    for number in range(MOST_COPIES):
        candidate = f"{label}.{number}" if number else label
        if files.look(f"{trash.below}/{candidate}", trash.parent) is not None:
            continue
        if not files.is_directory(name, source):
            break
        try:
            os.rename(name, f"{trash.below}/{candidate}", src_dir_fd=source, dst_dir_fd=trash.parent)
        except FileNotFoundError:
            break
        except OSError as error:
            raise from_os_error(error, f"{label} could not be moved to {trash.place}") from error
        target = target or candidate
    return target


def append_record(trash: Trash, text: str, owner: Owner) -> None:
    """Add text to the entry's record; it is on the disk when this returns."""
    with files.directory(trash.below, trash.parent) as below:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        fd = os.open(RECORD, flags, 0o600, dir_fd=below)
        with open(fd, "ab") as file:
            files.check_plain(os.fstat(fd), RECORD, frozenset({owner.uid, os.geteuid()}))
            files.settle(fd, owner, 0o600)
            file.write(text.encode("utf-8", "surrogateescape"))
            file.flush()
            os.fsync(fd)
        os.fsync(below)


def forget(trash: Trash) -> None:
    """Remove the entry's directory for good."""
    with suppress(FileNotFoundError):
        shutil.rmtree(trash.below, dir_fd=trash.parent)


def remove(entry: str, root: int) -> None:
    """Remove one entry's directory below an open trash for good."""
    with suppress(FileNotFoundError):
        shutil.rmtree(entry, dir_fd=root)


def expired(root: int, days: int, now: float) -> list[str]:
    """The entries below an open trash directory that have been kept long enough."""
    with os.scandir(root) as entries:
        return [
            entry.name
            for entry in entries
            if entry.is_dir(follow_symlinks=False)
            and entry.stat(follow_symlinks=False).st_mtime < now - days * DAY
        ]

"""What lies in the trash, found by the journal's entry under which it was moved there."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from mailhost import files, maildir, trash
from mailhost.errors import missing
from mailhost.files import Owner
from mailhost.home import Call


@dataclass(frozen=True)
class Parked:
    """An entry's directory in the trash, open; `place` is its path for people."""

    fd: int
    owner: Owner
    place: str
    root: str  # the trash it lies in
    since: int

    def names(self) -> list[str]:
        """What was moved here, without the record of rows."""
        return sorted(
            name for name in maildir.names_in(self.fd) if name not in (trash.RECORD, trash.RESTORED)
        )


@contextmanager
def opened(call: Call, source: str) -> Iterator[Parked]:
    """The entry's directory in whichever trash it lies; `missing` when there is none."""
    for root in call.state.trash_directories():
        try:
            with files.directory(root) as top, files.directory(source, top) as fd:
                status = os.fstat(fd)
                call.check_ids(status.st_uid, status.st_gid)
                owner = Owner(status.st_uid, status.st_gid)
                yield Parked(fd, owner, f"{root}/{source}", root, int(status.st_mtime))
                return
        except FileNotFoundError:
            continue
    raise missing("There is nothing of that entry in the trash any more.", source=source)


def copies(label: str) -> list[str]:
    """The names that one directory may have in the trash: its own, and those of what a delivery made anew."""
    return [label, *(f"{label}.{number}" for number in range(1, trash.MOST_COPIES))]

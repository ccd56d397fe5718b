"""A mailbox that comes back under another name or in another place: its own `.qmail` names where it was."""

import re

from mailhost import dotqmail, files
from mailhost.errors import HelperError
from mailhost.home import Home

FILE = ".qmail"


def rewrite(home: Home, parent: int, name: str, former: str, now: str) -> None:
    """In the mailbox `name` of an open directory: lead lines that deliver into the mailbox `former` (in
    whichever hash directory), or answer with its message, to `now` instead, which is a path below D.

    A file that may not be read is left as it is.
    """
    place = rf"{re.escape(home.directory)}(?:/[0-9A-Za-z]){{0,3}}/{re.escape(former)}"
    paths = re.compile(rf"(?<![\w./-]){place}/(?=Maildir/|vacation)")
    with files.directory(name, parent) as fd:
        try:
            found = files.read(FILE, fd, home.owners, dotqmail.LONGEST_FILE)
        except (HelperError, OSError):
            return
        if found is None:
            return
        lines = dotqmail.parse(found[0])
        led = [paths.sub(lambda _found: f"{home.directory}/{now}/", line) for line in lines]
        if led != lines:
            files.write(FILE, fd, dotqmail.write(led), home.owner, found[1].st_mode & 0o777)

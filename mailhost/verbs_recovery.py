"""What recovery asks before it settles an interrupted change, and how it clears away what is half written."""

import os
from contextlib import suppress

from mailhost import arguments, files
from mailhost.control import ORDER, ControlFiles
from mailhost.errors import HelperError
from mailhost.home import Call
from mailhost.mailboxes import Mailbox, open_hash, remove_staging
from mailhost.maildir import MAILDIR, names_in
from mailhost.registry import Result, verb


@verb("read", domains=arguments.list_of(arguments.domain, 10_000))
def busy(call: Call, domains: list[str]) -> Result:
    """Those of the domains whose lock some verb holds at this moment; nothing is waited for."""
    held = []
    for name in domains:
        try:
            with call.state.lock_domain(name, 0):
                pass
        except HelperError as error:
            if error.code != "busy":
                raise
            held.append(name)
    return {"busy": held}


@verb(
    "accounts",
    change=True,
    domain=arguments.domain,
    mailboxes=(arguments.list_of(arguments.mailbox, arguments.MOST_MAILBOXES, 0), ()),
)
def tidy(call: Call, domain: str, mailboxes: list[Mailbox]) -> Result:
    """Remove what a killed verb left half written: files not yet renamed, mailboxes not yet in place.

    Under the locks of whoever might be writing them. Of a domain that is not connected, only qmail's files.
    """
    control = call.config.qmail_home / "control"
    names = [name for name in ORDER if name == "assign" or (control / name).exists()]
    with ControlFiles(call.config, names):
        pass  # taking the locks clears
    if call.find(domain) is not None:
        with suppress(HelperError), call.home(domain) as home:
            call.run(home.owner, lambda: _tidy_home(home.fd, mailboxes))
    return {}


def _tidy_home(home: int, boxes: list[Mailbox]) -> Result:
    remove_staging(home)
    _tidy_directory(home)
    for box in boxes:
        for place in (box["name"], f"{box['name']}/{MAILDIR}"):
            with (
                suppress(FileNotFoundError, NotADirectoryError),
                open_hash(home, box["hash"]) as parent,
                files.directory(place, parent) as fd,
            ):
                _tidy_directory(fd)
    return {}


def _tidy_directory(fd: int) -> None:
    for name in names_in(fd):
        if name.startswith(files.TEMPORARY):
            os.unlink(name, dir_fd=fd)

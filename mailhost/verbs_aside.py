"""Verbs that put accounts' own `.qmail` aside while the accounts are disabled, and back again: the same file,
whatever it holds, under a name that no delivery program looks for."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from mailhost import arguments, files
from mailhost.home import Call, Home
from mailhost.mailboxes import Mailbox, open_hash
from mailhost.registry import Args, Result, verb

FILE = ".qmail"
ASIDE = ".vqweb-qmail"
MOST = 500  # mailboxes of one call


def _subject(args: Args) -> str:
    return f"aside {args['domain']} " + " ".join(box["name"] for box in args["mailboxes"])


@verb("read", domain=arguments.domain, mailboxes=arguments.list_of(arguments.mailbox, MOST))
def look_aside(call: Call, domain: str, mailboxes: list[Mailbox]) -> Result:
    """Which of these accounts have a `.qmail` in its place (`here`), and which have one put `aside`."""
    with call.home(domain) as home:
        return call.run(home.owner, lambda: _look(home, mailboxes))


def _look(home: Home, boxes: list[Mailbox]) -> Result:
    found: dict[str, list[str]] = {"here": [], "aside": []}
    for box in boxes:
        with suppress(FileNotFoundError, NotADirectoryError), _opened(home, box) as fd:
            for key, name in (("here", FILE), ("aside", ASIDE)):
                if files.look(name, fd) is not None and not files.is_directory(name, fd):
                    found[key].append(box["name"])
    return dict(found)


@contextmanager
def _opened(home: Home, box: Mailbox) -> Iterator[int]:
    with open_hash(home.fd, box["hash"]) as parent, files.directory(box["name"], parent) as fd:
        yield fd


@verb(
    "accounts",
    change=True,
    subject=_subject,
    domain=arguments.domain,
    mailboxes=arguments.list_of(arguments.mailbox, MOST),
)
def put_dotqmail_aside(call: Call, domain: str, mailboxes: list[Mailbox]) -> Result:
    """Move the `.qmail` of each mailbox that has one aside.

    `moved` names the accounts whose file was moved, `left` those whose place is taken by another file.
    """
    with call.home(domain) as home:
        return call.run(home.owner, lambda: _all(home, mailboxes, FILE, ASIDE))


@verb(
    "accounts",
    change=True,
    subject=_subject,
    domain=arguments.domain,
    mailboxes=arguments.list_of(arguments.mailbox, MOST),
)
def put_dotqmail_back(call: Call, domain: str, mailboxes: list[Mailbox]) -> Result:
    """The inverse; a `.qmail` that was made meanwhile stays, and the other one stays aside."""
    with call.home(domain) as home:
        return call.run(home.owner, lambda: _all(home, mailboxes, ASIDE, FILE))


def _all(home: Home, boxes: list[Mailbox], source: str, target: str) -> Result:
    moved: list[str] = []
    left: list[str] = []
    for box in boxes:
        with suppress(FileNotFoundError, NotADirectoryError), _opened(home, box) as fd:
            found = _move(fd, source, target)  # without a mailbox nothing is delivered by its file either
            if found is not None:
                (moved if found else left).append(box["name"])
    return {"moved": moved, "left": left}


def _move(fd: int, source: str, target: str) -> bool | None:
    """Move without replacing anything. None: there is nothing to move; False: the place is taken.

    By a second name and the removal of the first: a process that dies between leaves both, and moving again
    removes the first.
    """
    there = files.look(source, fd)
    if there is None or files.is_directory(source, fd):
        return None
    try:
        os.link(source, target, src_dir_fd=fd, dst_dir_fd=fd, follow_symlinks=False)
    except FileExistsError:
        taken = files.look(target, fd)
        if taken is None or (taken.st_dev, taken.st_ino) != (there.st_dev, there.st_ino):
            return False
    try:
        os.unlink(source, dir_fd=fd)
    except BaseException:
        os.unlink(target, dir_fd=fd)
        raise
    return True

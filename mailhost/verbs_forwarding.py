"""Verbs on an account's own `.qmail`: where its mail goes instead of, or beside, its mailbox."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from mailhost import arguments, dotqmail, files
from mailhost.errors import HelperError, missing, refused
from mailhost.home import Call, Home, qmail_file
from mailhost.mailboxes import Mailbox, open_hash, path_of
from mailhost.registry import Args, Result, verb
from mailhost.verbs_files import not_allowed, remove_file, replace_file

FILE = ".qmail"
MOST_LINES = 1000
MOST_MAILBOXES = 500  # files read for one page of a list


@contextmanager
def _mailbox(home: Home, box: Mailbox) -> Iterator[Home]:
    """The open directory of a mailbox, as a home of its own; no link is followed on the way."""
    try:
        with open_hash(home.fd, box["hash"]) as parent, files.directory(box["name"], parent) as fd:
            yield replace(home, fd=fd)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise missing(f"The mailbox {path_of(box)} does not exist.", name=box["name"]) from error


def _read(home: Home, box: Mailbox) -> Result:
    """`readable` is False for what is no plain file of the domain's, or too long."""
    try:
        with _mailbox(home, box) as place:
            found = files.read(FILE, place.fd, place.owners, dotqmail.LONGEST_FILE)
    except HelperError as error:
        there = error.code != "missing"
        return {"exists": there, "readable": not there, "lines": [], "fingerprint": None}
    except OSError:
        return {"exists": True, "readable": False, "lines": [], "fingerprint": None}
    if found is None:
        return {"exists": False, "readable": True, "lines": [], "fingerprint": None}
    lines = dotqmail.parse(found[0])
    return {"exists": True, "readable": True, "lines": lines, "fingerprint": files.fingerprint(*found)}


@verb("read", domain=arguments.domain, name=arguments.local_part, hash=arguments.hash_directory)
def read_mailbox_dotqmail(call: Call, domain: str, name: str, hash: str) -> Result:
    """Lines and fingerprint of the account's own `.qmail`; a mailbox that is not there has none."""
    with call.home(domain) as home:
        return call.run(home.owner, lambda: _read(home, {"name": name, "hash": hash}))


@verb(
    "read",
    domain=arguments.domain,
    mailboxes=arguments.list_of(arguments.mailbox, MOST_MAILBOXES, 0),
)
def read_mailboxes_dotqmail(call: Call, domain: str, mailboxes: list[Mailbox]) -> Result:
    """The same for a page of accounts, in their order."""
    with call.home(domain) as home:
        return call.run(home.owner, lambda: {"files": [_read(home, box) for box in mailboxes]})


def _subject(args: Args) -> str:
    return f"forwarding {args['domain']} {args['name']}"


@verb(
    "accounts",
    change=True,
    subject=_subject,
    domain=arguments.domain,
    name=arguments.local_part,
    hash=arguments.hash_directory,
    lines=arguments.list_of(arguments.dotqmail_line, MOST_LINES),
    expect=arguments.fingerprint,
)
def write_mailbox_dotqmail(
    call: Call, domain: str, name: str, hash: str, lines: list[str], expect: Any
) -> Result:
    """Write an account's own `.qmail`.

    New lines are addresses, the account's own Maildir, comments, the server's own delivery, and an
    autoresponder on the account's own message; others only where the configuration allows programs.
    """
    usual = _server_delivery(call)
    with call.home(domain) as home:
        box = {"name": name, "hash": hash}
        directory = f"{home.directory}/{path_of(box)}"

        def allowed(line: dotqmail.Line) -> bool:
            if line.kind in ("forward", "comment") or dotqmail.is_delivery_to(line, directory):
                return True
            own = dotqmail.is_vacation(line, directory, call.config.autoresponders)
            return own or line.text in usual or call.config.allow_programs

        return call.run(home.owner, lambda: _write(home, box, lines, expect, allowed))


def _server_delivery(call: Call) -> set[str]:
    """The lines of control/defaultdelivery: what this server does with mail of accounts anyway."""
    try:
        found = files.read(str(qmail_file(call.config, "control", "defaultdelivery")), None)
    except (OSError, HelperError):
        return set()
    return set(dotqmail.parse(found[0])) if found else set()


def _write(
    home: Home, box: Mailbox, lines: list[str], expect: Any, allowed: Callable[[dotqmail.Line], bool]
) -> Result:
    with _mailbox(home, box) as place:
        found = files.read(FILE, place.fd, place.owners, dotqmail.LONGEST_FILE)
        known = set(dotqmail.parse(found[0])) if found else set()
        try:
            checked = dotqmail.check_lines(lines, known)
        except dotqmail.BadLine as error:
            raise refused(str(error)) from error
        for line in checked:
            if line.text not in known and not allowed(line):
                raise not_allowed(line.text)
        return replace_file(place, FILE, dotqmail.write(lines), expect, dotqmail.LONGEST_FILE)


@verb(
    "accounts",
    change=True,
    subject=_subject,
    domain=arguments.domain,
    name=arguments.local_part,
    hash=arguments.hash_directory,
    expect=arguments.fingerprint,
)
def remove_mailbox_dotqmail(call: Call, domain: str, name: str, hash: str, expect: Any) -> Result:
    """Remove an account's own `.qmail`, so that mail goes into its mailbox; one that is gone is fine."""
    with call.home(domain) as home:
        return call.run(home.owner, lambda: _remove(home, {"name": name, "hash": hash}, expect))


def _remove(home: Home, box: Mailbox, expect: Any) -> Result:
    try:
        with _mailbox(home, box) as place:
            return remove_file(place, FILE, expect)
    except HelperError as error:
        if error.code != "missing":
            raise
        return {}

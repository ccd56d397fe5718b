"""Verbs on ezmlm's mailing lists. What there is, is read from its files; changes are made by ezmlm's own
programs."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from mailhost import arguments, dotqmail, ezmlm, files
from mailhost.errors import HelperError, exists, missing, refused
from mailhost.files import Owner
from mailhost.home import Call, Home
from mailhost.mailboxes import open_hash
from mailhost.registry import Args, Result, verb

MOST_ADDRESSES = 100  # of one call: they are arguments of a program
_LETTERS = re.compile(r"[a-zA-Z]{1,40}\Z")
_ADDRESS = re.compile(r"[^\s@,:;<>()\[\]\\\"'|&$`-][^\s@,:;<>()\[\]\\\"'|&$`]*@[a-z0-9][a-z0-9.-]*\Z")
# What ezmlm-make puts behind a list's name, in all versions.
BESIDE = (
    *("", "-owner", "-default", "-return-default", "-digest-owner", "-digest-return-default"),
    *("-accept-default", "-reject-default", "-confirm-default", "-discard-default"),
)


def _address(value: Any) -> str:
    checked: str = arguments.text(200)(value)
    if not _ADDRESS.match(checked):
        raise refused(f"{checked[:100]} is not an address that can be on a list.")
    return checked


def _address_or_none(value: Any) -> str:
    return "" if value == "" else _address(value)


def _part(value: Any) -> str:
    if value not in ezmlm.PARTS:
        raise refused("That is not a part of a list.")
    return str(value)


def _letters(value: Any) -> str:
    checked: str = arguments.text(40)(value)
    if not _LETTERS.match(checked):
        raise refused("The options of a list are letters.")
    return checked


_addresses = arguments.list_of(_address, MOST_ADDRESSES, 0)


# --- reading ---


@verb(
    "read",
    domain=arguments.domain,
    after=(arguments.text(80), ""),
    limit=(arguments.integer(1, 100), 50),
)
def list_mailing_lists(call: Call, domain: str, after: str, limit: int) -> Result:
    """The mailing lists of a domain, by name, and whether ezmlm's programs are here to change them."""
    with call.home(domain) as home:
        found = call.run(home.owner, lambda: _list(home, after, limit))
    return {**found, "programs": programs(call)}


def _list(home: Home, after: str, limit: int) -> Result:
    found = [name for name in ezmlm.lists_in(home) if name > after]
    return {"lists": [_facts(home, name) for name in found[:limit]], "more": len(found) > limit}


def programs(call: Call) -> str:
    """ "idx" where ezmlm-idx is installed, "plain" for ezmlm without it, "" for none that may be run."""
    place = call.config.ezmlm
    if "lists" not in call.config.groups or not place or not os.path.exists(f"{place}/ezmlm-make"):
        return ""
    return "idx" if os.path.exists(f"{place}/ezmlm-idx") else "plain"


@contextmanager
def _opened(home: Home, name: str) -> Iterator[tuple[str, int]]:
    """The list's directory, and a descriptor of it."""
    whole = files.look(dotqmail.file_name(f"{name}-default"), home.fd) is not None
    inside = ezmlm.directory_of(home, name) if whole else ""
    if not inside:
        raise missing(f"There is no mailing list {name}.", name=name)
    with open_hash(home.fd, inside) as fd:
        yield f"{home.directory}/{inside}", fd


def _facts(home: Home, name: str) -> Result:
    """Numbers are None where a database has the addresses."""
    with _opened(home, name) as (directory, fd):
        elsewhere = ezmlm.in_database(fd)
        parts = {part: ezmlm.members(fd, part) for part in ezmlm.PARTS}
        return {
            "name": name,
            "directory": directory,
            "owner": ezmlm.owner(fd),
            "switches": ezmlm.switches(fd),
            "database": elsewhere,
            "numbers": {part: None if elsewhere else len(found.addresses) for part, found in parts.items()},
            "complete": all(found.complete for found in parts.values()),
        }


@verb(
    "read",
    domain=arguments.domain,
    name=arguments.alias_name,
    part=(_part, ""),
    after=(arguments.text(200), ""),
    limit=(arguments.integer(1, 500), 50),
    these=(arguments.list_of(arguments.text(200), 2 * MOST_ADDRESSES, 0), ()),
)
def read_mailing_list(
    call: Call, domain: str, name: str, part: str, after: str, limit: int, these: Sequence[str]
) -> Result:
    """One list, and a page of the addresses of one part of it, sorted; `on` are those of `these` that are
    there."""
    with call.home(domain) as home:

        def work() -> Result:
            with _opened(home, name) as (_directory, fd):
                there = ezmlm.members(fd, part).addresses
            later = [address for address in there if address > after]
            on = {address.lower() for address in there}  # ezmlm keeps the case of names
            return {
                "list": _facts(home, name),
                "addresses": later[:limit],
                "more": len(later) > limit,
                "on": [address for address in these if address.lower() in on],
            }

        return {**call.run(home.owner, work), "programs": programs(call)}


# --- changing ---


def _subject(args: Args) -> str:
    return f"list {args['domain']} {args['name']}"


@verb(
    "lists",
    change=True,
    subject=_subject,
    domain=arguments.domain,
    name=arguments.alias_name,
    part=_part,
    add=_addresses,
    remove=_addresses,
)
def subscribe(call: Call, domain: str, name: str, part: str, add: list[str], remove: list[str]) -> Result:
    """Put addresses on a part of a list and take others off. Who is on it already, or not, stays so."""
    with call.home(domain) as home:

        def work() -> Result:
            with _opened(home, name) as (directory, _fd):
                for program, addresses in (("ezmlm-sub", add), ("ezmlm-unsub", remove)):
                    if addresses:
                        _run(call, home.owner, program, [directory, *filter(None, [part]), *addresses])
            return {}

        return call.run(home.owner, work)


@verb(
    "lists",
    change=True,
    subject=_subject,
    domain=arguments.domain,
    name=arguments.local_part,
    letters=_letters,
    owner=(_address_or_none, ""),
)
def make_list(call: Call, domain: str, name: str, letters: str, owner: str) -> Result:
    """Make a list with ezmlm-make; nothing of its name may be there. `letters` are ezmlm-make's options."""
    with call.home(domain) as home:
        return call.run(home.owner, lambda: _make(call, home, name, letters, owner))


def _make(call: Call, home: Home, name: str, letters: str, owner: str) -> Result:
    taken = [file for beside in BESIDE if files.look(file := dotqmail.file_name(name + beside), home.fd)]
    if files.look(name, home.fd) is not None or taken:
        raise exists(f"Something of the name {name} is there already.")
    directory = f"{home.directory}/{name}"
    options = [f"-{letters}", *([f"-5{owner}"] if owner and programs(call) == "idx" else [])]
    dot = f"{home.directory}/{dotqmail.file_name(name)}"
    try:
        _run(call, home.owner, "ezmlm-make", [*options, directory, dot, name, home.line.domain])
        with open_hash(home.fd, name) as fd:
            # ezmlm before idx 6 finds its own name behind the domain, as virtualdomains puts it there.
            files.write("inlocal", fd, f"{home.line.domain}-{name}".encode(), home.owner, 0o600)
    except (HelperError, OSError):
        _unmake(home, name)
        raise
    return {"directory": directory}


@verb("lists", change=True, subject=_subject, domain=arguments.domain, name=arguments.alias_name)
def unmake_list(call: Call, domain: str, name: str) -> Result:
    """The inverse: removes a list on which nobody is, and in whose archive nothing is."""
    with call.home(domain) as home:

        def work() -> Result:
            _check_empty(home, name)
            _unmake(home, name)
            return {}

        return call.run(home.owner, work)


def _check_empty(home: Home, name: str) -> None:
    """Also of a list that is only half made; a mailbox is none."""
    with suppress(FileNotFoundError), open_hash(home.fd, name) as fd:
        used = files.look("archive/0", fd) or files.look("Maildir", fd)
        if used or any(ezmlm.members(fd, part).addresses for part in ezmlm.PARTS):
            raise refused(f"Somebody is on the mailing list {name}, or has written to it: it stays.")


def _unmake(home: Home, name: str) -> None:
    """Remove the links and files that lead into the list's directory, then the directory."""
    inside = f"{home.directory}/{name}/"
    for beside in BESIDE:
        file = dotqmail.file_name(name + beside)
        try:
            if os.readlink(file, dir_fd=home.fd).startswith(inside):
                os.unlink(file, dir_fd=home.fd)
        except OSError:
            continue  # not there, or somebody else's
    if files.is_directory(name, home.fd):
        shutil.rmtree(name, dir_fd=home.fd)


def _run(call: Call, owner: Owner, program: str, argv: list[str]) -> None:
    """Run one of ezmlm's programs as the domain's owner; what it says on failure is told."""
    path = f"{call.config.ezmlm}/{program}"
    if not call.config.ezmlm or not os.path.exists(path):
        raise refused("ezmlm’s programs are not installed on this mail host.")
    ids: dict[str, Any] = {}
    if os.geteuid() == 0:  # the panel's own process on a store of its own
        ids = {"user": owner.uid, "group": owner.gid, "extra_groups": []}
    try:
        done = subprocess.run(  # noqa: S603 (a fixed program, arguments checked, none of them starts with a hyphen)
            [path, *argv],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd="/",
            env={"PATH": "/usr/bin:/bin"},
            timeout=call.config.program_timeout,
            start_new_session=True,
            umask=0o077,
            check=False,
            **ids,
        )
    except subprocess.TimeoutExpired as error:
        raise HelperError("io", f"{program} did not end in time.") from error
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip()[:300]
        raise HelperError("io", f"{program} failed: {said or f'exit status {done.returncode}'}.")

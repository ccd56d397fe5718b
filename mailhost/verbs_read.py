"""Verbs that only read.

None of them changes anything, not even a mode (vpopmail's own reading of limits does).
"""

import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mailhost import VERSION, arguments, dotqmail, ezmlm, files, maildir, qmail
from mailhost.errors import HelperError, refused
from mailhost.home import Call, Home, qmail_file
from mailhost.home import read_assign as read_assign_bytes
from mailhost.mailboxes import open_hash, state_of
from mailhost.registry import Result, verb

_DEFINE = re.compile(r"#define[ \t]+([A-Za-z_][A-Za-z0-9_]*)(?:[ \t]+(.*))?")
_MOST_SECONDS = 120
LONGEST_LIMITS = 64 * 1024  # bytes; limits and a page of comments are a few thousand


@verb("read")
def ping(call: Call) -> Result:
    """Is the helper there, does it run as root, can it tell Dovecot who may no longer sign in, and does it
    take new programs into aliases."""
    return {
        "version": VERSION,
        "root": os.geteuid() == 0,
        "dovecot": bool(call.config.doveadm),
        "programs": call.config.allow_programs,
    }


@verb("read", known=(arguments.fingerprint, None))
def read_assign(call: Call, known: Any) -> Result:
    """users/assign, or that it is unchanged."""
    data, status = read_assign_bytes(call.config)
    if status is None:
        return {"fingerprint": None, "text": ""}
    if files.is_unchanged(known, status):
        return {"unchanged": True}
    return {"fingerprint": files.fingerprint(data, status), "text": qmail.decode(data)}


def _read_plain(path: Path, known: Any = None) -> Result:
    try:
        if known is not None and files.is_unchanged(known, os.lstat(path)):
            return {"unchanged": True}
    except FileNotFoundError:
        pass
    found = files.read(str(path), None)
    if found is None:
        return {"exists": False, "text": "", "fingerprint": None}
    return {"exists": True, "text": qmail.decode(found[0]), "fingerprint": files.fingerprint(*found)}


@verb("read", name=arguments.control_name, known=(arguments.fingerprint, None))
def read_control(call: Call, name: str, known: Any) -> Result:
    """One of qmail's control files, if the configuration allows that one to be read."""
    if name not in call.config.control_files:
        raise refused(f"The mail host does not allow the control file {name} to be read.")
    return _read_plain(qmail_file(call.config, "control", name), known)


def _in_vpopmail(call: Call, work: Callable[[int], Result], *path: str) -> Result:
    """Read below vpopmail's home with vpopmail's own rights; the directory is opened first."""
    home = os.path.realpath(call.config.vpopmail_home)
    try:
        with files.directory(os.path.join(home, *path)) as fd:
            return call.run(call.own_ids(), lambda: work(fd))
    except FileNotFoundError:
        return {"exists": False, "text": "", "fingerprint": None}


def _read_below(fd: int, name: str, longest: int = files.LARGEST) -> Result:
    found = files.read(name, fd, limit=longest)
    if found is None:
        return {"exists": False, "text": "", "fingerprint": None}
    return {"exists": True, "text": qmail.decode(found[0]), "fingerprint": files.fingerprint(*found)}


@verb("read", known=(arguments.fingerprint, None))
def read_options(call: Call, known: Any) -> Result:
    """The options vpopmail was built with, as its installed header tells them."""

    def work(fd: int) -> Result:
        status = files.look("vpopmail_config.h", fd)
        if status is not None and files.is_unchanged(known, status):
            return {"unchanged": True}
        return _read_below(fd, "vpopmail_config.h")

    found = _in_vpopmail(call, work, "include")
    if "unchanged" in found:
        return found
    defines = {}
    for line in found["text"].splitlines():
        match = _DEFINE.match(line)
        if match:
            defines[match[1]] = (match[2] or "").strip().strip('"')
    return {"exists": found["exists"], "defines": defines, "fingerprint": found["fingerprint"]}


@verb("read")
def read_password_policy(call: Call) -> Result:
    """vpopmail's etc/password_strength.conf."""
    return _in_vpopmail(call, lambda fd: _read_below(fd, "password_strength.conf"), "etc")


@verb("read")
def read_default_limits(call: Call) -> Result:
    """vpopmail's etc/vlimits.default, which holds for domains without limits of their own."""
    return _in_vpopmail(call, lambda fd: _read_below(fd, "vlimits.default", LONGEST_LIMITS), "etc")


@verb("read", domain=arguments.domain)
def read_limits(call: Call, domain: str) -> Result:
    """A domain's `.qmailadmin-limits`."""
    with call.home(domain) as home:
        return call.run(home.owner, lambda: _limits(home))


def _limits(home: Home) -> Result:
    found = files.read(".qmailadmin-limits", home.fd, home.owners, LONGEST_LIMITS)
    if found is None:
        return {"exists": False, "text": "", "fingerprint": None}
    return {"exists": True, "text": qmail.decode(found[0]), "fingerprint": files.fingerprint(*found)}


@verb(
    "read",
    domain=arguments.domain,
    after=(arguments.text(80), ""),
    limit=(arguments.integer(1, 500), 100),
    contains=(arguments.text(200), ""),
)
def list_dotqmail(call: Call, domain: str, after: str, limit: int, contains: str) -> Result:
    """The aliases that are files, by name; `contains` looks into name and lines, whatever their case."""
    with call.home(domain) as home:
        return call.run(home.owner, lambda: _list_dotqmail(home, after, limit, contains))


def _list_dotqmail(home: Home, after: str, limit: int, contains: str) -> Result:
    names = sorted(name for file in maildir.names_in(home.fd) if (name := dotqmail.name_of(file)) is not None)
    found: list[Result] = []
    for name in names:
        if name <= after:
            continue
        alias = {"name": name, **read_alias(home, name)}
        if not alias["exists"] or (
            contains and not any(contains.lower() in text.lower() for text in (name, *alias["lines"]))
        ):
            continue
        if len(found) == limit:
            return {"files": found, "more": True}
        del alias["exists"]
        found.append(alias)
    return {"files": found, "more": False}


def read_alias(home: Home, name: str) -> Result:
    """Lines and fingerprint of `.qmail-NAME`.

    `readable` is False for what is no plain file of the domain's; `list` is then the mailing list that it
    belongs to, if any.
    """
    try:
        found = files.read(dotqmail.file_name(name), home.fd, home.owners, dotqmail.LONGEST_FILE)
    except (OSError, HelperError):
        behind = "" if name == "default" else ezmlm.list_behind(home, name)
        found_list = {"list": behind} if behind else {}
        return {"exists": True, "lines": [], "fingerprint": None, "readable": False, **found_list}
    if found is None:
        return {"exists": False, "lines": [], "fingerprint": None, "readable": True}
    lines = dotqmail.parse(found[0])
    return {"exists": True, "lines": lines, "fingerprint": files.fingerprint(*found), "readable": True}


@verb("read", domain=arguments.domain, name=arguments.alias_name)
def read_dotqmail(call: Call, domain: str, name: str) -> Result:
    """One alias's file; the name `default` is the domain's own `.qmail-default`."""
    with call.home(domain) as home:
        return call.run(home.owner, lambda: read_alias(home, name))


@verb("read", domain=arguments.domain, names=arguments.list_of(arguments.alias_name, 10_000, 0))
def check_names(call: Call, domain: str, names: list[str]) -> Result:
    """What of a name is taken on the disk: alias file, directory directly in D, mail in it."""
    with call.home(domain) as home:
        return call.run(home.owner, lambda: {"names": {name: _taken(home, name) for name in names}})


def _taken(home: Home, name: str) -> Result:
    state = state_of(home.fd, {"name": name, "hash": ""})
    alias = files.look(dotqmail.file_name(name), home.fd) is not None
    return {"dotqmail": alias, "directory": files.look(name, home.fd) is not None, "mail": state["mail"]}


@verb(
    "read",
    domain=arguments.domain,
    mailboxes=(arguments.nullable(arguments.mailboxes), None),
    seconds=(arguments.seconds(_MOST_SECONDS), 1.0),
)
def measure(call: Call, domain: str, mailboxes: Any, seconds: float) -> Result:
    """Bytes and messages of some mailboxes, or of everything below the domain's directory, within a time
    limit.
    """
    try:
        with call.home(domain) as home:
            return call.run(home.owner, lambda: _measure(home, mailboxes, seconds))
    except HelperError as error:
        if error.code != "missing" or "directory" not in error.details:
            raise
        return {"exists": False, "bytes": 0, "messages": 0, "complete": True}


def _measure(home: Home, boxes: Any, seconds: float) -> Result:
    usage, until, found = maildir.Usage(), time.monotonic() + seconds, boxes is None
    if boxes is None:
        maildir.measure(home.fd, until, usage)
    for box in boxes or ():
        try:
            with open_hash(home.fd, box["hash"]) as parent, files.directory(box["name"], parent) as fd:
                found = True
                maildir.measure(fd, until, usage)
        except (FileNotFoundError, NotADirectoryError):
            continue
    return {"exists": found, "bytes": usage.bytes, "messages": usage.messages, "complete": usage.complete}


@verb("read", domain=arguments.domain, mailboxes=arguments.mailboxes)
def mailbox_state(call: Call, domain: str, mailboxes: list[dict[str, Any]]) -> Result:
    """Of each mailbox: is its directory there, is a Maildir in it, is mail in that."""
    with call.home(domain) as home:
        return call.run(home.owner, lambda: {"states": [state_of(home.fd, box) for box in mailboxes]})

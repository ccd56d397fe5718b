"""Verbs about the trash: check beforehand that moving will work, keep what was deleted, move domains."""

import os
import stat
from dataclasses import replace
from typing import Any

from mailhost import arguments, files, mailboxes, qmail, trash
from mailhost.errors import HelperError, refused
from mailhost.files import Owner
from mailhost.home import Call, read_assign
from mailhost.qmail import AssignLine
from mailhost.registry import Result, verb

_REMOVAL_SECONDS = 3600


@verb(
    "accounts",
    change=True,
    domain=arguments.domain,
    mailboxes=(arguments.nullable(arguments.mailboxes), None),
)
def check_park(call: Call, domain: str, mailboxes: Any) -> Result:
    """Refuse, before anything is done, when directory or mailboxes could not be moved to the trash."""
    subjects = [domain] if mailboxes is None else [f"{box['name']}@{domain}" for box in mailboxes]
    with call.home(domain) as home, call.trash(os.path.dirname(home.directory)) as place:
        if mailboxes is None:
            _check_movable(os.lstat(home.directory), home.line)
        call.prepare_trash(place, home.owner)
        call.run(home.owner, lambda: _check_park(place, home.fd, mailboxes))
        call.state.reserve_removals(
            call.entry, subjects, call.config.removals_per_hour, call.config.lock_timeout
        )
        return {"kept_until": place.kept_until()}


@verb("read", domain=arguments.domain, mailboxes=(arguments.nullable(arguments.mailboxes), None))
def plan_park(call: Call, domain: str, mailboxes: Any) -> Result:
    """What `check_park` would say, with nothing made or counted: for a page that shows a plan."""
    with call.home(domain) as home, call.trash(os.path.dirname(home.directory), need_entry=False) as place:
        if mailboxes is None:
            _check_movable(os.lstat(home.directory), home.line)
        # The trash may not be made yet: the directory it will be in stands for it.
        beside = replace(place, name="", entry=".")
        call.run(home.owner, lambda: _check_park(beside, home.fd, mailboxes))
        return {"trash": place.root if call.config.trash_days > 0 else "", "kept_until": place.kept_until()}


def _check_park(place: trash.Trash, home: int, boxes: Any) -> Result:
    trash.check_same_disk(place, os.fstat(home), "The domain's directory")
    for box in boxes or ():
        status = mailboxes.look(home, box)
        if status is None:
            continue
        if not stat.S_ISDIR(status.st_mode):
            raise refused(f"{mailboxes.path_of(box)} is not a directory; it is left alone.", name=box["name"])
        trash.check_same_disk(place, status, f"The mailbox {box['name']}")
    return {}


@verb(
    "accounts",
    change=True,
    domain=arguments.domain,
    text=arguments.text(arguments.LONGEST_TEXT, controls=True),
)
def record(call: Call, domain: str, text: str) -> Result:
    """Keep what was deleted (rows, aliases, limits) beside the parked directory, never in the journal.

    The rows may be those of a name that is no domain, or an alias domain's.
    """
    owner, directory = _of_record(call, domain)
    with call.trash(directory) as place:
        call.prepare_trash(place, owner)

        def work() -> Result:
            trash.append_record(place, text, owner)
            return {"trash": place.place}

        return call.run(owner, work)


def _of_record(call: Call, domain: str) -> tuple[Owner, str]:
    """Whose a record is, and beside which trash it belongs."""
    line = call.find(domain)
    if line is not None and line.is_alias:
        line = call.find(line.real)
    if line is None:
        return call.own_ids(), str(call.config.vpopmail_home / "domains")
    call.check_ids(line.uid, line.gid)
    return Owner(line.uid, line.gid), os.path.dirname(line.directory)


@verb("domains", change=True, domain=arguments.domain)
def park_domain(call: Call, domain: str) -> Result:
    """Move D into the trash. Only a domain that is disconnected can be parked."""
    if qmail.find_assign(read_assign(call.config)[0], domain) is not None:
        raise refused(f"{domain} is still connected; it must be disconnected before its directory is moved.")
    return park(call, call.line(domain))


def park(call: Call, line: AssignLine) -> Result:
    """Move a disconnected domain's directory, with the rights of whoever owns what it lies in."""
    owner, directory = Owner(line.uid, line.gid), os.path.dirname(line.directory)
    config = call.config
    call.state.reserve_removals(call.entry, [line.domain], config.removals_per_hour, config.lock_timeout)
    with call.trash(directory) as place, files.directory(call.resolve(directory)) as source:
        call.prepare_trash(place, owner)
        name = os.path.basename(line.directory)
        parked = call.run_beside(source, owner, lambda: {"name": _park_one(place, source, name, line)})
        return answer(call, place, owner, bool(parked["name"]))


def _park_one(place: trash.Trash, source: int, name: str, line: AssignLine) -> str:
    status = files.look(name, source)
    if status is None:
        return ""
    _check_movable(status, line)
    if status.st_uid != line.uid:
        raise refused(f"{line.directory} belongs to user id {status.st_uid}, not to {line.uid}.")
    trash.check_same_disk(place, status, line.directory)
    return trash.park(place, source, name, line.domain)


def _check_movable(status: os.stat_result, line: AssignLine) -> None:
    if not stat.S_ISDIR(status.st_mode):
        raise refused(f"{line.directory} is no directory but a link or file; it must be moved by hand.")


def answer(call: Call, place: trash.Trash, owner: Owner, parked: bool) -> Result:
    """The answer; without retention the entry's directory is removed for good first."""
    if call.config.trash_days > 0:
        shown = place.place if parked else ""
        return {"trash": shown, "kept_until": place.kept_until() if parked else None, "parked": parked}

    def forget() -> Result:
        trash.forget(place)
        return {}

    try:
        call.run(owner, forget, _REMOVAL_SECONDS)
    except OSError as error:
        raise HelperError("io", f"{place.place} could not be removed: {error.strerror}.") from error
    return {"trash": "", "kept_until": None, "parked": parked}

"""Verbs on mailboxes of one domain: make, take back, park, slots of directories, quota."""

import os
from collections.abc import Callable
from functools import partial

from mailhost import arguments, ezmlm, files, mailboxes, names, trash
from mailhost.errors import HelperError, exists, missing, refused
from mailhost.home import Call, Home
from mailhost.locks import FileLock
from mailhost.mailboxes import Mailbox, open_hash
from mailhost.registry import Args, Result, verb
from mailhost.undo import Undo
from mailhost.verbs_trash import answer

FREE = ".dir_control_free"


def _subject(args: Args) -> str:
    boxes = args.get("mailboxes") or [args]
    return f"mailboxes {args['domain']} " + " ".join(mailboxes.path_of(box) for box in boxes)


def _all(present: bool) -> Callable[[Call, Args], bool]:
    """A memory holds only as long as all these mailboxes are (or are not) there."""

    def still(call: Call, args: Args) -> bool:
        boxes = args.get("mailboxes") or [args]
        try:
            with call.home(args["domain"]) as home:
                return all((mailboxes.look(home.fd, b) is not None) is present for b in boxes)
        except HelperError:
            return not present

    return still


@verb(
    "accounts",
    change=True,
    subject=_subject,
    still=_all(True),
    domain=arguments.domain,
    mailboxes=arguments.list_of(arguments.new_mailbox, arguments.MOST_MAILBOXES),
    park_existing=(arguments.boolean, False),
)
def make_mailboxes(call: Call, domain: str, mailboxes: list[Mailbox], park_existing: bool) -> Result:
    """Make all of these mailboxes or none.

    One that exists with anything in it is refused, or parked when told so.
    """
    if len({box["name"] for box in mailboxes}) != len(mailboxes):
        raise refused("A name occurs twice in the list.")
    with call.home(domain) as home:
        directories = [_path(home, box) for box in mailboxes]
        if park_existing and call.run(home.owner, lambda: {"taken": _existing(home, mailboxes)})["taken"]:
            return {"directories": directories, **_make_parking(call, home, mailboxes)}
        call.run(home.owner, lambda: _make(call, home, mailboxes))
        return {"directories": directories, "trash": "", "kept_until": None}


def _path(home: Home, box: Mailbox) -> str:
    """The mailbox's path as the row will hold it."""
    return mailboxes.check_path(home.directory, box)


def _existing(home: Home, boxes: list[Mailbox]) -> list[Mailbox]:
    found = mailboxes.existing(home.fd, boxes)
    _refuse_lists(home, found)
    return found


def _make(call: Call, home: Home, boxes: list[Mailbox]) -> Result:
    """Make them where nothing is in the way, in one piece of work: it is what happens nearly always."""
    taken = _existing(home, boxes)
    if taken:
        raise _taken(home, taken)
    mailboxes.make(home.fd, boxes, home.owner, call.config.junk_folder, _nothing_to_park)
    return {}


def _refuse_lists(home: Home, boxes: list[Mailbox]) -> None:
    """The directory of a mailing list is nothing to be moved out of the way."""
    for box in boxes:
        with open_hash(home.fd, box["hash"]) as parent, files.directory(box["name"], parent) as fd:
            if ezmlm.is_list(fd):
                raise refused(f"The directory {box['name']} belongs to a mailing list.")


def _taken(home: Home, boxes: list[Mailbox]) -> HelperError:
    mail = [mailboxes.state_of(home.fd, box)["mail"] for box in boxes]
    held, what = ", ".join(box["name"] for box in boxes[:5]), "mail" if any(mail) else "files"
    text = f"There is a directory with {what} in it of that name already: {held}."
    return exists(text, names=[box["name"] for box in boxes], mail=mail)


def _nothing_to_park(box: Mailbox) -> Undo:
    raise exists(f"The directory {box['name']} was made meanwhile.", names=[box["name"]])


def _make_parking(call: Call, home: Home, boxes: list[Mailbox]) -> Result:
    """Make them after moving what is in the way into the trash; where that is, and until when."""
    with call.trash(os.path.dirname(home.directory)) as place:
        call.prepare_trash(place, home.owner)
        park, junk = partial(_park_undoably, place, home), call.config.junk_folder

        def work() -> Result:
            mailboxes.make(home.fd, boxes, home.owner, junk, park)
            return {}

        call.run(home.owner, work)
        found = answer(call, place, home.owner, True)
        return {"trash": found["trash"], "kept_until": found["kept_until"]}


def _park_undoably(place: trash.Trash, home: Home, box: Mailbox) -> Undo:
    target = _park_box(place, home, box)

    def undo() -> None:
        if target:
            source = f"{place.below}/{target}"
            os.rename(source, mailboxes.path_of(box), src_dir_fd=place.parent, dst_dir_fd=home.fd)

    return undo


def _park_box(place: trash.Trash, home: Home, box: Mailbox) -> str:
    """Move one mailbox into the trash; the name it has there, "" when there was none."""
    try:
        with mailboxes.open_hash(home.fd, box["hash"]) as parent:
            status = files.look(box["name"], parent)
            if status is None:
                return ""
            if not files.is_directory(box["name"], parent):
                raise refused(f"{mailboxes.path_of(box)} is not a directory; it is left alone.")
            trash.check_same_disk(place, status, f"The mailbox {box['name']}")
            return trash.park(place, parent, box["name"], f"{box['name']}@{home.line.domain}")
    except FileNotFoundError:
        return ""
    except NotADirectoryError as error:
        raise refused(f"{box['hash']} is not a directory; it is left alone.") from error


@verb(
    "accounts",
    change=True,
    subject=_subject,
    still=_all(False),
    domain=arguments.domain,
    mailboxes=arguments.mailboxes,
    park=(arguments.boolean, True),
)
def unmake_mailboxes(call: Call, domain: str, mailboxes: list[Mailbox], park: bool) -> Result:
    """The inverse of make_mailboxes: remove those without mail, park or leave those with mail."""
    with call.home(domain) as home:
        full = call.run(home.owner, lambda: {"boxes": _remove(home, mailboxes)})["boxes"]
        if full and not park:
            return {"trash": "", "kept_until": None, "parked": [], "left": [box["name"] for box in full]}
        if not full:
            return {"trash": "", "kept_until": None, "parked": []}
        with call.trash(os.path.dirname(home.directory)) as place:
            call.prepare_trash(place, home.owner)
            parked = call.run(home.owner, lambda: {"names": [_park_box(place, home, box) for box in full]})
            return {**answer(call, place, home.owner, True), "parked": parked["names"]}


def _remove(home: Home, boxes: list[Mailbox]) -> list[Mailbox]:
    mailboxes.remove_staging(home.fd)
    return [box for box in boxes if not mailboxes.remove(home.fd, box)]


@verb(
    "accounts",
    change=True,
    subject=_subject,
    still=_all(False),
    domain=arguments.domain,
    name=arguments.local_part,
    hash=arguments.hash_directory,
)
def park_mailbox(call: Call, domain: str, name: str, hash: str) -> Result:
    """Move one mailbox into the trash, and look again: a delivery under way may have made the directory
    anew.
    """
    box = {"name": name, "hash": hash}
    with call.home(domain) as home, call.trash(os.path.dirname(home.directory)) as place:
        config = call.config
        subject = f"{name}@{domain}"
        call.state.reserve_removals(call.entry, [subject], config.removals_per_hour, config.lock_timeout)
        call.prepare_trash(place, home.owner)
        target = call.run(home.owner, lambda: {"name": _park_box(place, home, box)})["name"]
        return answer(call, place, home.owner, bool(target))


# Slots of hash directories that deletions left free (vpopmail's backfill.c)


@verb(
    "accounts",
    change=True,
    subject=lambda args: f"slots {args['domain']}",
    domain=arguments.domain,
    count=arguments.integer(1, arguments.MOST_MAILBOXES),
)
def take_slots(call: Call, domain: str, count: int) -> Result:
    """Take up to `count` free places from `.dir_control_free`.

    The file is rewritten 0644, as vpopmail does.
    """
    with call.home(domain) as home:
        begun = _begun(call, home, f"take {count}")
        if begun["slots"][:count] and begun["again"] and _fewer(begun["slots"][:count], begun):
            return {"hashes": begun["slots"][:count]}
        return call.run(home.owner, lambda: _take(home, count, call.config.lock_timeout))


def _begun(call: Call, home: Home, what: str) -> Result:
    """The free places there were when this entry first asked, and those there are now.

    Whoever was stopped between the change and the memory of it finds out so whether it was made.
    """
    now = call.run(home.owner, lambda: {"slots": _slots(home)})["slots"]
    subject = f"{what} of {home.line.domain}"
    known = call.state.recall(call.entry, subject, what) if call.entry else None
    if call.entry and known is None:
        call.state.remember(call.entry, subject, what, {"slots": now})
    return {"slots": known["slots"] if known else now, "now": now, "again": known is not None}


def _slots(home: Home) -> list[str]:
    try:
        found = files.read(FREE, home.fd, home.owners)
    except PermissionError:
        return []
    lines = found[0].decode("ascii", "replace").split("\n") if found else []
    return [text for text in map(_slot, lines) if text]


def _fewer(slots: list[str], begun: Result) -> bool:
    return all(begun["now"].count(slot) < begun["slots"].count(slot) for slot in slots)


def _more(slots: list[str], begun: Result) -> bool:
    return all(begun["now"].count(slot) >= begun["slots"].count(slot) + slots.count(slot) for slot in slots)


def _take(home: Home, count: int, timeout: float) -> Result:
    if files.look(FREE, home.fd) is None:
        return {"hashes": []}
    try:
        found = files.read(FREE, home.fd, home.owners)
    except PermissionError:
        # vpopmail's root programs leave the file to root alone; its other programs then go on without it, and
        # so do we.
        return {"hashes": []}
    if found is None or not any(map(_slot, found[0].decode("ascii", "replace").split("\n"))):
        return {"hashes": []}
    with _free_lock(home, timeout):
        found = files.read(FREE, home.fd, home.owners)
        taken: list[str] = []
        kept: list[str] = []
        for line in found[0].decode("ascii", "replace").split("\n")[:-1] if found else []:
            if len(taken) < count and _slot(line):
                taken.append(_slot(line))
            else:
                kept.append(line)
        if taken:
            data = "".join(line + "\n" for line in kept).encode("ascii", "replace")
            files.write(FREE, home.fd, data, home.owner, 0o644)
        return {"hashes": taken}


def _free_lock(home: Home, timeout: float) -> FileLock:
    return FileLock(f"{FREE}.lock", timeout, dir_fd=home.fd, what=f"the free places of {home.line.domain}")


def _slot(line: str) -> str:
    """The hash directory a line names, or "": comments and whatever else is no hash stay where they are."""
    text = line.split("#", 1)[0].strip()
    try:
        return names.check_hash(text)
    except names.BadName:
        return ""


@verb(
    "accounts",
    change=True,
    subject=lambda args: f"slots {args['domain']}",
    domain=arguments.domain,
    hashes=arguments.list_of(arguments.hash_directory, arguments.MOST_MAILBOXES),
)
def give_slots(call: Call, domain: str, hashes: list[str]) -> Result:
    """Add places that became free; accounts directly in D leave none."""
    given = [text for text in hashes if text]
    with call.home(domain) as home:
        if not given:
            return {}
        begun = _begun(call, home, "give " + " ".join(given))
        if begun["again"] and _more(given, begun):
            return {}
        return call.run(home.owner, lambda: _give(home, given, call.config.lock_timeout))


def _give(home: Home, hashes: list[str], timeout: float) -> Result:
    with _free_lock(home, timeout) as lock:
        files.settle(lock.fd, home.owner, 0o600)
        found = files.read(FREE, home.fd, home.owners)
        mode = found[1].st_mode & 0o777 if found else 0o600
        data = (found[0] if found else b"") + "".join(text + "\n" for text in hashes).encode()
        files.write(FREE, home.fd, data, home.owner, mode)
        return {}


@verb(
    "accounts",
    change=True,
    subject=lambda args: f"quota {args['domain']} {args['hash']} {args['name']}",
    domain=arguments.domain,
    name=arguments.local_part,
    hash=arguments.hash_directory,
    quota=arguments.quota,
    count_anew=(arguments.boolean, False),
)
def set_quota(call: Call, domain: str, name: str, hash: str, quota: str, count_anew: bool) -> Result:
    """Write or remove maildirsize to match a quota; `count_anew` does not believe the sum in it."""
    box = {"name": name, "hash": hash, "quota": quota}
    with call.home(domain) as home:

        def work() -> Result:
            return {"done": mailboxes.set_quota(home.fd, box, home.owner, count_anew=count_anew)}

        if not call.run(home.owner, work)["done"]:
            raise missing(f"{name}@{domain} has no Maildir.", name=name)
        return {}

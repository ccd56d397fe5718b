"""Verbs of the doctor: what differs between qmail's files, what lies in a domain's directory, and mending
one name."""

import os
import time
from functools import partial
from itertools import islice
from typing import Any

from mailhost import arguments, control, examine, examine_home, examine_state, files, maildir, qmail
from mailhost.control import ControlFiles
from mailhost.errors import HelperError, missing, refused
from mailhost.home import Call, Home
from mailhost.mailboxes import Mailbox, open_hash
from mailhost.registry import Result, verb
from mailhost.undo import Steps
from mailhost.verbs_connect import accept, unaccept

_MENDED = ("cdb", "virtualdomains", "locals", "rcpthosts", "morercpthosts.cdb")


def _file(value: Any) -> str:
    if value not in _MENDED:
        raise refused(f"One of {', '.join(_MENDED)} is expected.")
    return str(value)


@verb("read", most=(arguments.integer(1, 100_000), 5000))
def examine_qmail(call: Call, most: int) -> Result:
    """Where users/assign, users/cdb, virtualdomains, rcpthosts, morercpthosts, locals and the directories of
    domains disagree.

    What a second look does not find again was a change under way.
    """
    first = list(examine.examine(call))
    found = [one for one in examine.examine(call) if one in first] if first else []
    found.sort(key=lambda one: (one["kind"], one["name"]))
    return {"items": found[:most], "total": len(found)}


@verb("read", seconds=(arguments.seconds(30), 3.0))
def examine_helper(call: Call, seconds: float) -> Result:
    """Locks that are held all that time, and trash that should have been emptied."""
    return {"items": [*examine_state.locks(call, seconds), *examine_state.old_trash(call)]}


@verb(
    "read",
    domain=arguments.domain,
    hash=(arguments.hash_directory, ""),
    after=(arguments.text(200), ""),
    limit=(arguments.integer(1, 5000), 1000),
)
def list_mailboxes(call: Call, domain: str, hash: str, after: str, limit: int) -> Result:
    """The mailboxes that lie in D or in one of its hash directories, by name, and the hash directories
    below."""
    with call.home(domain) as home:
        return call.run(home.owner, lambda: _list_mailboxes(home, hash, after, limit))


def _list_mailboxes(home: Home, hash: str, after: str, limit: int) -> Result:
    try:
        with open_hash(home.fd, hash) as parent:
            names = sorted(name for name in maildir.names_in(parent) if not name.startswith("."))
            below = [
                name for name in names if examine.is_hash(name, hash) and files.is_directory(name, parent)
            ]
            later = (name for name in names if name > after)
            all_boxes = (n for n in later if files.is_directory(f"{n}/{maildir.MAILDIR}", parent))
            boxes = list(islice(all_boxes, limit + 1))
    except (FileNotFoundError, NotADirectoryError):
        return {"mailboxes": [], "below": [], "more": False}
    prefix = f"{hash}/" if hash else ""
    return {
        "mailboxes": boxes[:limit],
        "below": [prefix + name for name in below],
        "more": len(boxes) > limit,
    }


@verb("read", domain=arguments.domain, mailboxes=arguments.mailboxes)
def look_mailboxes(call: Call, domain: str, mailboxes: list[Mailbox]) -> Result:
    """Of each mailbox: is it there, what lacks in it, which owners and modes are wrong. No mail is looked
    at."""
    with call.home(domain) as home:
        return call.run(
            home.owner, lambda: {"found": [examine_home.look_mailbox(home, b) for b in mailboxes]}
        )


@verb("read", domain=arguments.domain, hashes=arguments.list_of(arguments.hash_directory, 62**2, 0))
def look_domain(call: Call, domain: str, hashes: list[str]) -> Result:
    """Wrong owners and modes of hash directories and of the files that lie in D itself."""
    with call.home(domain) as home:

        def work() -> Result:
            names = [*filter(None, hashes), *examine_home.names_in_domain(home.fd)]
            top = home.directory
            return {"odd": [o for n in names for o in examine_home.odd(f"{top}/{n}", n, home.fd, home.owner)]}

        return call.run(home.owner, work)


@verb(
    "read",
    domain=arguments.domain,
    mailboxes=arguments.mailboxes,
    seconds=(arguments.nullable(arguments.seconds(30)), None),
)
def check_sizes(call: Call, domain: str, mailboxes: list[Mailbox], seconds: float | None) -> Result:
    """What the file maildirsize of each mailbox is worth; compared with its mail when there are `seconds`."""
    until = None if seconds is None else time.monotonic() + seconds
    with call.home(domain) as home:
        return call.run(
            home.owner, lambda: {"sizes": [examine_home.check_size(home, box, until) for box in mailboxes]}
        )


@verb("read", domain=arguments.domain, name=arguments.local_part)
def find_mailbox(call: Call, domain: str, name: str) -> Result:
    """The hash directories ("" is D itself) in which a mailbox of that name lies."""
    with call.home(domain) as home:
        return call.run(home.owner, lambda: {"hashes": list(examine_home.hashes_with(home.fd, name))})


@verb("read", domain=arguments.domain)
def find_directory(call: Call, domain: str) -> Result:
    """The hash directories below vpopmail's `domains` with a directory of that name which is vpopmail's."""
    owner = call.own_ids()
    found = examine.domain_directories(str(call.config.vpopmail_home / "domains"), "")
    top = len(f"{call.config.vpopmail_home}/domains/")
    mine = [path for path in found if os.path.basename(path) == domain and os.stat(path).st_uid == owner.uid]
    return {"hashes": [os.path.dirname(path[top:]) for path in mine]}


@verb("accounts", change=True, domain=arguments.domain, mailbox=arguments.mailbox)
def make_parts(call: Call, domain: str, mailbox: Mailbox) -> Result:
    """Make those directories of an existing mailbox that lack; nothing that is there is touched."""
    with call.home(domain) as home:

        def work() -> Result:
            examine_home.make_parts(home, mailbox)
            return {}

        return call.run(home.owner, work)


@verb(
    "accounts",
    change=True,
    domain=arguments.domain,
    mailboxes=arguments.list_of(arguments.mailbox, arguments.MOST_MAILBOXES, 0),
    hashes=arguments.list_of(arguments.hash_directory, 62**2, 0),
)
def settle_modes(call: Call, domain: str, mailboxes: list[Mailbox], hashes: list[str]) -> Result:
    """Nobody but the owner may write any more to these mailboxes, or, without any, to D, its hash directories
    and its own files.

    Done as the owner, who can change the mode of nothing else.
    """
    with call.home(domain) as home:
        return call.run(home.owner, lambda: _settle_modes(home, mailboxes, hashes))


def _settle_modes(home: Home, boxes: list[Mailbox], hashes: list[str]) -> Result:
    changed = 0
    for box in boxes:
        with open_hash(home.fd, box["hash"]) as parent:
            for name in examine_home.names_in_mailbox(box["name"]):
                changed += examine_home.mend_mode(name, parent, home.owner)
    if not boxes:
        names = [".", *filter(None, hashes), *examine_home.names_in_domain(home.fd)]
        changed = sum(examine_home.mend_mode(name, home.fd, home.owner) for name in names)
    return {"changed": changed}


@verb("domains", change=True, domain=arguments.domain, file=_file)
def settle_name(call: Call, domain: str, file: str) -> Result:
    """Make one file say about a name what users/assign says; nothing is done when it does.

    `cdb` is compiled anew also for a name without a line.
    """
    with ControlFiles(call.config, ("assign", "rcpthosts", "virtualdomains", "locals")) as control_files:
        line = qmail.find_assign(control_files.read("assign") or b"", domain)
        if line is None and file not in ("cdb", "morercpthosts.cdb"):
            raise missing(f"The domain {domain} is not in qmail's assign file.", domain=domain)
        with Steps() as steps:
            return {"warnings": _settle(control_files, domain, line, file, steps)}


def _settle(
    control_files: ControlFiles, name: str, line: qmail.AssignLine | None, file: str, steps: Steps
) -> list[str]:
    if file == "cdb":
        control_files.compile_assign()
        control_files.check_compiled(name, line)
    elif file == "morercpthosts.cdb":
        control_files.compile_morercpthosts()
    elif file == "rcpthosts":
        control_files.check_compiled(name, line)
        if name not in _virtual_names(control_files):
            raise refused(f"{name} is not in virtualdomains, so its mail could not be delivered.")
        accept(control_files, name, steps)
    elif file == "virtualdomains":
        if name not in _virtual_names(control_files):
            control_files.change("virtualdomains", lambda data: qmail.add_line(data, f"{name}:{name}"))
        return control.hang_up(control_files.config)
    else:
        control_files.change("locals", lambda data: qmail.remove_lines(data, [name]), create=False)
        return control.hang_up(control_files.config)
    return []


def _virtual_names(control_files: ControlFiles) -> set[str]:
    lines = qmail.control_lines(control_files.read("virtualdomains") or b"")
    return {line.partition(":")[0].lower() for line in lines}


@verb("domains", change=True, domain=arguments.domain)
def forget_name(call: Call, domain: str) -> Result:
    """Take a name that is no domain here out of rcpthosts, morercpthosts and virtualdomains (`name:name`)."""
    names = ["assign", "rcpthosts", "virtualdomains"]
    if (call.config.qmail_home / "control" / "morercpthosts").exists():
        names.append("morercpthosts")
    with ControlFiles(call.config, names) as control_files:
        if qmail.find_assign(control_files.read("assign") or b"", domain) is not None:
            raise refused(f"{domain} is a domain of this mail host.", domain=domain)
        before = {name: control_files.read(name) for name in names[1:]}
        with Steps() as steps:
            steps.done("qmail's control files", partial(_put_back, control_files, before))
            unaccept(control_files, [domain])
            control_files.change(
                "virtualdomains",
                lambda data: qmail.remove_lines(data, [f"{domain}:{domain}"]),
                create=False,
            )
            return {"warnings": control.hang_up(call.config)}


def _put_back(control_files: ControlFiles, before: dict[str, bytes | None]) -> None:
    for name, data in before.items():
        if data is not None:
            control_files.put(name, data)
    if before.get("morercpthosts") is not None:
        try:
            control_files.compile_morercpthosts()
        except HelperError:
            control_files.put("morercpthosts", before["morercpthosts"] or b"")
            raise

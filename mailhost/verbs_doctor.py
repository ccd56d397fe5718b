"""Verbs of the doctor: what differs between qmail's files, what lies in a domain's directory, and mending
one name."""

import stat
from functools import partial
from typing import Any

from mailhost import arguments, control, examine, examine_state, files, maildir, qmail
from mailhost.control import ControlFiles
from mailhost.errors import HelperError, missing, refused
from mailhost.home import Call, Home
from mailhost.mailboxes import open_hash
from mailhost.registry import Result, verb
from mailhost.undo import Steps
from mailhost.verbs_connect import accept, unaccept

_SAMPLE = 20  # mailboxes of a directory whose maildirsize is read
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
            boxes = [n for n in names if n > after and files.is_directory(f"{n}/{maildir.MAILDIR}", parent)]
            found = [_mailbox(name, parent, home, n < _SAMPLE) for n, name in enumerate(boxes[:limit])]
    except (FileNotFoundError, NotADirectoryError):
        return {"mailboxes": [], "below": [], "more": False}
    prefix = f"{hash}/" if hash else ""
    return {"mailboxes": found, "below": [prefix + name for name in below], "more": len(boxes) > limit}


def _mailbox(name: str, parent: int, home: Home, sampled: bool) -> Result:
    status = files.look(name, parent)
    if status is None:
        return {"name": name, "owned": True, "mode": 0o700, "torn": False}
    owned = (status.st_uid, status.st_gid) == (home.owner.uid, home.owner.gid)
    torn = sampled and owned and _is_torn(f"{name}/{maildir.MAILDIR}", parent, home)
    return {"name": name, "owned": owned, "mode": stat.S_IMODE(status.st_mode), "torn": torn}


def _is_torn(path: str, parent: int, home: Home) -> bool:
    """Is there a maildirsize that nobody can read the sum from?"""
    try:
        with files.directory(path, parent) as fd:
            found = files.read(maildir.SIZE_FILE, fd, home.owners)
    except (OSError, HelperError):
        return False
    return found is not None and maildir.read_size_file(found[0]) is None


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

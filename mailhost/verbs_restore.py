"""Verbs that bring back what lies in the trash, with the rights of the domain's user only.

`source` is the journal's entry under which something was parked. Nothing is ever overwritten.
"""

import os

from mailhost import arguments, files, mailboxes, merging, own_paths, qmail, trash
from mailhost.errors import HelperError, exists, from_os_error, missing, refused
from mailhost.files import Owner
from mailhost.home import Call, Home, read_assign
from mailhost.locks import FileLock
from mailhost.parked import Parked, copies, opened
from mailhost.qmail import AssignLine
from mailhost.registry import Args, Result, verb
from mailhost.verbs_mailboxes import FREE


def check_owner(home: Home, parked: Parked) -> None:
    """Raises HelperError when what is parked is not the domain's own."""
    if parked.owner.uid != home.owner.uid:
        raise refused(f"{parked.place} belongs to user id {parked.owner.uid}, not to {home.owner.uid}.")


def box_subject(args: Args) -> str:
    """What the helper's memory of a mailbox brought back goes by."""
    return f"restored {args['domain']} {args['hash']}/{args['name']}"


def is_back(call: Call, args: Args) -> bool:
    """Whether it still stands, when the same request comes again."""
    with call.home(args["domain"]) as home:
        return mailboxes.look(home.fd, dict(args)) is not None


@verb(
    "accounts",
    change=True,
    subject=box_subject,
    still=is_back,
    domain=arguments.domain,
    name=arguments.local_part,
    hash=arguments.hash_directory,
    source=arguments.entry,
    was=arguments.local_part,
    merge=(arguments.boolean, False),
)
def restore_mailbox(
    call: Call, domain: str, name: str, hash: str, source: str, was: str, merge: bool
) -> Result:
    """Bring back the mailbox of `was@domain` as D[/hash]/name, with what a delivery made anew meanwhile.

    A directory of that name that holds anything is refused, unless `merge` puts the mail into it. Nothing is
    overwritten: what is no mail stays in the trash then.
    """
    box = {"name": name, "hash": hash}
    with call.home(domain) as home, opened(call, source) as parked:
        check_owner(home, parked)
        mailboxes.check_path(home.directory, box)
        names = copies(f"{was}@{domain}")
        return call.run(home.owner, lambda: restore_box(home, parked, box, names, merge))


def restore_box(home: Home, parked: Parked, box: dict[str, str], names: list[str], merge: bool) -> Result:
    """Bring the mailbox `names` (one, and its copies) of the open directory back as D[/hash]/name."""
    found = [name for name in names if files.is_directory(name, parked.fd)]
    if not found:
        return {"restored": False, "messages": 0, "left": []}
    moved = 0
    if mailboxes.look(home.fd, box) is not None and mailboxes.is_fresh(home.fd, box) and not merge:
        mailboxes.remove(home.fd, box)
    if mailboxes.look(home.fd, box) is None:
        files.ensure_directories(box["hash"], home.fd, home.owner)
        _bring(home, parked, found.pop(0), box, names[0].partition("@")[0])
        moved = 1
    elif not merge:
        raise exists(f"There is a directory {mailboxes.path_of(box)} already.", names=[box["name"]])
    messages = sum(_merge(home, parked, box, name) for name in found)
    left = [name for name in names if files.is_directory(name, parked.fd)]
    return {"restored": bool(moved or messages or found), "messages": messages, "left": left}


def _bring(home: Home, parked: Parked, name: str, box: dict[str, str], was: str) -> None:
    """Lead its own lines to the new place first: whoever finds it there finds it whole."""
    path = mailboxes.path_of(box)
    own_paths.rewrite(home, parked.fd, name, was, path)
    try:
        _move(parked.fd, name, home.fd, path, parked.place)
    except HelperError:
        own_paths.rewrite(home, parked.fd, name, box["name"], was)
        raise


def _move(source: int, name: str, target: int, path: str, place: str) -> None:
    try:
        os.rename(name, path, src_dir_fd=source, dst_dir_fd=target)
    except OSError as error:
        raise from_os_error(error, f"{name} could not be moved out of {place}") from error
    os.fsync(target)


def _merge(home: Home, parked: Parked, box: dict[str, str], name: str) -> int:
    with files.directory(name, parked.fd) as old, mailboxes.open_hash(home.fd, box["hash"]) as parent:
        with files.directory(box["name"], parent) as new:
            moved = merging.merge(old, new, home.owner)
        if merging.is_spent(old):
            mailboxes.empty(old)
            os.rmdir(name, dir_fd=parked.fd)
    return moved


@verb(
    "accounts",
    change=True,
    subject=box_subject,
    domain=arguments.domain,
    name=arguments.local_part,
    hash=arguments.hash_directory,
    source=arguments.entry,
    was=arguments.local_part,
)
def unrestore_mailbox(call: Call, domain: str, name: str, hash: str, source: str, was: str) -> Result:
    """The inverse of a restore without merging: back into the same entry's directory."""
    box = {"name": name, "hash": hash}
    config = call.config
    with call.home(domain) as home, opened(call, source) as parked:
        call.state.reserve_removals(
            call.entry, [f"{name}@{domain}"], config.removals_per_hour, config.lock_timeout
        )
        check_owner(home, parked)
        return call.run(home.owner, lambda: _unrestore_box(home, parked, box, f"{was}@{domain}"))


def lead_back(home: Home, box: dict[str, str], was: str) -> None:
    """The mailbox goes into the trash again: its own lines name its former place, as far as that is known."""
    with mailboxes.open_hash(home.fd, box["hash"]) as parent:
        own_paths.rewrite(home, parent, box["name"], box["name"], was)


def _unrestore_box(home: Home, parked: Parked, box: dict[str, str], label: str) -> Result:
    if mailboxes.look(home.fd, box) is None:
        return {}
    lead_back(home, box, label.partition("@")[0])
    free = next(name for name in copies(label) if files.look(name, parked.fd) is None)
    os.rename(mailboxes.path_of(box), free, src_dir_fd=home.fd, dst_dir_fd=parked.fd)
    mailboxes.remove_empty_hashes(home.fd, box["hash"])
    return {}


@verb(
    "accounts",
    change=True,
    domain=arguments.domain,
    source=arguments.entry,
    hash=(arguments.hash_directory, ""),
)
def settle_trash(call: Call, domain: str, source: str, hash: str) -> Result:
    """Note that the rows of an entry were put back: it is no longer shown, unless something is left in it.

    `hash` is the place that its deletion gave back and that is taken again, first: as long as the record is
    there, all of it may be done again.
    """
    if hash:
        with call.home(domain) as home:
            call.run(home.owner, lambda: _take_again(home, hash, call.config.lock_timeout))
    with opened(call, source) as parked:

        def work() -> Result:
            if files.look(trash.RECORD, parked.fd) is not None:
                os.rename(trash.RECORD, trash.RESTORED, src_dir_fd=parked.fd, dst_dir_fd=parked.fd)
            return {}

        return call.run(parked.owner, work)


def _take_again(home: Home, hash: str, timeout: float) -> Result:
    if files.look(FREE, home.fd) is None:
        return {}
    what = f"the free places of {home.line.domain}"
    with FileLock(f"{FREE}.lock", timeout, dir_fd=home.fd, what=what):
        found = files.read(FREE, home.fd, home.owners)
        lines = found[0].split(b"\n") if found else []
        if found and hash.encode() in lines:
            lines.remove(hash.encode())
            files.write(FREE, home.fd, b"\n".join(lines), home.owner, found[1].st_mode & 0o777)
    return {}


def _is_domain_back(call: Call, args: Args) -> bool:
    line = call.state.recall_domain(call.entry, args["domain"])
    return line is not None and os.path.isdir(line.directory)


@verb(
    "domains",
    change=True,
    subject=lambda args: f"directory {args['domain']}",
    still=_is_domain_back,
    domain=arguments.domain,
    hash=(arguments.hash_directory, ""),
    source=arguments.entry,
    was=(arguments.nullable(arguments.domain), None),
)
def restore_domain(call: Call, domain: str, hash: str, source: str, was: str | None) -> Result:
    """Bring back a domain's directory to where it was; connecting it under the same entry uses its ids.

    `was` is its former name when it comes back under another: then it goes where a new domain would.
    """
    if qmail.find_assign(read_assign(call.config)[0], domain) is not None:
        raise exists(f"{domain} is in qmail's assign file already.")
    with opened(call, source) as parked:
        if was is None:
            line = former_line(call, parked, domain, hash, source)
        else:
            place = call.domain_path(domain, hash)
            line = AssignLine(domain, domain, parked.owner.uid, parked.owner.gid, place)
        call.check_ids(line.uid, line.gid)
        owner = Owner(line.uid, line.gid)
        call.state.remember_domain(call.entry, line)
        with files.directory(_parent_of(call, line, owner)) as parent:
            name = os.path.basename(line.directory)
            call.run_beside(parent, owner, lambda: _restore_directory(parked, parent, name, was or domain))
        left = [copy for copy in copies(was or domain) if files.is_directory(copy, parked.fd)]
    return {"directory": line.directory, "uid": line.uid, "left": left}


def former_line(call: Call, parked: Parked, domain: str, hash: str, source: str) -> AssignLine:
    """The line it had: remembered from its deletion, else vpopmail's own ids and place."""
    found = call.state.recall_domain(source, domain)
    if found is not None and found.real == domain:
        return found
    beside = os.path.basename(parked.root) == trash.NAME
    path = f"{os.path.dirname(parked.root)}/{domain}" if beside else call.domain_path(domain, hash)
    return AssignLine(domain, domain, parked.owner.uid, parked.owner.gid, path)


def _parent_of(call: Call, line: AssignLine, owner: Owner) -> str:
    """The directory D lies in; hash directories below `domains` are made where they have gone."""
    domains = str(call.config.vpopmail_home / "domains")
    place = os.path.dirname(line.directory)
    if place.startswith(f"{domains}/") and not os.path.isdir(place):
        with files.directory(call.resolve(domains)) as top:
            below = place[len(domains) + 1 :]

            def make() -> Result:
                return {"made": files.ensure_directories(below, top, owner)}

            call.run_beside(top, owner, make)
    return call.resolve(place)


def _restore_directory(parked: Parked, parent: int, name: str, domain: str) -> Result:
    if files.look(name, parent) is not None:
        if files.is_directory(domain, parked.fd):
            raise exists(f"There is a directory {name} already.", directory=name)
        return {}
    if not files.is_directory(domain, parked.fd):
        raise missing(f"The directory of {domain} is not in {parked.place}.")
    _move(parked.fd, domain, parent, name, parked.place)
    return {}


@verb(
    "domains",
    change=True,
    subject=lambda args: f"directory {args['domain']}",
    domain=arguments.domain,
    source=arguments.entry,
    was=(arguments.nullable(arguments.domain), None),
)
def unrestore_domain(call: Call, domain: str, source: str, was: str | None) -> Result:
    """The inverse: the directory of a domain that is not connected goes back into the entry's directory."""
    if qmail.find_assign(read_assign(call.config)[0], domain) is not None:
        raise refused(f"{domain} is connected; it must be disconnected before its directory goes.")
    line = call.state.recall_domain(call.entry, domain)
    if line is None:
        return {}
    owner, place = Owner(line.uid, line.gid), os.path.dirname(line.directory)
    with opened(call, source) as parked, files.directory(call.resolve(place)) as parent:
        name = os.path.basename(line.directory)

        def work() -> Result:
            if files.is_directory(name, parent) and files.look(was or domain, parked.fd) is None:
                os.rename(name, was or domain, src_dir_fd=parent, dst_dir_fd=parked.fd)
            return {}

        return call.run_beside(parent, owner, work)

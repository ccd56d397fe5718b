"""Verbs that make, connect, disconnect and park domains. Order of steps: connected last, disconnected first.

Mail that was accepted but cannot be delivered must never happen: rcpthosts comes after everything else on the way in, and
before everything else on the way out.
"""

import os
import stat
from functools import partial
from typing import Any

from mailhost import arguments, control, dotqmail, files, mailboxes, maildir, qmail, trash
from mailhost.control import ControlFiles
from mailhost.errors import HelperError, exists, missing, refused
from mailhost.files import Owner
from mailhost.home import Call, read_assign
from mailhost.qmail import AssignLine
from mailhost.registry import Args, Result, verb
from mailhost.undo import Steps

DEFAULT_FILE = dotqmail.PREFIX + "default"


def _is_made(call: Call, args: Args) -> bool:
    return os.path.isdir(call.domain_path(args["domain"], args["hash"]))


def _is_connected(call: Call, args: Args) -> bool:
    return qmail.find_assign(read_assign(call.config)[0], args["domain"]) is not None


def _are_disconnected(call: Call, args: Args) -> bool:
    data, _ = read_assign(call.config)
    return all(qmail.find_assign(data, name) is None for name in args["domains"])


# Directories


@verb(
    "domains",
    change=True,
    subject=lambda args: f"directory {args['domain']}",
    still=_is_made,
    domain=arguments.new_domain,
    hash=arguments.hash_directory,
    unknown=(arguments.unknown, "bounce"),
    mailboxes=(arguments.list_of(arguments.first_mailbox, 100, 0), ()),
)
def make_domain(call: Call, domain: str, hash: str, unknown: str, mailboxes: list[dict[str, Any]]) -> Result:
    """Make D with `.qmail-default` and its first mailboxes under a temporary name, then rename it into place."""
    owner, path = call.own_ids(), call.domain_path(domain, hash)
    line = dotqmail.default_line(str(call.config.vpopmail_home), unknown)
    boxes = [{**box, "hash": ""} for box in mailboxes]

    def work(domains: int) -> Result:
        place = f"{hash}/{domain}" if hash else domain
        if files.look(place, domains) is not None and not _is_fresh_domain(domains, place):
            raise exists(f"The directory {path} exists already.", directory=path)
        _build_domain(domains, hash, domain, line, boxes, owner, call.config.junk_folder)
        return {"directory": path}

    with files.directory(call.resolve(f"{call.config.vpopmail_home}/domains")) as domains:
        return call.run_beside(domains, owner, partial(work, domains))


def _build_domain(
    domains: int, hash: str, domain: str, line: str, boxes: list[dict[str, Any]], owner: Owner, junk: bool
) -> None:
    """Stage the directory and put it in place; an empty one from an earlier attempt is replaced."""
    place = f"{hash}/{domain}" if hash else domain
    with Steps() as steps, mailboxes.staging(domains, owner, domain) as (stage, fd):
        new = files.make_directory(domain, fd, owner)
        try:
            files.write(DEFAULT_FILE, new, dotqmail.write([line]), owner, 0o600)
            for box in boxes:
                mailboxes.build(box["name"], new, box["quota"], owner, junk)
            os.fsync(new)
        finally:
            os.close(new)
        for part in files.ensure_directories(hash, domains, owner):
            steps.done(f"the directory {part}", partial(os.rmdir, part, dir_fd=domains))
        if files.look(place, domains) is not None:
            os.rename(place, f"{stage}/former", src_dir_fd=domains, dst_dir_fd=domains)
        os.rename(domain, place, src_dir_fd=fd, dst_dir_fd=domains)
        os.fsync(domains)
        if hash:
            files.sync(hash, domains)


def _is_fresh_domain(parent: int, place: str) -> bool:
    """True for a domain directory as it is made: its `.qmail-default` and empty mailboxes."""
    if not files.is_directory(place, parent):
        return False
    with files.directory(place, parent) as fd:
        for name in maildir.names_in(fd):
            if name == DEFAULT_FILE or name.startswith(mailboxes.STAGING):
                continue
            if not mailboxes.is_fresh(fd, {"name": name, "hash": ""}):
                return False
    return True


@verb(
    "domains",
    change=True,
    subject=lambda args: f"directory {args['domain']}",
    still=lambda call, args: not _is_made(call, args),
    domain=arguments.domain,
    hash=arguments.hash_directory,
)
def unmake_domain(call: Call, domain: str, hash: str) -> Result:
    """The inverse of make_domain: remove D when it is as it was made, else park it."""
    path = call.domain_path(domain, hash)
    if qmail.find_assign(read_assign(call.config)[0], domain) is not None:
        raise refused(f"{domain} is connected; it must be disconnected before its directory goes.")
    owner = call.own_ids()

    def work(domains: int, place: str) -> Result:
        mailboxes.remove_staging(domains, domain)
        if files.look(place, domains) is None:
            return {"removed": False, "fresh": True}
        if not _is_fresh_domain(domains, place):
            return {"removed": False, "fresh": False}
        aside = mailboxes.staging_name(domain)
        os.rename(place, aside, src_dir_fd=domains, dst_dir_fd=domains)
        mailboxes.remove_staging(domains, domain)
        mailboxes.remove_empty_hashes(domains, hash)
        return {"removed": True, "fresh": True}

    with files.directory(call.resolve(f"{call.config.vpopmail_home}/domains")) as domains:
        found = call.run_beside(domains, owner, partial(work, domains, f"{hash}/{domain}" if hash else domain))
    if found["fresh"]:
        return {"trash": "", "kept_until": None, "parked": False}
    return _park(call, AssignLine(domain, domain, owner.uid, owner.gid, path))


# The way in


@verb(
    "domains",
    change=True,
    subject=lambda args: f"connected {args['domain']}",
    still=_is_connected,
    domain=arguments.domain,
    real=arguments.domain,
    hash=(arguments.hash_directory, ""),
)
def connect_domain(call: Call, domain: str, real: str, hash: str) -> Result:
    """Make qmail accept and deliver mail for a name: assign, virtualdomains, locals, HUP, and rcpthosts last."""
    line = _new_line(call, domain, real, hash)
    with ControlFiles(call.config, ("assign", "rcpthosts", "virtualdomains", "locals")) as control_files:
        found = qmail.find_assign(control_files.read("assign") or b"", domain)
        if found is not None and found != line:
            raise exists(f"{domain} is in qmail's assign file already, as {found.real} in {found.directory}.")
        with Steps() as steps:
            return {"warnings": _connect(control_files, line, steps)}


def _new_line(call: Call, domain: str, real: str, hash: str) -> AssignLine:
    """The assign line: what this entry disconnected before, the real domain's for an alias, or a new directory's."""
    former = call.state.recall_domain(call.entry, domain)
    if former is not None and former.real == real:
        return former
    if domain != real:
        known = call.line(real)
        return AssignLine(domain, real, known.uid, known.gid, known.directory)
    owner, path = call.own_ids(), call.domain_path(domain, hash)
    existing = call.find(domain)
    if existing is not None:
        return existing
    if not os.path.isdir(path):
        raise missing(f"The directory {path} does not exist.", directory=path)
    return AssignLine(domain, domain, owner.uid, owner.gid, path)


def _connect(control_files: ControlFiles, line: AssignLine, steps: Steps) -> list[str]:
    config, name = control_files.config, line.domain
    try:
        changed = control_files.change("assign", lambda data: qmail.add_assign(data, line))
    except ValueError as error:
        raise refused(str(error)) from error
    if changed:
        steps.done("qmail's users/assign", partial(_unassign, control_files, [name]))
    control_files.compile_assign()
    control_files.check_compiled(name, line)
    if control_files.change("virtualdomains", lambda data: qmail.add_line(data, f"{name}:{name}")):
        steps.done("qmail's virtualdomains", partial(_unvirtual, control_files, [name]))
    if control_files.change("locals", lambda data: qmail.remove_lines(data, [name])):
        steps.done("qmail's locals", partial(control_files.change, "locals", lambda data: data + qmail.encode(name + "\n")))
    warnings = control.hang_up(config)
    _accept(control_files, name, steps)
    return warnings


def _accept(control_files: ControlFiles, name: str, steps: Steps) -> None:
    """The last step: from here on qmail-smtpd takes mail for the name."""
    for file in ("rcpthosts", "morercpthosts"):
        if name in qmail.control_lines(control_files.read(file) or b""):
            return
    file = "morercpthosts" if "morercpthosts" in control_files.names else "rcpthosts"
    if control_files.change(file, lambda data: qmail.add_line(data, name)):
        steps.done(f"qmail's {file}", partial(_unaccept, control_files, [name]))
    if file == "morercpthosts":
        control_files.compile_morercpthosts()


# The way out


@verb(
    "domains",
    change=True,
    subject=lambda args: f"connected {args['domains'][0]}",
    still=_are_disconnected,
    domains=arguments.list_of(arguments.domain, 10_000),
)
def disconnect_domain(call: Call, domains: list[str]) -> Result:
    """Stop mail for names of one real domain: rcpthosts and morercpthosts, virtualdomains, HUP, assign last."""
    data, _ = read_assign(call.config)
    lines = [line for line in (qmail.find_assign(data, name) for name in domains) if line]
    reals = {line.real for line in lines}
    if len(reals) > 1:
        raise refused("Only names of one and the same domain can be disconnected together.")
    _check_none_left(data, domains, lines)
    if call.entry:
        call.state.reserve_removals(call.entry, domains[:1], call.config.removals_per_hour, call.config.lock_timeout)
        for line in lines:
            call.state.remember_domain(call.entry, line)
    names = ["assign", "rcpthosts", "virtualdomains"]
    if (call.config.qmail_home / "control" / "morercpthosts").exists():
        names.append("morercpthosts")
    with ControlFiles(call.config, names) as control_files, Steps() as steps:
        return {"warnings": _disconnect(control_files, domains, lines, steps), "removed": [x.domain for x in lines]}


def _check_none_left(data: bytes, domains: list[str], lines: list[AssignLine]) -> None:
    """A real domain leaves only together with its alias domains: their lines would point to nothing."""
    for line in lines:
        if not line.is_alias:
            left = sorted({other.domain for other in qmail.names_of(data, line.real)} - set(domains))
            if left:
                raise refused(f"{line.real} still has the alias domains {', '.join(left)}.", alias_domains=left)


def _disconnect(
    control_files: ControlFiles, domains: list[str], lines: list[AssignLine], steps: Steps
) -> list[str]:
    config = control_files.config
    before = {name: control_files.read(name) for name in control_files.names}
    back = partial(_put_back, control_files, before)
    steps.done("qmail's control files", back)
    _unaccept(control_files, domains)
    virtual = _unvirtual(control_files, domains)
    warnings = control.hang_up(config) if virtual or lines else []
    _unassign(control_files, domains)
    return warnings


def _put_back(control_files: ControlFiles, before: dict[str, bytes | None]) -> None:
    """Undo a disconnection while all locks are still held: assign first, rcpthosts last, as on the way in."""
    for name in ("assign", "virtualdomains", "rcpthosts", "morercpthosts"):
        data = before.get(name)
        if data is not None:
            control_files.put(name, data)
        if name == "assign":
            control_files.compile_assign()
        if name == "virtualdomains":
            control.hang_up(control_files.config)
        if name == "morercpthosts" and data is not None:
            control_files.compile_morercpthosts()


def _unaccept(control_files: ControlFiles, domains: list[str]) -> None:
    control_files.change("rcpthosts", lambda data: qmail.remove_lines(data, domains), create=False)
    if "morercpthosts" in control_files.names and control_files.change(
        "morercpthosts", lambda data: qmail.remove_lines(data, domains), create=False
    ):
        control_files.compile_morercpthosts()


def _unvirtual(control_files: ControlFiles, domains: list[str]) -> bool:
    unwanted = [f"{name}:{name}" for name in domains]
    return control_files.change("virtualdomains", lambda data: qmail.remove_lines(data, unwanted), create=False)


def _unassign(control_files: ControlFiles, domains: list[str]) -> None:
    if control_files.change("assign", lambda data: qmail.remove_assign(data, domains), create=False):
        control_files.compile_assign()
        for name in domains:
            control_files.check_compiled(name, None)


# The trash


@verb(
    "accounts",
    change=True,
    domain=arguments.domain,
    mailboxes=(arguments.nullable(arguments.mailboxes), None),
)
def check_park(call: Call, domain: str, mailboxes: Any) -> Result:
    """Refuse, before anything is done, when the domain's directory or these mailboxes could not be moved to the trash."""
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


def _check_park(place: trash.Trash, home: int, boxes: Any) -> Result:
    trash.check_same_disk(place, os.fstat(home), "The domain's directory")
    for box in boxes or ():
        status = files.look(mailboxes.path_of(box), home)
        if status is None:
            continue
        if not files.is_directory(mailboxes.path_of(box), home):
            raise refused(f"{mailboxes.path_of(box)} is not a directory; it is left alone.", name=box["name"])
        trash.check_same_disk(place, status, f"The mailbox {box['name']}")
    return {}


@verb("accounts", change=True, domain=arguments.domain, text=arguments.text(arguments.LONGEST_TEXT, controls=True))
def record(call: Call, domain: str, text: str) -> Result:
    """Keep what was deleted (rows, aliases, limits) beside the parked directory: it never goes into the journal."""
    line = call.line(domain)
    owner = Owner(line.uid, line.gid)
    with call.trash(os.path.dirname(line.directory)) as place:
        call.prepare_trash(place, owner)

        def work() -> Result:
            trash.append_record(place, text, owner)
            return {}

        return call.run(owner, work)


@verb("domains", change=True, domain=arguments.domain)
def park_domain(call: Call, domain: str) -> Result:
    """Move D into the trash. Only a domain that is disconnected can be parked."""
    if qmail.find_assign(read_assign(call.config)[0], domain) is not None:
        raise refused(f"{domain} is still connected; it must be disconnected before its directory is moved.")
    return _park(call, call.line(domain))


def _park(call: Call, line: AssignLine) -> Result:
    owner, directory = Owner(line.uid, line.gid), os.path.dirname(line.directory)
    config = call.config
    call.state.reserve_removals(call.entry, [line.domain], config.removals_per_hour, config.lock_timeout)
    with call.trash(directory) as place, files.directory(call.resolve(directory)) as source:
        call.prepare_trash(place, owner)
        name = os.path.basename(line.directory)
        parked = call.run_beside(source, owner, lambda: {"name": _park_one(place, source, name, line)})
        return _parked(call, place, owner, bool(parked["name"]))


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


def _parked(call: Call, place: trash.Trash, owner: Owner, parked: bool) -> Result:
    """The answer; without retention the entry's directory is removed for good first."""
    if call.config.trash_days > 0:
        shown = place.place if parked else ""
        return {"trash": shown, "kept_until": place.kept_until() if parked else None, "parked": parked}

    def forget() -> Result:
        trash.forget(place)
        return {}

    try:
        call.run(owner, forget, seconds=3600)
    except OSError as error:
        raise HelperError("io", f"{place.place} could not be removed: {error.strerror}.") from error
    return {"trash": "", "kept_until": None, "parked": parked}

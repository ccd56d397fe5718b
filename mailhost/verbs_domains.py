"""Verbs that make a domain's directory D and take it back.

D is built under a temporary name beside its place and renamed. In the helper's own process the content is
always made by a child with the domain's ids; root, if it must act at all, only makes, renames and removes
the empty directory.
"""

import os
from contextlib import suppress
from functools import partial
from typing import Any

from mailhost import arguments, dotqmail, files, mailboxes, maildir, qmail
from mailhost.errors import exists, refused
from mailhost.files import Owner
from mailhost.home import Call, read_assign
from mailhost.qmail import AssignLine
from mailhost.registry import Args, Result, verb
from mailhost.undo import Steps
from mailhost.verbs_trash import park as park_directory

DEFAULT_FILE = dotqmail.PREFIX + "default"


def _is_made(call: Call, args: Args) -> bool:
    return os.path.isdir(call.domain_path(args["domain"], args["hash"]))


def _subject(args: Args) -> str:
    return f"directory {args['domain']}"


def _open_domains(call: Call) -> str:
    """The real path of vpopmail's `domains`, made for a store that has none yet."""
    path = call.config.vpopmail_home / "domains"
    if not path.exists():
        with files.directory(os.path.realpath(path.parent)) as home:
            owner = call.own_ids()
            call.run_beside(home, owner, lambda: _make_empty("domains", home, owner))
    return call.resolve(str(path))


def _make_empty(name: str, parent: int, owner: Owner) -> Result:
    os.close(files.make_directory(name, parent, owner))
    return {}


@verb(
    "domains",
    change=True,
    subject=_subject,
    still=_is_made,
    domain=arguments.new_domain,
    hash=(arguments.hash_directory, ""),
    unknown=(arguments.unknown, "bounce"),
    mailboxes=(arguments.list_of(arguments.first_mailbox, 100, 0), ()),
)
def make_domain(call: Call, domain: str, hash: str, unknown: str, mailboxes: list[dict[str, Any]]) -> Result:
    """Make D with `.qmail-default` and its first mailboxes.

    An empty one from an earlier attempt is replaced.
    """
    owner, path = call.own_ids(), call.domain_path(domain, hash)
    line = dotqmail.default_line(str(call.config.vpopmail_home), unknown)
    place = f"{hash}/{domain}" if hash else domain
    with files.directory(_open_domains(call)) as domains, Steps() as steps:
        _clear_staging(call, domains, domain, owner)
        if files.look(place, domains) is not None:
            if not _is_fresh_domain(domains, place):
                raise exists(f"The directory {path} exists already.", directory=path)
            _remove(call, domains, place, domain, owner)
        name = _stage(call, domains, domain, owner, steps)
        with files.directory(name, domains) as new:
            call.run(owner, lambda: _fill(new, line, mailboxes, owner, call.config.junk_folder))
            call.run_beside(domains, owner, lambda: _put(domains, name, new, hash, domain, owner))
    return {"directory": path}


def _stage(call: Call, domains: int, domain: str, owner: Owner, steps: Steps) -> str:
    """An empty directory beside the place.

    In the panel's own process it stays the process's until all is done.
    """
    name = mailboxes.staging_name(domain)
    first = owner if call.isolated else Owner(os.geteuid(), os.getegid())
    call.run_beside(domains, owner, lambda: _make_empty(name, domains, first))
    steps.done(f"the directory {name}", partial(_clear, call, domains, name, owner))
    return name


def _fill(new: int, line: str, boxes: list[dict[str, Any]], owner: Owner, junk: bool) -> Result:
    files.write(DEFAULT_FILE, new, dotqmail.write([line]), owner, 0o600)
    for box in boxes:
        mailboxes.build(box["name"], new, box["quota"], owner, junk)
    os.fsync(new)
    return {}


def _put(domains: int, name: str, new: int, hash: str, domain: str, owner: Owner) -> Result:
    """Rename the finished directory into its place.

    Hash directories that were made go again when that fails.
    """
    place = f"{hash}/{domain}" if hash else domain
    files.settle(new, owner, 0o700)
    with Steps() as steps:
        for part in files.ensure_directories(hash, domains, owner):
            steps.done(f"the directory {part}", partial(os.rmdir, part, dir_fd=domains))
        os.rename(name, place, src_dir_fd=domains, dst_dir_fd=domains)
    os.fsync(domains)
    if hash:
        files.sync(hash, domains)
    return {}


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


def _remove(call: Call, domains: int, place: str, domain: str, owner: Owner) -> None:
    """Remove a fresh domain directory: out of sight first, then its content, then itself."""
    name = mailboxes.staging_name(domain)

    def hide() -> Result:
        os.rename(place, name, src_dir_fd=domains, dst_dir_fd=domains)
        return {}

    call.run_beside(domains, owner, hide)
    _clear(call, domains, name, owner)


def _clear(call: Call, domains: int, name: str, owner: Owner) -> None:
    """Remove a directory beside D that is not, or no longer, in use. Gone already is as good."""
    with suppress(FileNotFoundError):
        with files.directory(name, domains) as fd:
            call.run(owner, lambda: mailboxes.empty(fd))
        call.run_beside(domains, owner, lambda: _rmdir(domains, name))


def _clear_staging(call: Call, domains: int, domain: str, owner: Owner) -> None:
    """Remove what a process that died while it made this domain left; under the domain's lock nobody else
    does."""
    for name in filter(partial(mailboxes.is_staging, label=domain), maildir.names_in(domains)):
        _clear(call, domains, name, owner)


def _rmdir(parent: int, name: str) -> Result:
    os.rmdir(name, dir_fd=parent)
    return {}


@verb(
    "domains",
    change=True,
    subject=_subject,
    still=lambda call, args: not _is_made(call, args),
    domain=arguments.domain,
    hash=(arguments.hash_directory, ""),
    park=(arguments.boolean, True),
)
def unmake_domain(call: Call, domain: str, hash: str, park: bool) -> Result:
    """The inverse of make_domain: remove D when it is as it was made, else park it, or leave it."""
    owner, path = call.own_ids(), call.domain_path(domain, hash)
    if qmail.find_assign(read_assign(call.config)[0], domain) is not None:
        raise refused(f"{domain} is connected; it must be disconnected before its directory goes.")
    place = f"{hash}/{domain}" if hash else domain
    with files.directory(_open_domains(call)) as domains:
        _clear_staging(call, domains, domain, owner)
        if files.look(place, domains) is not None:
            if not _is_fresh_domain(domains, place):
                if not park:
                    return {"trash": "", "kept_until": None, "parked": False, "left": True}
                return park_directory(call, AssignLine(domain, domain, owner.uid, owner.gid, path))
            _remove(call, domains, place, domain, owner)
        call.run_beside(domains, owner, lambda: mailboxes.remove_empty_hashes(domains, hash))
    return {"trash": "", "kept_until": None, "parked": False}

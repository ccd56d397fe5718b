"""Repairs of mailboxes and of what else lies in a domain's directory."""

from typing import Any

from django.utils.translation import gettext as _

from vpopmail import assigned
from vpopmail.assigned import AssignedDomain
from vpopmail.engines.base import NotFound, Refused
from vpopmail.engines.native import sql
from vpopmail.engines.native.changes import set_size_file
from vpopmail.engines.native.deletions import found_in_trash
from vpopmail.engines.native.users import Users, hash_of, real_domain
from vpopmail.engines.native.work import Work
from vpopmail.repairs import Repair

Box = dict[str, str]


def _box(domain: AssignedDomain, row: sql.Row) -> Box:
    hash = hash_of(domain, row["pw_name"], row["pw_dir"])
    if hash is None:
        raise NotFound(_("The account’s directory is not below its domain’s."))
    return {"name": row["pw_name"], "hash": hash}


def mailbox(job: Work, what: Repair) -> None:
    """What vpopmail does itself at the next delivery or sign-in."""
    domain = real_domain(what.domain)
    row = Users.of(domain.name).read(what.name)
    box = _box(domain, row)
    found = job.call("mailbox_state", domain=domain.name, mailboxes=[box])["states"][0]
    if not found["exists"]:
        box["quota"] = row["pw_shell"] or "NOQUOTA"
        job.call("make_mailboxes", domain=domain.name, mailboxes=[box])


def parts(job: Work, what: Repair) -> None:
    domain = real_domain(what.domain)
    job.call("make_parts", domain=domain.name, mailbox=_box(domain, Users.of(domain.name).read(what.name)))


def size(job: Work, what: Repair) -> None:
    _size(job, what, count_anew=False)


def recount(job: Work, what: Repair) -> None:
    _size(job, what, count_anew=True)


def _size(job: Work, what: Repair, count_anew: bool) -> None:
    domain = real_domain(what.domain)
    row = Users.of(domain.name).read(what.name)
    set_size_file(job, domain, row, row["pw_shell"] or "NOQUOTA", count_anew=count_anew)


def place(job: Work, what: Repair) -> None:
    """An empty pw_dir gets the only place where a mailbox of the name lies, or the one in D."""
    domain = real_domain(what.domain)
    users = Users.of(domain.name)
    row = users.read(what.name)
    if row["pw_dir"]:
        return
    hashes = job.call("find_mailbox", domain=domain.name, name=what.name)["hashes"]
    if len(hashes) > 1:
        raise Refused(_("There are several mailboxes of that name; this can only be mended by hand."))
    directory = "/".join(part for part in (domain.directory, *hashes, what.name) if part)
    if sql.select(users.table, ["pw_name"], {**users.scope, "pw_dir": directory}):
        raise Refused(_("Another account has the directory %(place)s.") % {"place": directory})
    users.change(job, row, {"pw_dir": directory})
    mailbox(job, what)


def modes(job: Work, what: Repair) -> None:
    """Of one mailbox, or of the domain's directory itself, its hash directories and its own files."""
    domain = real_domain(what.domain)
    boxes = [_box(domain, Users.of(domain.name).read(what.name))] if what.name else []
    hashes = [] if what.name else _hashes(job, domain.name)
    job.call("settle_modes", domain=domain.name, mailboxes=boxes, hashes=hashes)


def _hashes(job: Work, domain: str) -> list[str]:
    found, waiting = [], [""]
    while waiting:
        hash = waiting.pop()
        found.append(hash)
        waiting += job.call("list_mailboxes", domain=domain, hash=hash, limit=1)["below"]
    return [hash for hash in found if hash]


def stray(job: Work, what: Repair) -> dict[str, Any]:
    """A mailbox without an account goes to the trash; its mail can be put into an account from there."""
    domain = real_domain(what.domain)
    hash, _slash, name = what.name.rpartition("/")
    users = Users.of(domain.name)
    directory = "/".join(part for part in (domain.directory, hash, name) if part)
    if sql.select(users.table, ["pw_name"], {**users.scope, "pw_dir": directory}):
        raise Refused(_("There is an account with the directory %(place)s.") % {"place": directory})
    return found_in_trash(job.call("park_mailbox", domain=domain.name, name=name, hash=hash))


def connect(job: Work, what: Repair) -> None:
    """The line of a domain comes back that has rows and one directory of vpopmail's."""
    if what.domain in assigned.domains():
        raise Refused(_("%(domain)s is a domain of this server.") % {"domain": what.domain})
    hashes = job.call("find_directory", domain=what.domain)["hashes"]
    if len(hashes) != 1:
        raise Refused(_("There is no directory of that name, or there are several."))
    job.call("connect_domain", domain=what.domain, real=what.domain, hash=hashes[0])

"""Verbs that take parts out of a parked domain: single mailboxes and aliases, for the domain of that name
that there is now; and what must be written anew when a domain comes back under another name.

Nothing that stands is overwritten: mail is added, lines of aliases are added.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import replace

from mailhost import arguments, dotqmail, files, mailboxes, maildir
from mailhost.errors import HelperError
from mailhost.home import Call, Home
from mailhost.parked import Parked, copies, opened
from mailhost.registry import Args, Result, verb
from mailhost.verbs_restore import box_subject, check_owner, former_line, is_back, lead_back, restore_box

_LEVELS = 3  # of hash directories
_HASH = re.compile(r"[0-9A-Za-z]\Z")
_MOST_TOLD = 20


@verb("read", source=arguments.entry, domain=arguments.domain)
def former_directory(call: Call, source: str, domain: str) -> Result:
    """Where the directory of a parked domain was, and whose."""
    with opened(call, source) as parked:
        line = former_line(call, parked, domain, "", source)
    return {"directory": line.directory, "uid": line.uid}


# Mailboxes


@verb(
    "accounts",
    change=True,
    subject=box_subject,
    still=is_back,
    domain=arguments.domain,
    name=arguments.local_part,
    hash=arguments.hash_directory,
    source=arguments.entry,
    former=arguments.domain,
    was=arguments.local_part,
    inside=arguments.hash_directory,
    merge=(arguments.boolean, False),
)
def take_mailbox(
    call: Call,
    domain: str,
    name: str,
    hash: str,
    source: str,
    former: str,
    was: str,
    inside: str,
    merge: bool,
) -> Result:
    """Bring the mailbox `inside/was` of the parked domain `former` back as D[/hash]/name.

    A directory of that name that holds anything is refused, unless `merge` puts the mail into it.
    """
    box = {"name": name, "hash": hash}
    with call.home(domain) as home, opened(call, source) as parked:
        check_owner(home, parked)
        mailboxes.check_path(home.directory, box)
        return call.run(home.owner, lambda: _take(home, parked, box, (former, inside, was), merge))


def _take(
    home: Home, parked: Parked, box: dict[str, str], place: tuple[str, str, str], merge: bool
) -> Result:
    """Also what a delivery under way had made anew when the domain was deleted."""
    former, inside, was = place
    taken: Result = {"restored": False, "messages": 0, "left": []}
    for copy in copies(former):
        if not files.is_directory(copy, parked.fd):
            continue
        try:
            with files.directory(copy, parked.fd) as top, mailboxes.open_hash(top, inside) as parent:
                at = replace(parked, fd=parent)
                found = restore_box(home, at, box, [was], merge or taken["restored"])
        except FileNotFoundError:
            continue  # no such hash directory in this copy
        taken["restored"] |= found["restored"]
        taken["messages"] += found["messages"]
        taken["left"] += [f"{copy}/{name}" for name in found["left"]]
    return taken


@verb(
    "accounts",
    change=True,
    subject=box_subject,
    domain=arguments.domain,
    name=arguments.local_part,
    hash=arguments.hash_directory,
    source=arguments.entry,
    former=arguments.domain,
    was=arguments.local_part,
    inside=arguments.hash_directory,
)
def untake_mailbox(
    call: Call, domain: str, name: str, hash: str, source: str, former: str, was: str, inside: str
) -> Result:
    """The inverse of taking without merging: back into the parked domain."""
    box, config = {"name": name, "hash": hash}, call.config
    with call.home(domain) as home, opened(call, source) as parked:
        call.state.reserve_removals(
            call.entry, [f"{name}@{domain}"], config.removals_per_hour, config.lock_timeout
        )
        check_owner(home, parked)
        return call.run(home.owner, lambda: _untake(home, parked, box, (former, inside, was)))


def _untake(home: Home, parked: Parked, box: dict[str, str], place: tuple[str, str, str]) -> Result:
    former, inside, was = place
    with files.directory(former, parked.fd) as top, mailboxes.open_hash(top, inside) as parent:
        if mailboxes.look(home.fd, box) is None or files.look(was, parent) is not None:
            return {}
        lead_back(home, box, was)
        os.rename(mailboxes.path_of(box), was, src_dir_fd=home.fd, dst_dir_fd=parent)
    mailboxes.remove_empty_hashes(home.fd, box["hash"])
    return {}


# Aliases that are files


@verb("read", source=arguments.entry, former=arguments.domain, after=(arguments.text(80), ""))
def parked_aliases(call: Call, source: str, former: str, after: str) -> Result:
    """The names of the aliases that are files in a parked domain, at most 500 behind `after`."""
    with opened(call, source) as parked:
        return call.run(parked.owner, lambda: _names(parked, former, after))


def _names(parked: Parked, former: str, after: str) -> Result:
    if not files.is_directory(former, parked.fd):
        return {"names": []}
    with files.directory(former, parked.fd) as top:
        found = sorted(name for file in maildir.names_in(top) if (name := dotqmail.name_of(file)) is not None)
    return {"names": [name for name in found if name > after][:500]}


def _alias_subject(args: Args) -> str:
    return f"alias {args['domain']} {args['name']}"


@verb(
    "accounts",
    change=True,
    subject=_alias_subject,
    domain=arguments.domain,
    name=arguments.alias_name,
    source=arguments.entry,
    former=arguments.domain,
    was=arguments.alias_name,
)
def take_alias(call: Call, domain: str, name: str, source: str, former: str, was: str) -> Result:
    """Add the lines of the parked domain's alias `was` that the alias `name` does not have yet; which they
    were."""
    with call.home(domain) as home, opened(call, source) as parked:
        check_owner(home, parked)
        moved = (former_line(call, parked, former, "", source).directory, home.directory)
        return call.run(home.owner, lambda: _take_alias(home, parked, former, (name, was), moved))


def _take_alias(
    home: Home, parked: Parked, former: str, names: tuple[str, str], moved: tuple[str, str]
) -> Result:
    name, was = map(dotqmail.file_name, names)
    with files.directory(former, parked.fd) as top:
        old = files.read(was, top, home.owners, dotqmail.LONGEST_FILE)
    found = files.read(name, home.fd, home.owners, dotqmail.LONGEST_FILE)
    lines = dotqmail.parse(found[0]) if found else []
    theirs = [dotqmail.with_paths(line, *moved) for line in dotqmail.parse(old[0])] if old else []
    new = [line for line in theirs if line not in lines]
    if new or (old and found is None):
        files.write(name, home.fd, dotqmail.write([*lines, *new]), home.owner, 0o600)
    return {"lines": new, "made": bool(old and found is None)}


@verb(
    "accounts",
    change=True,
    subject=_alias_subject,
    domain=arguments.domain,
    name=arguments.alias_name,
    lines=arguments.list_of(arguments.dotqmail_line, 1000, 0),
    made=arguments.boolean,
)
def untake_alias(call: Call, domain: str, name: str, lines: list[str], made: bool) -> Result:
    """The inverse: without these lines; gone when it was made by them."""
    with call.home(domain) as home:
        return call.run(home.owner, lambda: _untake_alias(home, dotqmail.file_name(name), lines, made))


def _untake_alias(home: Home, file: str, lines: list[str], made: bool) -> Result:
    found = files.read(file, home.fd, home.owners, dotqmail.LONGEST_FILE)
    if found is None:
        return {}
    left = [line for line in dotqmail.parse(found[0]) if line not in lines]
    if made and not left:
        os.unlink(file, dir_fd=home.fd)
    else:
        files.write(file, home.fd, dotqmail.write(left), home.owner, 0o600)
    return {}


# Another name


@verb(
    "domains",
    change=True,
    subject=lambda args: f"paths {args['domain']}",
    domain=arguments.domain,
    source=arguments.entry,
    was=arguments.domain,
    back=(arguments.boolean, False),
)
def move_paths(call: Call, domain: str, source: str, was: str, back: bool) -> Result:
    """In every `.qmail` file of a domain that came back under another name, lead deliveries from its former
    directory to the new one. `back` is the inverse. `addressed`: files that name addresses of `was`."""
    with call.home(domain) as home, opened(call, source) as parked:
        check_owner(home, parked)
        moved = (former_line(call, parked, was, "", source).directory, home.directory)
        if back:
            moved = (moved[1], moved[0])
        return call.run(home.owner, lambda: _move_paths(home, moved, f"@{was}"), 3600)


def _move_paths(home: Home, moved: tuple[str, str], address: str) -> Result:
    addressed: list[str] = []
    for place, name in _dot_files(home.fd, ""):
        with mailboxes.open_hash(home.fd, place) as fd:
            try:
                found = files.read(name, fd, home.owners, dotqmail.LONGEST_FILE)
            except HelperError:
                continue  # no plain file of the domain's: qmail does not read it either
            text = found[0].decode("utf-8", "surrogateescape") if found else ""
            new = dotqmail.with_paths(text, *moved)
            if found and new != text:
                data = new.encode("utf-8", "surrogateescape")
                files.write(name, fd, data, home.owner, found[1].st_mode & 0o777)
        if address in text and len(addressed) < _MOST_TOLD:
            addressed.append(f"{place}/{name}".lstrip("/"))
    return {"addressed": addressed}


def _dot_files(home: int, place: str, level: int = 0) -> Iterator[tuple[str, str]]:
    """Directory below D and name of the domain's own `.qmail` files, and of those of its mailboxes."""
    with mailboxes.open_hash(home, place) as fd:
        names = [(name, files.is_directory(name, fd)) for name in sorted(maildir.names_in(fd))]
    for name, is_directory in names:
        path = f"{place}/{name}" if place else name
        if not is_directory:
            if name == ".qmail" or (not level and name.startswith(".qmail")):
                yield place, name
        elif level < _LEVELS and _HASH.match(name):
            yield from _dot_files(home, path, level + 1)
        elif not name.startswith("."):
            yield path, ".qmail"

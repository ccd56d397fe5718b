"""Accounts against the directories of their domain: rows without directory, directories without row, places
that several share, names that collide with directories, and the placement counter behind its rows.

One domain after the other; rows and directories in pieces of a thousand. No mailbox is walked.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain

from django.db.models import Q
from django.utils.translation import gettext as _

from mailhost.names import HASH_LETTERS, BadName, check_local_part
from server import doctor_places
from server.doctor_sizes import Draw, Sample
from server.findings import Finding
from vpopmail import helper
from vpopmail.assigned import AssignedDomain
from vpopmail.database import quoted, reading, rows
from vpopmail.engines.base import VpopmailError
from vpopmail.engines.native.users import hash_of
from vpopmail.models import DirControl, accounts_of
from vpopmail.repairs import Mend, Repair
from vpopmail.schema import MANY, schema

BATCH = 1000
Row = tuple[str, str, str]  # name, pw_dir, pw_shell


def of_domain(domain: AssignedDomain, sample: Sample) -> Iterator[Finding]:
    """Everything about one real domain; a domain whose directory cannot be read is left to the others."""
    total = 0
    few: list[Row] | None = []
    draw = sample.of(domain)
    for batch in _rows(domain.name):
        few = batch if total == 0 and len(batch) < BATCH else None
        total += len(batch)
        yield from _rows_against_directories(domain, batch, draw)
    yield from draw.findings()
    yield from _shared(domain, few)
    if total == 0:
        yield _no_accounts(domain)
    yield from _counter(domain, total)
    try:
        yield from _directories_against_rows(domain, few)
    except VpopmailError:
        return  # the comparison with users/assign tells what is wrong with the directory


def _no_accounts(domain: AssignedDomain) -> Finding:
    return Finding(
        "no-accounts",
        domain.name,
        _("%(name)s has no account at all.") % {"name": domain.name},
        "",
        _("By hand: add %(address)s, or delete the domain.") % {"address": f"postmaster@{domain.name}"},
    )


def _rows(domain: str) -> Iterator[list[Row]]:
    after = ""
    while True:
        accounts = accounts_of(domain).filter(name__gt=after).order_by("name")
        found = reading(lambda of=accounts: list(of.values_list("name", "dir", "shell")[:BATCH]))
        if found:
            yield [(str(name), str(place or ""), str(quota or "")) for name, place, quota in found]
        if len(found) < BATCH:
            return
        after = found[-1][0]


def _rows_against_directories(domain: AssignedDomain, batch: Sequence[Row], draw: Draw) -> Iterator[Finding]:
    boxes = []
    for name, place, quota in batch:
        hash = hash_of(domain, name, place)
        if hash is None:
            yield from doctor_places.elsewhere(domain, name, place)
        elif _is_name(name):
            boxes.append({"name": name, "hash": hash})
            draw.offer(name, hash, quota)
        elif schema().big_dir and hash == "" and len(name) == 1 and name in HASH_LETTERS:
            yield _named_like_hash(domain, name)
    if not boxes:
        return
    try:
        found = helper.call("look_mailboxes", domain=domain.name, mailboxes=boxes)["found"]
    except VpopmailError:
        return
    for box, state in zip(boxes, found, strict=True):
        if state["exists"]:
            yield from doctor_places.in_mailbox(domain, box, state)
        elif accounts_of(domain.name).filter(name=box["name"]).exists():  # not deleted meanwhile
            yield _without_directory(domain, box)


def _named_like_hash(domain: AssignedDomain, name: str) -> Finding:
    address = f"{name}@{domain.name}"
    return Finding(
        "name-hash",
        address,
        _("The mailbox of %(address)s has the name of a directory that vpopmail places mailboxes in.")
        % {"address": address},
        f"{domain.directory}/{name}",
        _("By hand: give the account a longer name. Deleting it would delete the mailboxes placed in it."),
    )


def _is_name(name: str) -> bool:
    try:
        check_local_part(name)
    except BadName:
        return False
    return True


def _without_directory(domain: AssignedDomain, box: dict[str, str]) -> Finding:
    address = f"{box['name']}@{domain.name}"
    return Finding(
        "no-directory",
        address,
        _("%(address)s has no directory.") % {"address": address},
        doctor_places.path(domain, box),
        _("Make an empty mailbox there, as vpopmail does itself when mail arrives."),
        Repair(Mend.MAILBOX, domain.name, box["name"]),
        safe=True,
    )


def _shared(domain: AssignedDomain, few: list[Row] | None) -> Iterator[Finding]:
    """Directories that several accounts of the domain have."""
    for place in _places_twice(domain.name, few):
        alike = accounts_of(domain.name).filter(dir=place).order_by("name").values_list("name", "dir")[:100]
        names = [str(name) for name, directory in alike if directory == place]
        yield Finding(
            "directory-shared",
            place,
            _("Accounts of %(name)s have the same directory.") % {"name": domain.name},
            ", ".join(names[:10]),
            _("By hand: give each a directory of its own; the panel moves and removes none of them."),
        )


def _places_twice(domain: str, few: list[Row] | None) -> list[str]:
    if few is not None:
        counted = Counter(place for _name, place, _quota in few if place)
        return [place for place, count in counted.items() if count > 1]
    # Hash directories differ by case alone, which most collations ignore.
    column = "pw_dir" if schema().sqlite else "CAST(pw_dir AS BINARY)"
    where, params = ("pw_domain = %s", [domain]) if schema().layout == MANY else ("1 = 1", [])
    found = rows(
        f"SELECT MIN(pw_dir) FROM {quoted(schema().user_table(domain))} WHERE {where} AND pw_dir <> '' "  # noqa: S608
        f"GROUP BY {column} HAVING COUNT(*) > 1 LIMIT 1000",
        params,
    )
    return [str(place) for (place,) in found]


def _counter(domain: AssignedDomain, total: int) -> Iterator[Finding]:
    """Behind its rows a counter places too many mailboxes into one directory."""
    if not schema().big_dir or not schema().has_table("dir_control"):
        return
    counted = DirControl.objects.filter(domain=domain.name).values_list("cur_users", flat=True).first()
    if (counted or 0) < total:
        yield Finding(
            "counter-behind",
            domain.name,
            _("The counter that places mailboxes of %(name)s is behind the accounts.")
            % {"name": domain.name},
            f"{counted if counted is not None else '–'} < {total}",
            _("Count on to %(total)d, directory by directory as vpopmail does.") % {"total": total},
            Repair(Mend.COUNTER, domain.name),
            safe=True,
        )


def _directories_against_rows(domain: AssignedDomain, few: list[Row] | None) -> Iterator[Finding]:
    """`few`: all rows of the domain, where they are not many."""
    waiting, hashes = [""], []
    all_places = {place for _name, place, _quota in few} if few is not None else None
    while waiting:
        hash, after, more = waiting.pop(), "", True
        hashes.append(hash)
        while more:
            answer = helper.call("list_mailboxes", domain=domain.name, hash=hash, after=after, limit=BATCH)
            names, more = answer["mailboxes"], answer["more"]
            places = all_places if all_places is not None else _places_of(domain.name, names)
            yield from chain.from_iterable(_box(domain, hash, name, places) for name in names)
            after = names[-1] if names else ""
        waiting += answer["below"]
    yield from doctor_places.in_domain(domain, hashes)


def _places_of(domain: str, names: Sequence[str]) -> set[str]:
    ascii_names = [name for name in names if name.isascii()]
    if not ascii_names:
        return set()
    return {str(d) for d in accounts_of(domain).filter(name__in=ascii_names).values_list("dir", flat=True)}


def _box(domain: AssignedDomain, hash: str, name: str, places: set[str]) -> Iterator[Finding]:
    place = doctor_places.path(domain, {"name": name, "hash": hash})
    if place in places:
        return
    accounts = accounts_of(domain.name)
    if accounts.filter(dir=place).exists():
        return
    if accounts.filter(name=name).filter(Q(dir="") | Q(dir__isnull=True)).exists():
        return  # whose it is, is a finding of its own
    movable = _is_name(name)
    yield Finding(
        "no-account",
        f"{hash}/{name}@{domain.name}".lstrip("/"),
        _("There is a mailbox without an account: %(place)s.") % {"place": place},
        place,
        _("Move the directory to the trash, from where its mail can be put into an account of that name.")
        if movable
        else _("By hand: move it away."),
        Repair(Mend.STRAY, domain.name, f"{hash}/{name}") if movable else None,
    )

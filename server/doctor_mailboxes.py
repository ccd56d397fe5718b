"""Accounts against the directories of their domain: rows without directory, directories without row, places
shared or elsewhere, owners and modes, and the placement counter behind its rows.

One domain after the other; rows and directories in pieces of a thousand. No mailbox is walked.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from django.utils.translation import gettext as _

from mailhost.names import BadName, check_local_part
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
Row = tuple[str, str]  # name, pw_dir


def of_domain(domain: AssignedDomain) -> Iterator[Finding]:
    """Everything about one real domain; a domain whose directory cannot be read is left to the others."""
    total = 0
    few: list[Row] | None = []
    for batch in _rows(domain.name):
        few = batch if total == 0 and len(batch) < BATCH else None
        total += len(batch)
        yield from _rows_against_directories(domain, batch)
    yield from _shared(domain, few)
    if total == 0:
        yield Finding(
            "no-accounts", domain.name, _("%(name)s has no account at all.") % {"name": domain.name}
        )
    yield from _counter(domain, total)
    try:
        yield from _directories_against_rows(domain, few)
    except VpopmailError:
        return  # the comparison with users/assign tells what is wrong with the directory


def _rows(domain: str) -> Iterator[list[Row]]:
    after = ""
    while True:
        accounts = accounts_of(domain).filter(name__gt=after).order_by("name")
        found = reading(lambda of=accounts: list(of.values_list("name", "dir")[:BATCH]))
        if found:
            yield [(str(name), str(place)) for name, place in found]
        if len(found) < BATCH:
            return
        after = found[-1][0]


def _rows_against_directories(domain: AssignedDomain, batch: Sequence[Row]) -> Iterator[Finding]:
    boxes = []
    for name, place in batch:
        hash = hash_of(domain, name, place)
        if hash is None:
            yield _elsewhere(domain, name, place)
        elif _is_name(name):
            boxes.append({"name": name, "hash": hash})
    if not boxes:
        return
    try:
        states = helper.call("mailbox_state", domain=domain.name, mailboxes=boxes)["states"]
    except VpopmailError:
        return
    for box, state in zip(boxes, states, strict=True):
        if not state["exists"]:
            if accounts_of(domain.name).filter(name=box["name"]).exists():  # not deleted meanwhile
                yield _without_directory(domain, box)
        elif not state["maildir"]:
            address = f"{box['name']}@{domain.name}"
            yield Finding(
                "no-maildir",
                address,
                _("The directory of %(address)s holds no Maildir.") % {"address": address},
                _place(domain, box),
                _("By hand: look at what is there; vpopmail makes a Maildir only in a new directory."),
            )


def _is_name(name: str) -> bool:
    try:
        check_local_part(name)
    except BadName:
        return False
    return True


def _place(domain: AssignedDomain, box: dict[str, str]) -> str:
    return "/".join(part for part in (domain.directory, box["hash"], box["name"]) if part)


def _elsewhere(domain: AssignedDomain, name: str, place: str) -> Finding:
    address = f"{name}@{domain.name}"
    if not place:
        return Finding(
            "directory-unset",
            address,
            _("The row of %(address)s names no directory; if one exists, its mail bounces.")
            % {"address": address},
            "pw_dir = ''",
            _("By hand: write %(place)s into pw_dir.") % {"place": f"{domain.directory}/{name}"},
        )
    return Finding(
        "directory-elsewhere",
        address,
        _("The mailbox of %(address)s does not lie in its domain’s directory.") % {"address": address},
        place,
        _("Nothing, if it is meant to be so. The panel never moves or removes such a directory."),
    )


def _without_directory(domain: AssignedDomain, box: dict[str, str]) -> Finding:
    address = f"{box['name']}@{domain.name}"
    return Finding(
        "no-directory",
        address,
        _("%(address)s has no directory.") % {"address": address},
        _place(domain, box),
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
        counted = Counter(place for _name, place in few if place)
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
    waiting = [""]
    all_places = {place for _name, place in few} if few is not None else None
    while waiting:
        hash, after, more = waiting.pop(), "", True
        while more:
            answer = helper.call("list_mailboxes", domain=domain.name, hash=hash, after=after, limit=BATCH)
            boxes, more = answer["mailboxes"], answer["more"]
            names = [box["name"] for box in boxes]
            places = all_places if all_places is not None else _places_of(domain.name, names)
            yield from chain.from_iterable(_box(domain, hash, box, places) for box in boxes)
            after = names[-1] if names else ""
        waiting += answer["below"]


def _places_of(domain: str, names: Sequence[str]) -> set[str]:
    ascii_names = [name for name in names if name.isascii()]
    if not ascii_names:
        return set()
    return {str(d) for d in accounts_of(domain).filter(name__in=ascii_names).values_list("dir", flat=True)}


def _box(domain: AssignedDomain, hash: str, box: dict[str, Any], places: set[str]) -> Iterator[Finding]:
    name, place = box["name"], _place(domain, {"name": box["name"], "hash": hash})
    if place not in places and not accounts_of(domain.name).filter(dir=place).exists():
        yield Finding(
            "no-account",
            place,
            _("There is a mailbox without an account: %(place)s.") % {"place": place},
            "",
            _("By hand: move it away, or add the account %(address)s and move the mail into it.")
            % {"address": f"{name}@{domain.name}"},
        )
    elif box["torn"] and _is_name(name):
        address = f"{name}@{domain.name}"
        yield Finding(
            "size-torn",
            address,
            _("The file maildirsize of %(address)s is damaged: its quota is not kept.")
            % {"address": address},
            f"{place}/Maildir/maildirsize",
            _("Count the mailbox and write the file anew, or remove it when there is no quota."),
            Repair(Mend.SIZE, domain.name, name),
            safe=True,
        )
    if not box["owned"] or box["mode"] & 0o022:
        yield Finding(
            "mailbox-owner",
            place,
            _("The mailbox %(place)s has another owner than its domain, or others may write into it.")
            % {"place": place},
            f"{box['mode']:04o}" + ("" if box["owned"] else " ≠ " + f"{domain.uid}:{domain.gid}"),
            _("By hand: chown -R %(owner)s and chmod go-w, once you know why it changed.")
            % {"owner": f"{domain.uid}:{domain.gid}"},
        )

"""Disabling accounts and enabling them again: service bits, the lock before the hash, the clear password, and
the accounts' own `.qmail`, for some hundred accounts of a domain at once."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from vpopmail import assigned
from vpopmail.assigned import AssignedDomain
from vpopmail.engines.base import NotFound, Outcome, Refused, Switch
from vpopmail.engines.native import sessions, sql
from vpopmail.engines.native.users import Users, changed, hash_of, real_domain
from vpopmail.engines.native.work import Work, work
from vpopmail.locked import LOCK, is_locked

MOST_TOLD = 10  # names in a warning
VERBS = {True: "put_dotqmail_aside", False: "put_dotqmail_back"}
Box = dict[str, str]
Note = Mapping[str, Any]


def switch(domain: str, switches: Sequence[Switch], entry: str) -> Outcome:
    """All of them or none. The files move first: what a failure takes back then is no password."""
    real = real_domain(domain)
    with work(real.name, entry=entry) as job:
        users = Users.of(real.name)
        rows = _read(users, switches)
        for aside in (True, False):
            names = [switch.name for switch in switches if switch.aside is aside]
            _move_files(job, real, [rows[name] for name in names], aside)
        locking = [switch.name for switch in switches if switch.lock]
        for name in locking:
            job.note("signs_out", domain=real.name, name=name)
        with job.rows():
            for switch in switches:
                if values := _values(users, rows[switch.name], switch):
                    users.change(job, rows[switch.name], values)
        sessions.end_all(job, [real.name, *assigned.domains().aliases_of(real.name)], locking)
        return job.outcome()


def _read(users: Users, switches: Sequence[Switch]) -> dict[str, sql.Row]:
    """The rows by name, as they were seen. Raises NotFound, Changed."""
    names = [switch.name for switch in switches]
    readable = users.readable if users.columns else []
    found = sql.select_named(users.table, readable, users.scope, "pw_name", names) if readable else []
    rows = {str(row["pw_name"]).lower(): row for row in found}
    for switch in switches:
        row = rows.get(switch.name)
        if row is None:
            address = f"{switch.name}@{users.domain}"
            raise NotFound(_("There is no account %(address)s.") % {"address": address})
        if (row["pw_gid"] or 0) != switch.gid or is_locked(row["pw_passwd"]) is not switch.was_locked:
            raise changed(switch.name, users.domain)
    return rows


def _values(users: Users, row: sql.Row, switch: Switch) -> sql.Row:
    """The columns that change; hash and clear password in one UPDATE."""
    values: sql.Row = {}
    stored = row["pw_passwd"] or ""
    gid = (switch.gid | switch.set_flags) & ~switch.clear_flags
    if gid != switch.gid:
        values["pw_gid"] = gid
    if switch.lock is False and switch.was_locked:
        values["pw_passwd"] = stored.removeprefix(LOCK)
    elif switch.lock and not switch.was_locked:
        values["pw_passwd"] = _fitting(users, LOCK + stored)
        if "pw_clear_passwd" in users.columns:
            values["pw_clear_passwd"] = ""
    return values


def _fitting(users: Users, locked: str) -> str:
    width = users.columns.get("pw_passwd")
    if width is not None and len(locked) > width:
        raise Refused(_("This server's table has no room for the mark that locks the password."))
    return locked


def _move_files(job: Work, real: AssignedDomain, rows: Sequence[sql.Row], aside: bool) -> None:
    """What does not move is not noted: recovery would take it for moved."""
    boxes = [box for row in rows if (box := _box(real, row)) is not None]
    if boxes:
        there = job.call("look_aside", domain=real.name, mailboxes=boxes)["here" if aside else "aside"]
        boxes = [box for box in boxes if box["name"] in there]
    if not boxes:
        return
    job.note("aside", domain=real.name, boxes=boxes, aside=aside)
    found = job.call(VERBS[aside], domain=real.name, mailboxes=boxes)
    if moved := [box for box in boxes if box["name"] in found["moved"]]:
        what = _("the forwarding of %(names)s") % {"names": _some(found["moved"])}
        job.takes_back(what, VERBS[not aside], domain=real.name, mailboxes=moved)
    if found["left"]:
        job.warnings.append(_left(found["left"], aside))


def _box(real: AssignedDomain, row: sql.Row) -> Box | None:
    place = hash_of(real, row["pw_name"], row["pw_dir"])
    return None if place is None else {"name": row["pw_name"], "hash": place}


def _left(names: Sequence[str], aside: bool) -> str:
    if aside:
        text = _("Forwarding goes on for these accounts, whose file could not be put aside: %(names)s.")
    else:
        text = _(
            "A new forwarding was set meanwhile and stays; the former one is still put aside for: %(names)s."
        )
    return text % {"names": _some(names)}


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:MOST_TOLD])
    return f"{shown}, …" if len(names) > MOST_TOLD else shown


# --- recovery ---


def settle_files(job: Work, notes: Iterable[Note], standing: Mapping[str, bool]) -> None:
    """Files that were being moved follow the rows: where the new one stands the move is finished, else it is
    undone. `standing` says it by account; an account without an answer was never come to."""
    for note in notes:
        for aside in (True, False):
            boxes = [box for box in note["boxes"] if _goes_aside(note, standing, box) is aside]
            if boxes:
                job.call(VERBS[aside], domain=note["domain"], mailboxes=boxes)


def _goes_aside(note: Note, standing: Mapping[str, bool], box: Box) -> bool:
    return bool(note["aside"] is standing.get(box["name"], False))

"""Settling what was stopped: which of its notes say which way to go, and that nobody is at work there."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from vpopmail import helper
from vpopmail.engines.base import Settled, Unavailable
from vpopmail.engines.native import (
    recovery_additions,
    recovery_answers,
    recovery_changes,
    recovery_deletions,
    recovery_restorations,
)
from vpopmail.engines.native.work import RECOVERY_PATIENCE, work

Note = Mapping[str, Any]
ADDITIONS = {"directory", "mailboxes", "slots", "table", "connect", "alias_row", "counter"}


def settle(notes: Sequence[Note], entry: str) -> Settled:
    """See Engine.settle."""
    names = _names(notes)
    _refuse_busy(names)
    settled = _settle(_without_taken_back(notes), entry)
    if any(note["kind"] == "part" for note in notes):
        text = _("It was made in parts, and stopped before the last one: done again, it goes on from there.")
        settled = Settled(False, (text,))
    for name in names:
        boxes = [box for note in notes if note.get("domain") == name for box in _boxes(note)]
        helper.call("tidy", domain=name, mailboxes=boxes)
    return settled


def _settle(notes: Sequence[Note], entry: str) -> Settled:
    names, kinds = _names(notes), {note["kind"] for note in notes}
    if "vlog" in kinds:
        return Settled(False, (_("What it did before it was stopped stands; it can be run again."),))
    if kinds & {"ip_map", "default_limits"}:
        with work(entry=entry) as job:
            return recovery_changes.read(job, notes)
    if not names and not kinds & ADDITIONS:
        return Settled(False, (_("It was stopped before anything was changed, or was taken back."),))
    if "restore" in kinds:
        return recovery_restorations.forward(notes, entry)
    if kinds & recovery_deletions.FORWARD.keys():
        return recovery_deletions.forward(notes, entry)
    with work(*names, entry=entry, patience=RECOVERY_PATIENCE) as job:
        if "answer" in kinds:
            return recovery_answers.settle(job, notes)
        if kinds & ADDITIONS:
            return recovery_additions.settle(job, notes)
        return recovery_changes.read(job, notes)


def _boxes(note: Note) -> list[dict[str, str]]:
    """Mailboxes in which a file may have been half written."""
    if note["kind"] == "mailboxes":
        return list(note["boxes"])
    if note["kind"] == "answer":
        where = note["where"]
        return [] if where["hash"] is None else [{"name": where["name"], "hash": where["hash"]}]
    return [note["box"]] if note["kind"] in ("size", "dotqmail") else []


def _without_taken_back(notes: Sequence[Note]) -> list[Note]:
    """The notes less those of steps that were taken back already, by the change that had made them."""
    left: list[Note] = []
    for note in notes:
        if note["kind"] == "taken_back":
            del left[max(0, len(left) - note.get("notes", len(left))) :]
        else:
            left.append(note)
    return left


def _names(notes: Sequence[Note]) -> list[str]:
    """The domains and alias domains that the change touched."""
    found: set[str] = set()
    for note in notes:
        if note["kind"] == "vdeldomain":
            found.update(note["names"])
        found.update(str(note[key]) for key in ("real", "name") if note["kind"] == "vdelalias")
        if isinstance(note.get("domain"), str):
            found.add(note["domain"])
        if note["kind"] in ("connect", "alias_row"):
            found.add(note["real"])
        if note["kind"] == "alias_row":
            found.add(note["alias"])
    return sorted(found)


def _refuse_busy(names: list[str]) -> None:
    """The helper finishes a verb whose caller has died; the engine's own lock says the rest."""
    busy = helper.call("busy", domains=names)["busy"] if names else []
    if busy:
        raise Unavailable(_("Somebody is at work on %(names)s.") % {"names": ", ".join(busy)})
    with work(*names, patience=RECOVERY_PATIENCE):
        pass

"""Stopped restores go forward: what was in the trash is in its place, and its rows follow. Every step may be
done again."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from vpopmail import assigned, trash
from vpopmail.engines.base import NotFound, Outcome, Settled
from vpopmail.engines.native import counters, domain_restoration, restoration
from vpopmail.engines.native.domains import drop_table
from vpopmail.engines.native.placement import Counter
from vpopmail.engines.native.users import Users
from vpopmail.engines.native.work import RECOVERY_PATIENCE, Work, work
from vpopmail.schema import schema

Note = Mapping[str, Any]


def forward(notes: Sequence[Note], entry: str) -> Settled:
    """Finish the restore that was begun under the entry."""
    number, note = next((n, note) for n, note in enumerate(notes) if note["kind"] == "restore")
    try:
        parked = trash.find(note["source"])
    except NotFound:
        return Settled(True, (_("It was complete: everything stands."),))
    if parked.is_domain:
        outcome = _domain(parked, notes[number + 1 :], entry)
    elif note["merge"]:
        outcome = restoration.restore(parked.source, note["name"], True, entry)
    else:
        outcome = _account(parked, note["name"], notes[number + 1 :], entry)
    return Settled(True, (_("It had begun and was finished."), *outcome.warnings))


def _account(parked: trash.Parked, name: str, later: Sequence[Note], entry: str) -> Outcome:
    """When its row stands, what follows it is done again; else everything is."""
    with work(parked.domain, entry=entry, patience=RECOVERY_PATIENCE) as job:
        returning = restoration.read(parked, name or parked.name)
        users = Users.of(parked.domain)
        if users.taken([returning.name]):
            row = users.read(returning.name)
            if row["pw_passwd"] == returning.row["pw_passwd"]:
                with job.rows():
                    _count(job, parked.domain, later)
                    restoration.insert_others(job, returning)
                restoration.finish(job, returning)
                return job.outcome()
    return restoration.restore(parked.source, name, False, entry)


def _count(job: Work, domain: str, later: Sequence[Note]) -> None:
    """A count that was to be written may have been; one that was not noted was not."""
    noted = [note for note in later if note["kind"] == "counter"]
    if noted:
        counters.finish(domain, noted[-1]["before"], Counter(**noted[-1]["after"]))
    elif schema().big_dir:
        counters.count_again(job, domain)


def _domain(parked: trash.Parked, later: Sequence[Note], entry: str) -> Outcome:
    """When qmail knows it, its rows stand; else all is done again, and counted once."""
    found = assigned.domains().get(parked.domain)
    if found is not None and not found.is_alias:
        return domain_restoration.finish(parked.source, parked.domain, entry)
    with work(parked.domain, entry=entry, patience=RECOVERY_PATIENCE) as job:
        with job.rows():
            for note in reversed(later):
                if note["kind"] == "counter":
                    counters.take_back_noted(note["name"], note["before"], Counter(**note["after"]))
        for note in later:
            if note["kind"] == "table":  # it was made by this restore, and its rows are in the record
                drop_table(note["table"])
    return domain_restoration.restore(parked.source, entry)

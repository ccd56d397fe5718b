"""Stopped deletions go forward: from the start when the row or the assign line is there, else from where
they stopped."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from vpopmail import assigned, underway
from vpopmail.assigned import AssignedDomain
from vpopmail.engines.base import NotFound, Outcome, Settled
from vpopmail.engines.native import aliasdomains, aliases, counters, deletions, records, removal, sql
from vpopmail.engines.native.domains import counter_of_domains, drop_table
from vpopmail.engines.native.placement import Counter
from vpopmail.engines.native.sessions import end as end_sessions
from vpopmail.engines.native.users import Users, delete_rows
from vpopmail.engines.native.work import RECOVERY_PATIENCE, Work, work
from vpopmail.schema import MANY, schema

Note = Mapping[str, Any]


def forward(notes: Sequence[Note], entry: str) -> Settled:
    """Finish every deletion that was begun under the entry."""
    report: list[str] = []
    for number, note in enumerate(notes):
        finish = FORWARD.get(note["kind"])
        if finish is not None:
            outcome = finish(note, notes[number + 1 :], entry)
            report += outcome.warnings
    added = any(note["kind"] in ("directory", "intends") for note in notes)
    return Settled(not added, (_("The deletion had begun and was finished."), *report))


def _account(note: Note, later: Sequence[Note], entry: str) -> Outcome:
    users, name = Users.of(note["domain"]), note["name"]
    found = sql.select(users.table, ["pw_passwd"], users.key(name)) if users.columns else []
    if found:
        if not underway.is_marked(found[0]["pw_passwd"], note["mark"]):
            text = _("%(address)s was made anew meanwhile and was left alone.")
            return Outcome((text % {"address": f"{name}@{note['domain']}"},))
        _take_counts_back(note["domain"], later, entry)
        return deletions.delete(note["domain"], name, note["keep_aliases"], entry)
    with work(note["domain"], entry=entry, patience=RECOVERY_PATIENCE) as job:
        real = assigned.domains().get(note["domain"])
        if real is None:
            raise NotFound(_("There is no domain %(name)s.") % {"name": note["domain"]})
        with job.rows():
            _finish_account_rows(job, note, later)
        end_sessions(job, [real.name, *assigned.domains().aliases_of(real.name)], name)
        _finish_mailbox(job, note, later)
        return job.outcome()


def _finish_account_rows(job: Work, note: Note, later: Sequence[Note]) -> None:
    domain, name = note["domain"], note["name"]
    if schema().big_dir:
        _finish_count(job, domain, later)
    delete_rows(job, deletions.AUTH, {"user": name, "domain": domain})
    if not note["keep_aliases"]:
        delete_rows(job, aliases.TABLE, {"alias": name, "domain": domain})


def _take_counts_back(domain: str, later: Sequence[Note], entry: str) -> None:
    """Before a deletion is begun again that had been taken back in part."""
    with work(domain, entry=entry, patience=RECOVERY_PATIENCE) as job, job.rows():
        for note in reversed(later):
            if note["kind"] == "counter":
                counters.take_back_noted(note["name"], note["before"], Counter(**note["after"]))


def _finish_count(job: Work, name: str, later: Sequence[Note]) -> None:
    """A counter that was to be written may have been; one that was not noted was not."""
    noted = [note for note in later if note["kind"] == "counter" and note["name"] == name]
    if noted:
        counters.finish(name, noted[-1]["before"], Counter(**noted[-1]["after"]))
    else:
        counters.give(job, name)


def _finish_mailbox(job: Work, note: Note, later: Sequence[Note]) -> None:
    domain, name, place = note["domain"], note["name"], note["place"]
    if place is not None:
        try:
            job.call("park_mailbox", domain=domain, name=name, hash=place)
        except NotFound:
            job.warnings.append(_("There was no mailbox directory."))
    if not note["keep_aliases"]:
        file = aliases.read_file(job, domain, name)
        if file["exists"]:
            job.call("remove_dotqmail", domain=domain, name=name, expect=file["fingerprint"])
    if place and schema().big_dir:
        job.call_as(deletions.free_key(job), "give_slots", domain=domain, hashes=[place])


def _real_domain(note: Note, later: Sequence[Note], entry: str) -> Outcome:
    domain = AssignedDomain(**note["domain"])
    now = assigned.domains().get(domain.name)
    if now == domain:
        _take_counts_back(domain.name, later, entry)
        return removal.delete(domain, len(note["names"]) > 1, entry)
    if now is not None:
        return Outcome((_("%(name)s was made anew meanwhile and was left alone.") % {"name": domain.name},))
    with work(*note["names"], entry=entry, patience=RECOVERY_PATIENCE) as job:
        return _finish_domain(job, domain, note, later)


def _finish_domain(job: Work, domain: AssignedDomain, note: Note, later: Sequence[Note]) -> Outcome:
    names, users = note["names"], Users.of(domain.name)
    with job.rows():
        for name in names:
            delete_rows(job, aliasdomains.TABLE, {"alias": name})
    job.call("disconnect_domain", domains=names)
    if note["has_directory"] and not any(n["kind"] == "recorded" for n in later):
        records.keep(job, domain.name, removal.rows_that_go(users, names))
    with job.rows():
        if schema().layout == MANY:
            delete_rows(job, users.table, users.scope)
        for table, where in removal.scopes(domain.name).items():
            delete_rows(job, table, where)
        if schema().big_dir:
            counters.drop(job, domain.name)
            _finish_count(job, counter_of_domains(domain.uid), later)
    if schema().layout != MANY and users.columns:
        drop_table(users.table)
    end_sessions(job, names)
    if note["has_directory"]:
        job.call("park_domain", domain=domain.name)
    return job.outcome()


def _alias_domain(note: Note, later: Sequence[Note], entry: str) -> Outcome:
    alias = AssignedDomain(**{key: note[key] for key in ("name", "real", "uid", "gid", "directory")})
    if assigned.domains().get(alias.name) == alias:
        return aliasdomains.delete(alias, entry)
    with work(alias.real, alias.name, entry=entry, patience=RECOVERY_PATIENCE) as job:
        if assigned.domains().get(alias.name) is None:
            with job.rows():
                delete_rows(job, aliasdomains.TABLE, {"alias": alias.name})
            job.call("disconnect_domain", domains=[alias.name])
        return job.outcome()


def _alias(note: Note, later: Sequence[Note], entry: str) -> Outcome:
    with work(note["domain"], entry=entry, patience=RECOVERY_PATIENCE) as job:
        aliases.delete_all(job, note["domain"], note["alias"])
        return job.outcome()


FORWARD: dict[str, Callable[[Note, Sequence[Note], str], Outcome]] = {
    "vdeluser": _account,
    "vdeldomain": _real_domain,
    "vdelalias": _alias_domain,
    "valias_delete": _alias,
}

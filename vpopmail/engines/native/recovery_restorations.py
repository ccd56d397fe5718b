"""Stopped restores go forward: what was in the trash is in its place, and its rows follow. Every step may be
done again."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from vpopmail import assigned, trash
from vpopmail.database import quoted, rows
from vpopmail.engines.base import NotFound, Outcome, Settled
from vpopmail.engines.native import (
    aliasdomains,
    counters,
    domain_merging,
    domain_restoration,
    restoration,
    sql,
)
from vpopmail.engines.native.domains import drop_table
from vpopmail.engines.native.placement import Counter
from vpopmail.engines.native.users import Users, real_domain
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
    account, later = note.get("account", ""), notes[number + 1 :]
    if parked.is_domain and not account:
        if not parked.recorded:
            return Settled(True, (_("It was complete: everything stands."),))
        outcome = _merged(parked, later, entry) if note["merge"] else _domain(parked, note, later, entry)
    elif note["merge"] and not account and not parked.parked:
        outcome = _finish_merge(parked, note["name"] or parked.name, entry)
    elif note["merge"]:
        outcome = restoration.restore(parked.source, account, note["name"], True, entry)
    else:
        outcome = _account(parked, note, later, entry)
    return Settled(True, (_("It had begun and was finished."), *outcome.warnings))


def _account(parked: trash.Parked, note: Note, later: Sequence[Note], entry: str) -> Outcome:
    """When its row stands, what follows it is done again; else everything is."""
    account, name = note.get("account", ""), note["name"]
    with work(parked.domain, entry=entry, patience=RECOVERY_PATIENCE) as job:
        found = parked.part(account) if account else parked
        returning = restoration.read(found, name or found.name)
        users = Users.of(parked.domain)
        if users.taken([returning.name]):
            row = users.read(returning.name)
            if row["pw_passwd"] == returning.row["pw_passwd"]:
                with job.rows():
                    _count(job, parked.domain, later)
                    restoration.insert_others(job, returning)
                restoration.finish(job, returning)
                return job.outcome()
    return restoration.restore(parked.source, account, name, False, entry)


def _finish_merge(parked: trash.Parked, name: str, entry: str) -> Outcome:
    """All mail is in its new place: its sizes and the record are left to do."""
    with work(parked.domain, entry=entry, patience=RECOVERY_PATIENCE) as job:
        row, box = Users.of(parked.domain).read(name), {"source": parked.source, "was": parked.name}
        restoration.merge_mail(job, real_domain(parked.domain), row, box)
        restoration.settle(job, parked.domain, parked.source)
        return job.outcome()


def _merged(parked: trash.Parked, later: Sequence[Note], entry: str) -> Outcome:
    """Everything is done again, and counted once: rows and counter stand together, unless the tables know no
    transactions. Then a count that was noted is written, and it was for all of them."""
    _connect_again(parked, entry)
    noted = [note for note in later if note["kind"] == "counter"]
    together = all(map(sql.is_transactional, (Users.of(parked.domain).table, counters.TABLE)))
    if not noted or together:
        return domain_merging.merge(parked.source, entry)
    with work(parked.domain, entry=entry, patience=RECOVERY_PATIENCE) as job, job.rows():
        counters.finish(parked.domain, noted[0]["before"], Counter(**noted[0]["after"]))
    return domain_merging.merge(parked.source, entry, counted=True)


def _connect_again(parked: trash.Parked, entry: str) -> None:
    """Alias domains that are in qmail's assign file: the restore may have been stopped while it connected
    them."""
    known = assigned.domains().aliases_of(parked.domain)
    with work(parked.domain, *known, entry=entry, patience=RECOVERY_PATIENCE) as job:
        for alias in set(known).intersection(domain_restoration.alias_domains_of(parked.source)):
            with job.rows():
                aliasdomains.insert_row(job, parked.domain, alias)
            job.call("connect_domain", domain=alias, real=parked.domain)


def _count(job: Work, domain: str, later: Sequence[Note]) -> None:
    """A count that was to be written may have been; one that was not noted was not."""
    noted = [note for note in later if note["kind"] == "counter"]
    if noted:
        counters.finish(domain, noted[-1]["before"], Counter(**noted[-1]["after"]))
    elif schema().big_dir:
        counters.count_again(job, domain)


def _has_rows(domain: str) -> bool:
    users = Users.of(domain)
    where, params = sql.condition(users.scope)
    statement = f"SELECT 1 FROM {quoted(users.table)} WHERE {where} LIMIT 1"  # noqa: S608
    return bool(users.columns) and bool(rows(statement, params))


def _disconnect(domain: str, entry: str) -> None:
    """The helper was gone when its own part was to be taken back, while the rows were."""
    names = [*assigned.domains().aliases_of(domain), domain]
    with work(*names, entry=entry, patience=RECOVERY_PATIENCE) as job:
        job.call("disconnect_domain", domains=names)
    assigned.reset()


def _domain(parked: trash.Parked, note: Note, later: Sequence[Note], entry: str) -> Outcome:
    """When qmail knows it and its rows stand, the rest is done; else all is done again, and counted once."""
    domain = note["name"] or parked.domain
    found = assigned.domains().get(domain)
    if found is not None and not found.is_alias:
        if _has_rows(domain):
            return domain_restoration.finish(parked.source, domain, entry)
        _disconnect(domain, entry)
    placed = next((number for number, each in enumerate(later) if each["kind"] == "place"), None)
    with work(domain, entry=entry, patience=RECOVERY_PATIENCE) as job:
        with job.rows():
            # The place of a new name was counted for good before it was noted.
            for each in reversed(later[placed or 0 :]):
                if each["kind"] == "counter":
                    counters.take_back_noted(each["name"], each["before"], Counter(**each["after"]))
        for each in later:
            if each["kind"] == "table":  # it was made by this restore, and its rows are in the record
                drop_table(each["table"])
    place = None if placed is None else later[placed]["place"]
    return domain_restoration.restore(parked.source, note["name"], entry, place)

"""vdeluser: row, counter and lastauth, then the mailbox into the trash, then its place is free again
(vpopmail.c, vdeluser)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from vpopmail import assigned, underway
from vpopmail.assigned import AssignedDomain
from vpopmail.database import quoted, rows
from vpopmail.engines.base import NotFound, Outcome, Refused, VpopmailError
from vpopmail.engines.native import aliases, counters, records, sessions, sql
from vpopmail.engines.native.users import Users, delete_rows, hash_of, real_domain
from vpopmail.engines.native.work import Work, work
from vpopmail.schema import ensure_table, schema

AUTH = "lastauth"


@dataclass(frozen=True, slots=True)
class _Leaving:
    """The account that goes: its row, its hash directory (None: its mailbox lies elsewhere), what its
    alias holds."""

    domain: AssignedDomain
    users: Users
    row: sql.Row
    place: str | None
    alias_rows: list[sql.Row]
    alias_file: dict[str, Any] | None

    @property
    def name(self) -> str:
        return str(self.row["pw_name"])


def delete(domain: str, name: str, keep_aliases: bool, entry: str) -> Outcome:
    """Delete an account; valias rows and file of the same name stay, or go with it."""
    real = real_domain(domain)
    if aliases.in_sql():
        ensure_table(aliases.TABLE)  # vpopmail makes it here too, looking for a catch-all
    with work(real.name, entry=entry) as job:
        leaving = _look(job, real, name, keep_aliases)
        if leaving.place is not None:
            job.call("check_park", domain=real.name, mailboxes=[{"name": name, "hash": leaving.place}])
        records.keep(job, real.name, _deleted(leaving))
        job.note(
            "vdeluser", domain=real.name, name=name, place=leaving.place, keep_aliases=keep_aliases,
            mark=underway.mark(leaving.row["pw_passwd"]),
        )
        with job.rows():
            _delete_rows(job, leaving)
        sessions.end(job, [real.name, *assigned.domains().aliases_of(real.name)], name)
        parked = _park(job, leaving)
        _after(job, leaving)
        return job.outcome(**parked)


def _look(job: Work, real: AssignedDomain, name: str, keep_aliases: bool) -> _Leaving:
    users = Users.of(real.name)
    row = users.read(name)
    _refuse_catch_all(job, real, name)
    place = hash_of(real, name, row["pw_dir"])
    if place is not None and _is_shared(users, row):
        place = None
    file = None if keep_aliases else aliases.read_file(job, real.name, name)
    return _Leaving(real, users, row, place, [] if keep_aliases else aliases.read_rows(real.name, name), file)


def _is_shared(users: Users, row: sql.Row) -> bool:
    """Does another account of the domain name the same directory? Then it is nobody's to move."""
    where, params = sql.condition({**users.scope, "pw_dir": row["pw_dir"]})
    statement = f"SELECT 1 FROM {quoted(users.table)} WHERE {where} AND {quoted('pw_name')} <> %s LIMIT 1"  # noqa: S608
    return bool(rows(statement, [*params, row["pw_name"]]))


def _refuse_catch_all(job: Work, real: AssignedDomain, name: str) -> None:
    """vpopmail's own rule (isCatchall): the account that the alias `default` names cannot go."""
    if aliases.in_sql():
        lines = [str(row["valias_line"]) for row in aliases.read_rows(real.name, "default")]
    else:
        lines = aliases.read_file(job, real.name, "default")["lines"]
    target = catch_all(lines[0]) if lines else ""
    inside = target.startswith(f"{real.directory}/") and target.endswith(f"/{name}")
    if inside or target == f"{name}@{real.name}":
        raise Refused(
            _("Mail for unknown recipients goes to %(address)s. Choose something else for it first.")
            % {"address": f"{name}@{real.name}"}
        )


def catch_all(line: str) -> str:
    """The last argument of a vdelivermail line: an address or a directory; "" for other lines."""
    _program, found, rest = line.partition("''")
    return rest.strip().rstrip("/") if found and "vdelivermail" in line else ""


def _deleted(leaving: _Leaving) -> Iterator[tuple[str, sql.Row]]:
    domain = leaving.domain.name
    yield from records.about(domain, leaving.name, leaving.domain.directory)
    yield leaving.users.table, leaving.row
    if columns := schema().readable(AUTH):
        for row in sql.select(AUTH, columns, {"user": leaving.name, "domain": domain}):
            yield AUTH, row
    for row in leaving.alias_rows:
        yield aliases.TABLE, row
    if leaving.alias_file:
        yield from records.lines_of_file(f".qmail-{leaving.name}", leaving.alias_file["lines"])


def _delete_rows(job: Work, leaving: _Leaving) -> None:
    domain = leaving.domain.name
    leaving.users.delete(job, leaving.row)
    if schema().big_dir:
        counters.give(job, domain)
    delete_rows(job, AUTH, {"user": leaving.name, "domain": domain})
    if leaving.alias_rows:
        delete_rows(job, aliases.TABLE, {"alias": leaving.name, "domain": domain})


def _park(job: Work, leaving: _Leaving) -> dict[str, Any]:
    if leaving.place is None:
        job.warnings.append(
            _("The mailbox lies elsewhere (%(directory)s) and was left alone.")
            % {"directory": leaving.row["pw_dir"] or "?"}
        )
        return {}
    try:
        parked = job.call("park_mailbox", domain=leaving.domain.name, name=leaving.name, hash=leaving.place)
    except NotFound:
        parked = {"parked": False}
    if not parked["parked"]:
        job.warnings.append(_("There was no mailbox directory."))
    return found_in_trash(parked)


def found_in_trash(parked: dict[str, Any]) -> dict[str, Any]:
    """What an Outcome says of a parked directory."""
    until = parked.get("kept_until")
    return {
        "trash": parked.get("trash") or "",
        "kept_until": datetime.fromtimestamp(until, UTC) if until else None,
    }


def _after(job: Work, leaving: _Leaving) -> None:
    """What is left to do once nothing can be taken back any more: failures are said, not raised."""
    domain = leaving.domain.name
    try:
        if leaving.alias_file and leaving.alias_file["exists"]:
            fingerprint = leaving.alias_file["fingerprint"]
            job.call("remove_dotqmail", domain=domain, name=leaving.name, expect=fingerprint)
        if leaving.place and schema().big_dir:
            job.call_as(free_key(job), "give_slots", domain=domain, hashes=[leaving.place])
    except VpopmailError as error:
        job.warnings.append(error.message)
        underway.keep(job.entry)  # recovery tries again


def free_key(job: Work) -> str:
    """Under which the place of a deleted account is given back: once, however often it is asked."""
    return f"{job.entry[:48]}.free"

"""An account out of the trash: mailbox, row, counter, lastauth, aliases that were deleted with it.

The mailbox comes first, as with an addition: nobody signs in to a row without one. The record is marked as
used at the end; whoever repeats a restore that was stopped finds the mailbox in place and goes on.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from vpopmail import rules, trash
from vpopmail.assigned import AssignedDomain
from vpopmail.engines.base import NotFound, Outcome, Refused, VpopmailError
from vpopmail.engines.native import aliases, counters, sql
from vpopmail.engines.native.deletions import AUTH
from vpopmail.engines.native.users import Users, hash_of, new_last_auth, real_domain
from vpopmail.engines.native.work import Work, work
from vpopmail.schema import ensure_table, schema

FILE = ".qmail-"


@dataclass(frozen=True, slots=True)
class Returning:
    """What the record holds of the account `was`, which comes back as `name`."""

    source: str
    domain: AssignedDomain
    was: str
    name: str
    row: sql.Row
    place: str | None  # its hash directory; None: its mailbox was never in the trash
    last_auth: list[sql.Row]
    alias_rows: list[sql.Row]
    alias_lines: list[str]


def restore(source: str, name: str, merge: bool, entry: str) -> Outcome:
    """Bring an account back, as `name` ("" for its own); `merge` puts its mail into the account of that name
    that there is."""
    parked = trash.find(source)
    if parked.is_domain:
        raise Refused(_("This is a whole domain."))
    real = real_domain(parked.domain)
    _ensure_tables()
    with work(real.name, entry=entry) as job:
        job.note("restore", domain=real.name, source=source, name=name, merge=merge)
        if merge:
            return _merge(job, real, parked, name or parked.name)
        returning = read(parked, name or parked.name)
        rules.check_new_account(real.name, returning.name, beside_alias=True)
        _bring_mailbox(job, returning)
        with job.rows():
            _insert(job, returning)
        finish(job, returning)
        return job.outcome()


def _ensure_tables() -> None:
    ensure_table(counters.TABLE)
    if schema().last_auth:
        ensure_table(AUTH)
    if aliases.in_sql():
        ensure_table(aliases.TABLE)


def read(parked: trash.Parked, name: str) -> Returning:
    """The record, sorted. Raises Refused when no row of the account is in it."""
    real = real_domain(parked.domain)
    rows: dict[str, list[sql.Row]] = {}
    for table, row in trash.record(parked.source):
        kind = "account" if "pw_name" in row else FILE if table.startswith(FILE) else table
        if row not in rows.setdefault(kind, []):
            rows[kind].append(row)
    account = next((row for row in rows.get("account", ()) if row["pw_name"] == parked.name), None)
    if account is None:
        raise Refused(
            _("Only mail was moved to the trash, no account. Put it into the account of that name.")
        )
    return Returning(
        parked.source,
        real,
        parked.name,
        name,
        account,
        hash_of(real, parked.name, account.get("pw_dir")),
        rows.get(AUTH, []),
        rows.get(aliases.TABLE, []),
        [str(row["line"]) for row in rows.get(FILE, ())],
    )


def _bring_mailbox(job: Work, returning: Returning) -> None:
    if returning.place is None:
        job.warnings.append(
            _("Its mailbox lay elsewhere (%(directory)s) and was never moved.")
            % {"directory": returning.row.get("pw_dir") or "?"}
        )
        return
    box = {"domain": returning.domain.name, "name": returning.name, "hash": returning.place}
    back = {**box, "source": returning.source, "was": returning.was}
    found = job.call("restore_mailbox", **back)
    if found["restored"]:
        job.takes_back(_("the mailbox of %(name)s") % {"name": returning.name}, "unrestore_mailbox", **back)
    _tell_left(job, found)
    if found["restored"]:
        return
    state = job.call(
        "mailbox_state",
        domain=box["domain"],
        mailboxes=[{"name": returning.name, "hash": returning.place}],
    )["states"][0]
    if not state["exists"]:
        job.warnings.append(
            _("There was no mailbox in the trash; an empty one is made at the next delivery.")
        )


def _tell_left(job: Work, found: dict[str, Any]) -> None:
    if found["left"]:
        job.warnings.append(
            _("What is no mail (%(names)s) stays in the trash until its time is over.")
            % {"names": ", ".join(found["left"])}
        )


def _insert(job: Work, returning: Returning) -> None:
    real, name = returning.domain, returning.name
    users = Users.of(real.name)
    row = {column: value for column, value in returning.row.items() if column in users.columns}
    row |= users.key(name)
    if returning.place is not None:
        row["pw_dir"] = "/".join(part for part in (real.directory, returning.place, name) if part)
    if "pw_clear_passwd" in users.columns:
        row.setdefault("pw_clear_passwd", "")
    users.insert(job, [row])
    if schema().big_dir:
        counters.count_again(job, real.name)
    insert_others(job, returning)


def insert_others(job: Work, returning: Returning) -> None:
    """The rows beside the account's own; those that stand already are not doubled."""
    if returning.last_auth and schema().last_auth:
        _last_auth(job, returning.name, returning.domain.name, returning.last_auth[0])
    else:
        new_last_auth(job, returning.domain.name, [returning.name])
    _insert_aliases(job, returning)


def _last_auth(job: Work, name: str, domain: str, former: sql.Row) -> None:
    """When they signed in last; what an account of the name that was there meanwhile left is replaced."""
    columns = schema().columns(AUTH)
    key = {"user": name, "domain": domain}
    row = {column: value for column, value in former.items() if column in columns} | key
    left = sql.select(AUTH, list(columns), key)

    def take_back() -> None:
        sql.delete(AUTH, row)
        sql.put_back(AUTH, left)

    job.takes_back_rows(AUTH, take_back)
    sql.insert(AUTH, [row], "REPLACE")


def _insert_aliases(job: Work, returning: Returning) -> None:
    """The lines that were deleted with the account, those that are there already excepted."""
    columns = schema().columns(aliases.TABLE)
    if not columns or not returning.alias_rows:
        return
    known = {str(row["valias_line"]) for row in aliases.read_rows(returning.domain.name, returning.name)}
    new = [
        {column: value for column, value in row.items() if column in columns and column != "id"}
        | {"alias": returning.name, "domain": returning.domain.name}
        for row in returning.alias_rows
        if str(row["valias_line"]) not in known
    ]

    def take_back() -> None:
        for row in new:
            sql.delete(aliases.TABLE, row)

    job.takes_back_rows(aliases.TABLE, take_back)
    sql.insert(aliases.TABLE, new)


def finish(job: Work, returning: Returning) -> None:
    """What is left once nothing can be taken back: failures are said, not raised."""
    domain = returning.domain.name
    try:
        if returning.alias_lines:
            file = aliases.read_file(job, domain, returning.name)
            lines = [*file["lines"], *(line for line in returning.alias_lines if line not in file["lines"])]
            expect = file["fingerprint"]
            job.call("write_dotqmail", domain=domain, name=returning.name, lines=lines, expect=expect)
    except VpopmailError as error:
        job.warnings.append(
            _("The lines of the alias could not be written: %(lines)s. %(reason)s")
            % {"lines": ", ".join(returning.alias_lines), "reason": error.message}
        )
    settle(job, domain, returning.source, returning.place or "")


def settle(job: Work, domain: str, source: str, place: str = "") -> None:
    """The record is used up, and the place of the account taken again."""
    try:
        job.call("settle_trash", domain=domain, source=source, hash=place)
    except VpopmailError as error:
        job.warnings.append(error.message)


def _merge(job: Work, real: AssignedDomain, parked: trash.Parked, name: str) -> Outcome:
    """Its mail into the account that has the name now; row, password and forwarding of that one stay."""
    row = Users.of(real.name).read(name)
    place = hash_of(real, name, row["pw_dir"])
    if place is None:
        raise Refused(_("The mailbox of %(name)s lies elsewhere.") % {"name": f"{name}@{real.name}"})
    box = {"domain": real.name, "name": name, "hash": place}
    found = job.call("restore_mailbox", **box, source=parked.source, was=parked.name, merge=True)
    if not found["restored"] and not parked.parked:
        raise NotFound(_("There is no mail of it in the trash."))
    _tell_left(job, found)
    try:
        job.call("set_quota", **box, quota=row["pw_shell"] or "")
    except VpopmailError as error:
        job.warnings.append(error.message)
    settle(job, real.name, parked.source)
    return job.outcome()

"""An account out of the trash: mailbox, row, counter, lastauth, aliases that were deleted with it.

The mailbox comes first, as with an addition: nobody signs in to a row without one. The record is marked as
used at the end; whoever repeats a restore that was stopped finds the mailbox in place and goes on.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from vpopmail import rules, trash, underway
from vpopmail.assigned import AssignedDomain
from vpopmail.engines.base import NotFound, Outcome, Refused, VpopmailError
from vpopmail.engines.native import aliases, counters, sql
from vpopmail.engines.native.deletions import AUTH
from vpopmail.engines.native.moving import Moving
from vpopmail.engines.native.users import Users, hash_of, new_last_auth, real_domain
from vpopmail.engines.native.work import Work, work
from vpopmail.schema import ensure_table, schema

FILE = ".qmail-"
_OWN = ("restore_mailbox", "unrestore_mailbox")


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
    inside: bool = False  # it lies in the trash as a part of its whole domain

    @property
    def box(self) -> dict[str, Any]:
        """Where its mailbox lies, and where it goes: the arguments of the helper's verbs."""
        found = {"domain": self.domain.name, "name": self.name, "source": self.source, "was": self.was}
        found["hash"] = self.place or ""
        return found | ({"former": self.domain.name, "inside": self.place or ""} if self.inside else {})


def restore(source: str, account: str, name: str, merge: bool, entry: str) -> Outcome:
    """Bring an account back, as `name` ("" for its own); `merge` puts its mail into the account of that name
    that there is. `account` says which one of a whole domain."""
    parked = find(source, account)
    real = real_domain(parked.domain)
    if parked.inside and real.name != parked.domain:
        raise Refused(
            _("%(domain)s is an alias domain of %(real)s now.") % {"domain": parked.domain, "real": real.name}
        )
    _ensure_tables()
    with work(real.name, entry=entry) as job:
        job.note("restore", domain=real.name, source=source, account=account, name=name, merge=merge)
        if merge:
            return _merge(job, real, parked, name or parked.name)
        returning = read(parked, name or parked.name)
        rules.check_new_account(real.name, returning.name, beside_alias=True)
        _bring_mailbox(job, returning)
        with job.rows():
            _insert(job, returning)
        finish(job, returning)
        return job.outcome()


def find(source: str, account: str) -> trash.Parked:
    """An account's own entry, or its part of a whole domain's."""
    parked = trash.find(source)
    if parked.is_domain:
        if not account:
            raise Refused(_("This is a whole domain."))
        return parked.part(account)
    if account:
        raise Refused(_("This is an account, not a whole domain."))
    return parked


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
    for kind, row in _rows_of(parked, real):
        if row not in rows.setdefault(kind, []):
            rows[kind].append(row)
    account = next((row for row in rows.get("account", ()) if row["pw_name"] == parked.name), None)
    if account is None and parked.inside:
        raise NotFound(_("There is no account %(address)s.") % {"address": parked.target}, field="account")
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
        parked.inside,
    )


def _rows_of(parked: trash.Parked, real: AssignedDomain) -> Iterator[tuple[str, sql.Row]]:
    """Pairs of kind and row; of a whole domain only what is the account's, with paths as they are now."""
    if not parked.inside:
        for table, row in trash.record(parked.source):
            yield "account" if "pw_name" in row else FILE if table.startswith(FILE) else table, row
        return
    moving = Moving.of(parked.source, parked.domain, real.name, real.directory)
    for table, row in trash.record(parked.source):
        kind = "account" if "pw_name" in row else table
        if row.get({"account": "pw_name", AUTH: "user", aliases.TABLE: "alias"}.get(kind, "")) == parked.name:
            yield kind, moving.row(table, row)


def _bring_mailbox(job: Work, returning: Returning) -> None:
    if returning.place is None:
        job.warnings.append(
            _("Its mailbox lay elsewhere (%(directory)s) and was never moved.")
            % {"directory": returning.row.get("pw_dir") or "?"}
        )
        return
    found = bring_back(job, returning.name, returning.box)
    _tell_left(job, found)
    if found["restored"]:
        return
    box = {"name": returning.name, "hash": returning.place}
    state = job.call("mailbox_state", domain=returning.domain.name, mailboxes=[box])["states"][0]
    if not state["exists"]:
        job.warnings.append(
            _("There was no mailbox in the trash; an empty one is made at the next delivery.")
        )


def bring_back(job: Work, name: str, box: dict[str, Any]) -> dict[str, Any]:
    """One mailbox, out of its own entry or out of a whole domain's, with its inverse."""
    verb, inverse = ("take_mailbox", "untake_mailbox") if "former" in box else _OWN
    found = job.call(verb, **box)
    if found["restored"]:
        job.takes_back(_("the mailbox of %(name)s") % {"name": name}, inverse, **box)
    return found


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
    try:
        _bring_file(job, returning)
    except VpopmailError as error:
        job.warnings.append(
            _("The lines of the alias could not be written: %(lines)s. %(reason)s")
            % {"lines": ", ".join(returning.alias_lines) or returning.was, "reason": error.message}
        )
    if not returning.inside:
        settle(job, returning.domain.name, returning.source, returning.place or "")


def _bring_file(job: Work, returning: Returning) -> None:
    """The alias of its name, where that is a file."""
    domain, name = returning.domain.name, returning.name
    if returning.inside:
        box = returning.box
        job.call("take_alias", **{key: box[key] for key in ("domain", "name", "source", "former", "was")})
    elif returning.alias_lines:
        file = aliases.read_file(job, domain, name)
        lines = [*file["lines"], *(line for line in returning.alias_lines if line not in file["lines"])]
        job.call("write_dotqmail", domain=domain, name=name, lines=lines, expect=file["fingerprint"])


def settle(job: Work, domain: str, source: str, place: str = "") -> None:
    """The record is used up, and the place of the account taken again."""
    try:
        job.call("settle_trash", domain=domain, source=source, hash=place)
    except VpopmailError as error:
        job.warnings.append(error.message)
        underway.keep(job.entry)  # recovery tries again


def _merge(job: Work, real: AssignedDomain, parked: trash.Parked, name: str) -> Outcome:
    """Its mail into the account that has the name now; row, password and forwarding of that one stay."""
    row = Users.of(real.name).read(name)
    box = {"source": parked.source, "was": parked.name}
    if parked.inside:
        place = read(parked, name).place
        if place is None:
            raise Refused(_("Its mailbox lay elsewhere and was never moved."))
        box |= {"former": real.name, "inside": place}
    found = merge_mail(job, real, row, box)
    if not found["restored"] and not parked.parked:
        raise NotFound(_("There is no mail of it in the trash."))
    _tell_left(job, found)
    if not parked.inside:
        settle(job, real.name, parked.source)
    return job.outcome()


def merge_mail(job: Work, real: AssignedDomain, row: sql.Row, box: dict[str, Any]) -> dict[str, Any]:
    """Mail of the trash into the mailbox of an account that stands. Cannot be taken back, only repeated."""
    name = row["pw_name"]
    place = hash_of(real, name, row["pw_dir"])
    if place is None:
        raise Refused(_("The mailbox of %(name)s lies elsewhere.") % {"name": f"{name}@{real.name}"})
    there = {"domain": real.name, "name": name, "hash": place}
    verb = "take_mailbox" if "former" in box else "restore_mailbox"
    found = job.call(verb, **there, **box, merge=True)
    try:
        job.call("set_quota", **there, quota=row["pw_shell"] or "")
    except VpopmailError as error:
        job.warnings.append(error.message)
    return found

"""vpasswd, vmoduser and vsetuserquota: only the named columns change, and only where the old value still
stands."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from vpopmail import assigned
from vpopmail.assigned import AssignedDomain
from vpopmail.engines.base import NotFound, Outcome, Refused
from vpopmail.engines.native import sessions, sql
from vpopmail.engines.native.users import Users, changed, hash_of, real_domain
from vpopmail.engines.native.work import Work, work
from vpopmail.flags import SERVICES

Change = Callable[[Work, AssignedDomain, Users, sql.Row], None]


def _change(domain: str, name: str, entry: str, change: Change, *, signs_out: bool = False) -> Outcome:
    """Read the row under the lock, change it, and take the change back when something after it fails.

    `signs_out`: who signed in by what the row said before must do so again.
    """
    real = real_domain(domain)
    with work(real.name, entry=entry) as job:
        if signs_out:
            job.note("signs_out", domain=real.name, name=name)
        with job.rows():
            users = Users.of(real.name)
            change(job, real, users, users.read(name))
        if signs_out:
            sessions.end(job, [real.name, *assigned.domains().aliases_of(real.name)], name)
        return job.outcome()


def password(domain: str, name: str, password_hash: str, clear: str, entry: str) -> Outcome:
    """Hash and clear password in one UPDATE: an old clear text beside a new hash would still let people
    in."""

    def change(job: Work, real: AssignedDomain, users: Users, row: sql.Row) -> None:
        values = {"pw_passwd": password_hash}
        if "pw_clear_passwd" in users.columns:
            values["pw_clear_passwd"] = clear
        users.change(job, row, values)

    return _change(domain, name, entry, change, signs_out=True)


def account(
    domain: str,
    name: str,
    *,
    gecos: str | None,
    set_flags: int,
    clear_flags: int,
    expected: Mapping[str, object] | None,
    entry: str,
) -> Outcome:
    """Display name, and bits of pw_gid one by one; bits that are not named stay."""
    if set_flags & clear_flags:
        raise Refused(_("A flag cannot be set and cleared at once."), field="flags")

    def change(job: Work, real: AssignedDomain, users: Users, row: sql.Row) -> None:
        _check_expected(users, row, expected or {})
        values: dict[str, Any] = {}
        if gecos is not None and gecos != (row["pw_gecos"] or ""):
            values["pw_gecos"] = gecos
        if set_flags or clear_flags:
            values["pw_gid"] = ((row["pw_gid"] or 0) | set_flags) & ~clear_flags
        if values:  # one UPDATE: where the table has no transactions, half of it would stay
            users.change(job, row, values)

    return _change(domain, name, entry, change, signs_out=bool(set_flags & SERVICES))


def _check_expected(users: Users, row: sql.Row, expected: Mapping[str, object]) -> None:
    """Compare with what the person saw; `expected` names columns without their `pw_`."""
    for column, seen in expected.items():
        stands = row[f"pw_{column}"]
        if stands != seen and not (stands is None and seen in ("", 0)):
            raise changed(row["pw_name"], users.domain)


def quota(domain: str, name: str, text: str, expected: str | None, entry: str) -> Outcome:
    """The quota text, then `maildirsize`."""
    seen: dict[str, Any] = {} if expected is None else {"shell": expected}
    real = real_domain(domain)
    with work(real.name, entry=entry) as job:
        with job.rows():
            users = Users.of(real.name)
            row = users.read(name)
            _check_expected(users, row, seen)
            users.change(job, row, {"pw_shell": text})
        set_size_file(job, real, row, text)
        return job.outcome()


def set_size_file(
    job: Work, real: AssignedDomain, row: sql.Row, text: str, *, count_anew: bool = False
) -> None:
    """A mailbox that lies elsewhere or nowhere keeps what it has; the outcome says so."""
    name = row["pw_name"]
    place = hash_of(real, name, row["pw_dir"])
    if place is None:
        job.warnings.append(
            _("The mailbox lies elsewhere; its file maildirsize still holds the former quota.")
        )
        return
    job.note("size", domain=real.name, box={"name": name, "hash": place})
    try:
        more = {"count_anew": True} if count_anew else {}
        job.call("set_quota", domain=real.name, name=name, hash=place, quota=text, **more)
    except NotFound as error:
        job.warnings.append(error.message)

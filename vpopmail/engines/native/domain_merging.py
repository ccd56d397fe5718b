"""A whole domain out of the trash into the domain of that name that there is now.

Accounts that are gone come back whole; those that stand get the old mail and nothing else; lines of aliases
and alias domains that are missing are added. What cannot be taken back, merging mail, is done last: when it
fails, the rest stays in the trash and the merge may be repeated.
"""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from vpopmail import assigned, trash
from vpopmail.assigned import AssignedDomain
from vpopmail.engines.base import NotFound, Outcome, VpopmailError
from vpopmail.engines.native import aliases, counters, sql
from vpopmail.engines.native.deletions import AUTH
from vpopmail.engines.native.domain_restoration import (
    ROWS,
    accounts_in,
    alias_domains_of,
    check_whole,
    connect_aliases,
    insert_aliases,
    make_all_tables,
)
from vpopmail.engines.native.moving import Moving
from vpopmail.engines.native.restoration import bring_back, merge_mail, settle
from vpopmail.engines.native.users import Users, hash_of
from vpopmail.engines.native.work import Work, work
from vpopmail.schema import schema

MOST_TOLD = 20  # names in one sentence


@dataclass(slots=True)
class Merging:
    """The record, sorted by what happens to it. `standing` are the rows that there are now."""

    source: str
    real: AssignedDomain
    gone: list[sql.Row] = field(default_factory=list)
    standing: dict[str, sql.Row] = field(default_factory=dict)
    returned: set[str] = field(default_factory=set)  # of those: what an earlier try brought back
    was: dict[str, str | None] = field(default_factory=dict)  # where each mailbox is in the parked domain
    others: dict[str, list[sql.Row]] = field(default_factory=dict)

    def keeps(self, alias: str) -> bool:
        """An account that stood there before: lines of an alias of its name would lead its mail away."""
        return alias in self.standing and alias not in self.returned

    def box(self, name: str) -> dict[str, Any]:
        return {
            "source": self.source,
            "former": self.real.name,
            "was": name,
            "inside": self.was[name],
        }


def merge(source: str, entry: str, counted: bool = False) -> Outcome:
    """Merge a domain into the one of its name. `counted`: the accounts that come back are counted already."""
    parked = trash.find(source)
    check_whole(parked)
    real = assigned.domains().get(parked.domain)
    if real is None or real.is_alias:
        raise NotFound(_("There is no domain %(name)s.") % {"name": parked.domain}, field="domain")
    alias_domains = [a for a in alias_domains_of(source) if _is_missing(a, real.name)]
    with work(real.name, *alias_domains, entry=entry) as job:
        job.note("restore", domain=real.name, source=source, name="", merge=True)
        make_all_tables(job, real.name)
        merging = _read(source, real)
        for row in merging.gone:
            _bring_mailbox(job, merging, row)
        with job.rows():
            _insert(job, merging, counted)
        _take_alias_files(job, merging)
        connect_aliases(job, real.name, alias_domains)
        if _merge_all_mail(job, merging):
            settle(job, real.name, source)
        _tell(job, merging)
        return job.outcome()


def _is_missing(alias: str, real: str) -> bool:
    found = assigned.domains().get(alias)
    return found is None or found.real != real


def _read(source: str, real: AssignedDomain) -> Merging:
    """Raises Refused when the domain has become an alias domain's, or somebody else's files."""
    merging = Merging(source, real)
    moving = Moving.of(source, real.name, real.name, real.directory)
    users = Users.of(real.name)
    record = ((table, moving.row(table, row)) for table, row in trash.record(source))
    rows = list(accounts_in(users, record, merging.others))
    for start in range(0, len(rows), ROWS):
        part = rows[start : start + ROWS]
        columns, names = ["pw_name", "pw_passwd", "pw_dir", "pw_shell"], [row["pw_name"] for row in part]
        for found in sql.select_named(users.table, columns, users.scope, "pw_name", names):
            merging.standing[found["pw_name"]] = found
    for row in rows:
        name = row["pw_name"]
        merging.was[name] = hash_of(real, name, row.get("pw_dir"))
        if name not in merging.standing:
            merging.gone.append(row)
        elif merging.standing[name]["pw_passwd"] == row["pw_passwd"]:
            merging.returned.add(name)
    return merging


def _bring_mailbox(job: Work, merging: Merging, row: sql.Row) -> None:
    name = row["pw_name"]
    if merging.was[name] is None:
        job.warnings.append(
            _("The mailbox of %(name)s lay elsewhere (%(directory)s) and was never moved.")
            % {"name": name, "directory": row.get("pw_dir") or "?"}
        )
        return
    there = {"domain": merging.real.name, "name": name, "hash": merging.was[name]}
    bring_back(job, name, there | merging.box(name))


def _insert(job: Work, merging: Merging, counted: bool) -> None:
    """The counter first: what recovery finds noted of it says whether these accounts were counted."""
    domain, gone = merging.real.name, merging.gone
    if schema().big_dir and gone and not counted:
        counters.count_again(job, domain, len(gone))
    users = Users.of(domain)
    for start in range(0, len(gone), ROWS):
        users.insert(job, gone[start : start + ROWS])
    names = {row["pw_name"] for row in gone} | merging.returned
    _last_auth(job, domain, [row for row in merging.others.get(AUTH, ()) if row.get("user") in names])
    rows = merging.others.get(aliases.TABLE, ())
    insert_aliases(job, domain, [row for row in rows if not merging.keeps(row["alias"])])


def _last_auth(job: Work, domain: str, rows: list[sql.Row]) -> None:
    """When the accounts that come back signed in last; who has signed in since keeps what is newer."""
    columns = schema().columns(AUTH)
    for start in range(0, len(rows) if columns else 0, ROWS):
        part = rows[start : start + ROWS]
        names = [row["user"] for row in part]
        known = sql.select_named(AUTH, ["user"], {"domain": domain}, "user", names)
        taken = {row["user"] for row in known}
        new = [{c: v for c, v in row.items() if c in columns} for row in part if row["user"] not in taken]

        def take_back(new: list[sql.Row] = new) -> None:
            for row in new:
                sql.delete(AUTH, row)

        job.takes_back_rows(AUTH, take_back)
        sql.insert(AUTH, new)


def _take_alias_files(job: Work, merging: Merging) -> None:
    where = {"source": merging.source, "former": merging.real.name}
    after = ""
    while names := job.call("parked_aliases", **where, after=after)["names"]:
        after = names[-1]
        for name in names:
            if merging.keeps(name):
                merging.others.setdefault(aliases.TABLE, []).append({"alias": name})
                continue
            taken = job.call("take_alias", domain=merging.real.name, name=name, was=name, **where)
            if taken["lines"] or taken["made"]:
                job.takes_back(
                    f".qmail-{name}", "untake_alias", domain=merging.real.name, name=name, **taken
                )


def _merge_all_mail(job: Work, merging: Merging) -> bool:
    """The mail of those that stand; False when some of it could not be moved."""
    failed, left = [], []
    for name, row in merging.standing.items():
        if merging.was[name] is None:
            continue
        try:
            found = merge_mail(job, merging.real, row, merging.box(name))
        except VpopmailError as error:
            failed.append(f"{name}: {error.message}")
        else:
            left += [name] if found["left"] else []
    if failed:
        job.warnings.append(
            _("The mail of some accounts could not be merged and stays in the trash: %(names)s")
            % {"names": "; ".join(failed[:MOST_TOLD])}
        )
    if left:
        job.warnings.append(
            _("What is no mail of %(names)s stays in the trash until its time is over.")
            % {"names": _some(left)}
        )
    return not failed


def _tell(job: Work, merging: Merging) -> None:
    """What of the old domain does not come back, since the new one has its own."""
    named = {str(row["alias"]) for row in merging.others.get(aliases.TABLE, ())}
    kept = sorted(filter(merging.keeps, named))
    if kept:
        job.warnings.append(
            _("Aliases of these names were left out, since accounts have the names now: %(names)s.")
            % {"names": _some(kept)}
        )
    job.warnings.append(
        _("The domain keeps the limits that it has now, and what happens to mail for unknown addresses.")
    )


def _some(names: list[str]) -> str:
    return ", ".join(names[:MOST_TOLD]) + (" …" if len(names) > MOST_TOLD else "")

"""The rows of accounts in either layout, with whatever columns the table has."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from vpopmail import assigned, underway
from vpopmail.assigned import AssignedDomain
from vpopmail.engines.base import Changed, NewAccount, NotFound, Refused
from vpopmail.engines.native import sql
from vpopmail.engines.native.work import Work
from vpopmail.mailboxes import hash_of as hash_of  # where the others look for it
from vpopmail.schema import MANY, schema

NEVER = "0.0.0.0"  # noqa: S104  (vpopmail's mark for "never signed in", not an address to bind)


def real_domain(name: str) -> AssignedDomain:
    """The real domain behind a domain's or an alias domain's name. Raises NotFound."""
    found = assigned.domains().real(name)
    if found is None:
        raise NotFound(_("There is no domain %(name)s.") % {"name": name}, field="domain")
    return found


@dataclass(frozen=True, slots=True)
class Users:
    """The table that holds the accounts of one real domain."""

    domain: str
    table: str
    columns: Mapping[str, int | None]

    @classmethod
    def of(cls, domain: str) -> "Users":
        table = schema().user_table(domain)
        return cls(domain, table, schema().columns(table))

    @property
    def readable(self) -> list[str]:
        """The columns less those that the panel's SQL account may only write."""
        return schema().readable(self.table)

    @property
    def scope(self) -> dict[str, str]:
        """What all rows of the domain have in common."""
        return {"pw_domain": self.domain} if schema().layout == MANY else {}

    def key(self, name: str) -> dict[str, str]:
        return {"pw_name": name, **self.scope}

    def read(self, name: str) -> sql.Row:
        """The row with all that may be read, locked where the database can. Raises NotFound."""
        found = sql.select(self.table, self.readable, self.key(name), lock=True) if self.columns else []
        if not found:
            raise NotFound(_("There is no account %(address)s.") % {"address": f"{name}@{self.domain}"})
        return found[0]

    def taken(self, names: Sequence[str]) -> list[str]:
        """Those of `names` that are accounts already."""
        found = (
            sql.select_named(self.table, ["pw_name"], self.scope, "pw_name", names) if self.columns else []
        )
        return [row["pw_name"] for row in found]

    def new_row(self, account: NewAccount, directory: str, quota: str) -> sql.Row:
        """A row as vpopmail makes it; pw_uid is the APOP flag and always 0."""
        row: sql.Row = {
            **self.key(account.name),
            "pw_passwd": account.password_hash,
            "pw_uid": 0,
            "pw_gid": account.flags,
            "pw_gecos": account.gecos or account.name,
            "pw_dir": directory,
            "pw_shell": quota,
        }
        if "pw_clear_passwd" in self.columns:
            row["pw_clear_passwd"] = account.clear
        return row

    def insert(self, job: Work, rows: Sequence[sql.Row]) -> None:
        def take_back() -> None:
            for row in rows:
                sql.delete(self.table, {**self.key(row["pw_name"]), "pw_passwd": row["pw_passwd"]})

        marks = {row["pw_name"]: underway.mark(row["pw_passwd"]) for row in rows}
        job.note("rows", domain=self.domain, marks=marks)
        job.takes_back_rows(self.table, take_back)
        sql.insert(self.table, rows)

    def change(self, job: Work, row: sql.Row, values: Mapping[str, Any]) -> None:
        """Change columns of a row just read; Changed when another program has changed the same columns
        meanwhile."""
        former = {column: row[column] for column in values if column in row}
        job.note("account", domain=self.domain, name=row["pw_name"], values=_noted(values))
        if sql.update(self.table, values, {**self.key(row["pw_name"]), **former}) != 1:
            raise changed(row["pw_name"], self.domain)
        job.takes_back_rows(
            self.table, lambda: sql.update(self.table, former, {**self.key(row["pw_name"]), **values})
        )

    def delete(self, job: Work, row: sql.Row) -> None:
        """Delete a row as it was read."""
        if sql.delete(self.table, {**self.key(row["pw_name"]), "pw_passwd": row["pw_passwd"]}) != 1:
            raise changed(row["pw_name"], self.domain)
        job.takes_back_rows(self.table, lambda: sql.put_back(self.table, [row]))


def _noted(values: Mapping[str, Any]) -> dict[str, Any]:
    """New values as they may be written down: of passwords only marks."""
    return {c: underway.mark(v) if c.endswith("_passwd") else v for c, v in values.items()}


def own_box(real: AssignedDomain, row: sql.Row) -> dict[str, str]:
    """What the helper calls the account's mailbox. Raises Refused when it lies elsewhere."""
    name = row["pw_name"]
    place = hash_of(real, name, row["pw_dir"])
    if place is None:
        raise Refused(
            _("The mailbox of %(address)s lies elsewhere, so this panel leaves its files alone.")
            % {"address": f"{name}@{real.name}"}
        )
    return {"name": name, "hash": place}


def changed(name: str, domain: str) -> Changed:
    return Changed(
        _("%(address)s was changed by somebody else meanwhile. Nothing was overwritten.")
        % {"address": f"{name}@{domain}"}
    )


def new_last_auth(job: Work, domain: str, names: Sequence[str]) -> None:
    """The row that says "made now, never signed in"; what an earlier account of the name left is replaced."""
    if not schema().last_auth:
        return
    table, columns, now = "lastauth", ("user", "domain", "remote_ip", "timestamp"), int(time.time())
    former = sql.select_named(table, columns, {"domain": domain}, "user", names)

    def take_back() -> None:
        for name in names:
            sql.delete(table, {"user": name, "domain": domain, "timestamp": now, "remote_ip": NEVER})
        sql.insert(table, former, "REPLACE")

    job.note("lastauth", domain=domain, names=list(names), at=now, former=former)
    job.takes_back_rows(table, take_back)
    sql.insert(
        table, [dict(zip(columns, (name, domain, NEVER, now), strict=True)) for name in names], "REPLACE"
    )


def delete_rows(job: Work, table: str, where: Mapping[str, Any]) -> list[sql.Row]:
    """Delete rows of a table that may be absent; the rows as they were."""
    columns = schema().readable(table)
    if not columns:
        return []
    found = sql.select(table, columns, where, lock=True)
    if found and sql.delete(table, where):
        job.takes_back_rows(table, lambda: sql.put_back(table, found))
    return found

"""vaddaliasdomain, and vdeldomain of an alias domain (vaddaliasdomain.c, vpopmail.c).

The row of `aliasdomains` is for Dovecot; for mail the assign file is the truth.
"""

from dataclasses import asdict

from django.utils.translation import gettext as _

from vpopmail import assigned, rules
from vpopmail.assigned import AssignedDomain
from vpopmail.engines.base import NotFound, Outcome
from vpopmail.engines.native import sessions, sql
from vpopmail.engines.native.users import delete_rows, real_domain
from vpopmail.engines.native.work import Work, work
from vpopmail.schema import ensure_table, schema

TABLE = "aliasdomains"


def add(real: str, alias: str, entry: str) -> Outcome:
    """Make `alias` another name of the real domain behind `real`: row first, qmail last."""
    domain = real_domain(real)
    if schema().alias_domains:
        ensure_table(TABLE)
    with work(domain.name, alias, entry=entry) as job:
        rules.check_new_alias_domain(domain.name, alias)
        with job.rows():
            insert_row(job, domain.name, alias)
        job.note("connect", domain=alias, real=domain.name)
        job.call("connect_domain", domain=alias, real=domain.name)
        return job.outcome()


def insert_row(job: Work, real: str, alias: str) -> None:
    """One row; what an earlier alias domain of this name left is replaced, lest Dovecot lets people in by
    it."""
    if not schema().alias_domains:
        return
    former = sql.select(TABLE, ["alias", "domain"], {"alias": alias})

    def take_back() -> None:
        sql.delete(TABLE, {"alias": alias, "domain": real})
        sql.insert(TABLE, former, "REPLACE")

    job.note("alias_row", alias=alias, real=real, former=former)
    job.takes_back_rows(TABLE, take_back)
    sql.insert(TABLE, [{"alias": alias, "domain": real}], "REPLACE")


def delete(alias: AssignedDomain, entry: str) -> Outcome:
    """Delete an alias domain alone: row first, so that Dovecot refuses before qmail does; then the mirror
    of adding."""
    if schema().alias_domains:
        ensure_table(TABLE)
    with work(alias.real, alias.name, entry=entry) as job:
        found = assigned.domains().get(alias.name)
        if found is None or not found.is_alias:
            raise NotFound(_("There is no alias domain %(name)s.") % {"name": alias.name})
        job.note("vdelalias", **asdict(alias))
        with job.rows():
            delete_rows(job, TABLE, {"alias": alias.name})
        sessions.end(job, [alias.name])
        job.call("disconnect_domain", domains=[alias.name])
        return job.outcome()

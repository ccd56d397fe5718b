"""Repairs: each looks again under the lock, changes what still differs, and takes it back when a later step
fails."""

from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _

from vpopmail import assigned
from vpopmail.database import quoted, rows
from vpopmail.engines.base import NotFound, Outcome, Refused
from vpopmail.engines.native import counters, placement, sql
from vpopmail.engines.native.aliasdomains import TABLE as ALIAS_DOMAINS
from vpopmail.engines.native.aliasdomains import insert_row
from vpopmail.engines.native.changes import set_size_file
from vpopmail.engines.native.users import Users, delete_rows, hash_of, real_domain
from vpopmail.engines.native.work import Work, work
from vpopmail.repairs import Mend, Repair
from vpopmail.schema import MANY, create_table, ensure_table, schema


def repair(what: Repair, entry: str) -> Outcome:
    """Do one repair."""
    with work(what.domain, entry=entry) as job:
        if what.mend.is_qmail:
            job.call("settle_name", domain=what.domain, file=what.mend.value)
        elif what.mend == Mend.FORGET_NAME:
            job.call("forget_name", domain=what.domain)
        elif what.mend == Mend.TABLE:
            _table(what)
        else:
            with job.rows():
                _REPAIRS[what.mend](job, what)
        return job.outcome()


def _table(what: Repair) -> None:
    domain = real_domain(what.domain).name
    if schema().layout == MANY:
        raise Refused(_("In this layout all domains share one table."))
    create_table(schema().user_table(domain))


def _alias_domain_row(job: Work, what: Repair) -> None:
    """The assign file is the truth: a missing row is made, a wrong one replaced, a stale one removed."""
    ensure_table(ALIAS_DOMAINS)
    line = assigned.domains().get(what.domain)
    if line is not None and line.is_alias:
        insert_row(job, line.real, line.name)
    else:
        delete_rows(job, ALIAS_DOMAINS, {"alias": what.domain})


def _refuse_known(domain: str) -> None:
    if domain in assigned.domains():
        raise Refused(_("%(domain)s is a domain of this server.") % {"domain": domain})


def _limits_row(job: Work, what: Repair) -> None:
    line = assigned.domains().get(what.domain)
    if line is not None and not line.is_alias:
        _refuse_known(what.domain)
    delete_rows(job, "limits", {"domain": what.domain})


def _last_auth_row(job: Work, what: Repair) -> None:
    line = assigned.domains().get(what.domain)
    if line is not None and not line.is_alias and Users.of(what.domain).taken([what.name]):
        raise Refused(_("There is an account %(name)s.") % {"name": f"{what.name}@{what.domain}"})
    delete_rows(job, "lastauth", {"user": what.name, "domain": what.domain})


def _alias_rows(job: Work, what: Repair) -> None:
    """Rows that no delivery reads: those under a real domain are somebody's aliases and stay."""
    line = assigned.domains().get(what.domain)
    if line is not None and not line.is_alias:
        _refuse_known(what.domain)
    delete_rows(job, "valias", {"domain": what.domain})


def _counter(job: Work, what: Repair) -> None:
    if what.domain not in assigned.domains():
        counters.drop(job, what.domain)
        return
    users = Users.of(what.domain)
    table = quoted(users.table)
    text, params = sql.condition(users.scope)
    count = int(rows(f"SELECT COUNT(*) FROM {table} WHERE {text}", params)[0][0])  # noqa: S608
    found = sql.select(counters.TABLE, placement.COLUMNS, {"domain": what.domain})
    now = placement.from_row(tuple(found[0].values()) if found else None).cur_users
    if count > now:
        counters.take(job, what.domain, count - now)


def _mailbox(job: Work, what: Repair) -> None:
    """What vpopmail does itself at the next delivery or sign-in."""
    domain = real_domain(what.domain)
    row = Users.of(domain.name).read(what.name)
    hash = hash_of(domain, what.name, row["pw_dir"])
    if hash is None:
        raise NotFound(_("The account’s directory is not below its domain’s."))
    box = {"name": what.name, "hash": hash}
    found = job.call("mailbox_state", domain=domain.name, mailboxes=[box])["states"][0]
    if not found["exists"]:
        box["quota"] = row["pw_shell"] or "NOQUOTA"
        job.call("make_mailboxes", domain=domain.name, mailboxes=[box])


def _size(job: Work, what: Repair) -> None:
    domain = real_domain(what.domain)
    row = Users.of(domain.name).read(what.name)
    set_size_file(job, domain, row, row["pw_shell"] or "NOQUOTA")


_REPAIRS: Mapping[Mend, Callable[[Work, Repair], None]] = {
    Mend.ALIAS_DOMAIN_ROW: _alias_domain_row,
    Mend.LIMITS_ROW: _limits_row,
    Mend.LAST_AUTH_ROW: _last_auth_row,
    Mend.ALIAS_ROWS: _alias_rows,
    Mend.COUNTER: _counter,
    Mend.MAILBOX: _mailbox,
    Mend.SIZE: _size,
}

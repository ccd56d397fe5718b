"""Repairs: each looks again under the lock, changes what still differs, and takes it back when a later step
fails."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from vpopmail.engines.base import Outcome, Refused
from vpopmail.engines.native import repairs_places as places
from vpopmail.engines.native import repairs_rows as in_rows
from vpopmail.engines.native.users import real_domain
from vpopmail.engines.native.work import Work, work
from vpopmail.repairs import Mend, Repair
from vpopmail.schema import MANY, create_table, schema

# What an outcome says beside success.
Told = dict[str, Any] | None


def repair(what: Repair, entry: str) -> Outcome:
    """Do one repair."""
    with work(what.domain or what.name, entry=entry) as job:
        if what.mend.is_qmail:
            job.call("settle_name", domain=what.domain, file=what.mend.value)
            return job.outcome()
        if what.mend in _ROWS:
            with job.rows():
                told = _ROWS[what.mend](job, what)
        else:
            told = _OTHERS[what.mend](job, what)
        return job.outcome(**(told or {}))


def _forget_name(job: Work, what: Repair) -> None:
    job.call("forget_name", domain=what.domain)


def _table(job: Work, what: Repair) -> None:
    domain = real_domain(what.domain).name
    if schema().layout == MANY:
        raise Refused(_("In this layout all domains share one table."))
    create_table(schema().user_table(domain))


# In one transaction.
_ROWS: Mapping[Mend, Callable[[Work, Repair], Told]] = {
    Mend.ALIAS_DOMAIN_ROW: in_rows.alias_domain,
    Mend.LIMITS_ROW: in_rows.limits,
    Mend.LAST_AUTH_ROW: in_rows.last_auth,
    Mend.ALIAS_ROWS: in_rows.aliases_of_nobody,
    Mend.HIDDEN_ROWS: in_rows.hidden,
    Mend.COUNTER: in_rows.counter,
    Mend.MAILBOX: places.mailbox,
    Mend.SIZE: places.size,
    Mend.RECOUNT: places.recount,
    Mend.PLACE: places.place,
}
_OTHERS: Mapping[Mend, Callable[[Work, Repair], Told]] = {
    Mend.FORGET_NAME: _forget_name,
    Mend.TABLE: _table,
    Mend.ACCOUNT_ROWS: in_rows.accounts_of_nobody,
    Mend.ALIAS_LINE: in_rows.alias_line,
    Mend.MODES: places.modes,
    Mend.PARTS: places.parts,
    Mend.STRAY: places.stray,
    Mend.CONNECT: places.connect,
    Mend.PASSWORDS: in_rows.passwords,  # in pieces of its own
}

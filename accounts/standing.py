"""Is this mail account allowed in now: found by any spelling of its address, with a usable password and at
least one service."""

from __future__ import annotations

from django.db.models import IntegerField
from django.db.models.expressions import RawSQL
from django.utils.crypto import salted_hmac

from mailhost.names import BadName
from vpopmail import assigned, flags, limits, passwords
from vpopmail.database import quoted, reachable, reading, rows
from vpopmail.models import Account, accounts_of
from vpopmail.schema import schema
from web.fields import domain_to_ascii

_BY_LIMIT = [flag for flag in flags.FLAGS if flag.bit & flags.SERVICES]
LONGEST_ADDRESS = 320  # characters typed; longer ones are nobody's


def canonical(typed: str) -> tuple[str, str]:
    """Name and real domain of an address as typed: capitals, IDN and alias domains do not count. The domain
    is as typed when it is none of this server's.
    """
    name, _at, domain = typed[:LONGEST_ADDRESS].strip().lower().rpartition("@")
    try:
        domain = domain_to_ascii(domain)
    except BadName:
        return name, domain
    found = assigned.domains().real(domain)
    return name, found.name if found else domain


def find(typed: str) -> Account | None:
    """The account behind an address as typed, with the services its domain leaves it (`row`).

    Asks the database even for domains that do not exist: while it is down, all addresses are told so.
    """
    name, domain = canonical(typed)
    if domain not in assigned.domains():
        with reachable():
            rows("SELECT 1")
        return None
    return row(domain, name)


def row(domain: str, name: str) -> Account | None:
    """The account of a real domain, in one query; `.closed` are the services that the domain's limits close
    for it. None also when the domain is gone.
    """
    known = assigned.domains().get(domain)
    if known is None or known.is_alias or not name or not name.isascii() or "\0" in name:
        return None
    with reachable():
        account = reading(_read, domain, name.lower())
    if account is not None and account.closed is None:
        account.closed = _closed_by(_limits_elsewhere(domain))
    return account


def _read(domain: str, name: str) -> Account | None:
    found = accounts_of(domain).filter(name=name)
    if _in_sql():
        bits = RawSQL(_closed_sql(), [domain], output_field=IntegerField())  # noqa: S611
        found = found.annotate(closed_by_domain=bits)
    account = found.first()
    if account is not None:
        account.closed = getattr(account, "closed_by_domain", None)
    return account


def _in_sql() -> bool:
    return schema().limits == "sql" and schema().has_table(limits.TABLE)


def _limits_elsewhere(domain: str) -> dict[str, int]:
    """Of a domain without a row in the table: its own file, or what holds for all."""
    return (limits.default(domain) if _in_sql() else limits.read(domain)).values


def _closed_sql() -> str:
    present = limits.columns()
    terms = [f"({quoted(flag.limit)} <> 0) * {flag.bit:d}" for flag in _BY_LIMIT if flag.limit in present]
    bits = " + ".join(terms) or "0"
    return f"SELECT {bits} FROM {quoted(limits.TABLE)} WHERE domain = %s"  # noqa: S608


def _closed_by(values: dict[str, int]) -> int:
    return sum(flag.bit for flag in _BY_LIMIT if values.get(flag.limit))


def is_allowed(account: Account) -> bool:
    """Neither locked nor without any service (`account` as `row` reads it)."""
    if not account.passwd or account.passwd[0] in "!*":
        return False
    closed = account.gid
    if not account.gid & flags.OVERRIDE_LIMITS:
        closed |= account.closed or 0
    return closed & flags.SERVICES != flags.SERVICES


def password_opens(account: Account, password: str) -> bool:
    """Verified before it is asked whether the account is allowed in at all: both take their time."""
    return passwords.verify(password, account.passwd or "") and is_allowed(account)


def mark_of(account: Account) -> str:
    """What a session keeps of the password it began with: an HMAC of the hash, never the hash."""
    return salted_hmac(
        "accounts.standing", f"{account.address}\0{account.passwd}", algorithm="sha256"
    ).hexdigest()

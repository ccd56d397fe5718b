"""An account together with the services that its domain's limits close for it: one query, where the limits
are a table."""

from django.db.models import IntegerField
from django.db.models.expressions import RawSQL

from vpopmail import flags, limits
from vpopmail.database import quoted, reading
from vpopmail.models import Account, accounts_of
from vpopmail.schema import schema

_BY_LIMIT = [flag for flag in flags.FLAGS if flag.bit & flags.SERVICES]


def find_account(domain: str, name: str) -> Account | None:
    """As models.find_account, with `.closed`: bits of the services closed by the limits of the domain."""
    if not name or not name.isascii() or "\0" in name:
        return None
    account = reading(_read, domain, name.lower())
    if account is not None and account.closed is None:
        account.closed = _closed_by(_limits_elsewhere(domain))
    return account


def effective(account: Account) -> int:
    """The account's bits and the services closed by its domain, unless it overrides the limits."""
    if account.closed is None or account.gid & flags.OVERRIDE_LIMITS:
        return account.gid
    return account.gid | account.closed


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

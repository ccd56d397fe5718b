"""Lists and figures that stay fast with a million accounts: keys first, rows by key second, no count without
a bound.

MariaDB takes a slow plan for deep pages and for rows by key unless an index is named
(measured); a hint is given only where that index exists. Without an index on pw_domain a
domain's list scans the table, as every tool does.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from vpopmail.assigned import domains
from vpopmail.database import like, quoted, reading, rows
from vpopmail.models import Account, LastAuth, account_model
from vpopmail.router import DATABASE
from vpopmail.schema import MANY, schema, table_of

COLUMNS = {
    "name": "pw_name",
    "passwd": "pw_passwd",
    "uid": "pw_uid",
    "gid": "pw_gid",
    "gecos": "pw_gecos",
    "dir": "pw_dir",
    "shell": "pw_shell",
}
_NUMBERS = {"uid", "gid"}
MOST_COUNTED = 100_000  # rows an SQLite store's accounts are counted up to


@dataclass(frozen=True, slots=True)
class AccountPage:
    """Accounts by name, each with `last_auth` set; `next_after` is "" on the last page."""

    rows: Sequence[Account]
    next_after: str = ""


@dataclass(frozen=True, slots=True)
class Count:
    """A number that says how sure it is: `more` than counted ("1000+"), or `about` (a counter of
    vpopmail's).
    """

    number: int
    more: bool = False
    about: bool = False

    def __iter__(self) -> Iterator[Any]:
        return iter((self.number, self.more))

    def __str__(self) -> str:
        return f"{self.number}{'+' if self.more else ''}"


@dataclass(frozen=True, slots=True)
class Found:
    """An account found by search. `certain` is False when only its last sign-in was seen, not its row."""

    name: str
    domain: str
    gecos: str = ""
    certain: bool = True

    @property
    def address(self) -> str:
        return f"{self.name}@{self.domain}"


def _hint(table: str, index: str) -> str:
    return (
        f" FORCE INDEX ({quoted(index)})"
        if index and not schema().sqlite and index in schema().indexes(table)
        else ""
    )


def domain_hint(table: str) -> str:
    """A hint for the index that begins with pw_domain, where there is one."""
    return "" if schema().sqlite else _hint(table, schema().index_on(table, "pw_domain"))


def _in_domain(domain: str) -> tuple[str, str, list[Any]]:
    """Table, condition and parameters that pick the accounts of a real domain in either layout."""
    table = schema().user_table(domain)
    return (table, "pw_domain = %s", [domain]) if schema().layout == MANY else (table, "1 = 1", [])


def in_domain(domain: str, after: str, search: str) -> tuple[str, str, list[Any]]:
    """The same, those after a name and with a part of a name; both may be ""."""
    table, where, params = _in_domain(domain)
    if after:
        where, params = where + " AND pw_name > %s", [*params, after]
    if search:
        where, params = where + " AND pw_name LIKE %s ESCAPE '!'", [*params, f"%{like(search)}%"]
    return table, where, params


# --- the list of a domain ---


def account_page(domain: str, after: str = "", limit: int = 50, search: str = "") -> AccountPage:
    """Accounts of a real domain after the name `after`; `search` is a part of a name.

    Three queries at most.
    """
    if not search.isascii() or not after.isascii():
        return AccountPage([])
    return reading(_account_page, domain, after.lower(), limit, search.lower())


def _account_page(domain: str, after: str, limit: int, search: str) -> AccountPage:
    table, where, params = in_domain(domain, after, search)
    if not schema().has_table(table):
        return AccountPage([])
    found = rows(
        f"SELECT pw_name FROM {quoted(table)}{domain_hint(table)} "  # noqa: S608
        f"WHERE {where} ORDER BY pw_name LIMIT {limit + 1:d}",
        params,
    )
    names = [name for (name,) in found[:limit]]
    return AccountPage(_named(domain, names), names[-1] if len(found) > limit else "")


def named(domain: str, names: list[str]) -> list[Account]:
    """The accounts of a real domain with these names, in that order, with their last sign-ins."""
    return reading(_named, domain, names)


def _named(domain: str, names: list[str]) -> list[Account]:
    accounts = _by_name(domain, names)
    signed_in = last_auths(domain, names)
    for account in accounts:
        account.last_auth = signed_in.get(account.name.lower())
    return accounts


def _by_name(domain: str, names: list[str]) -> list[Account]:
    """The rows of these names in the names' order; a row deleted meanwhile is left out."""
    if not names:
        return []
    table, where, params = _in_domain(domain)
    found = rows(
        f"SELECT {', '.join(COLUMNS.values())} FROM {quoted(table)}{_hint(table, 'PRIMARY')} "  # noqa: S608
        f"WHERE {where} AND pw_name IN ({_marks(names)})",
        [*params, *names],
    )
    accounts = {account.name: account for account in (account_of(domain, row) for row in found)}
    return [accounts[name] for name in names if name in accounts]


def account_of(domain: str, row: Sequence[Any]) -> Account:
    """A model instance of a row read by `COLUMNS`; NULL is empty or 0, as in the models."""
    model = account_model(domain)
    values = {
        name: value if value is not None else 0 if name in _NUMBERS else ""
        for name, value in zip(COLUMNS, row, strict=True)
    }
    if model is Account:
        values["domain"] = domain
    names = [column.attname for column in model._meta.concrete_fields]
    return model.from_db(DATABASE, names, [values[name] for name in names])


def _marks(values: Sequence[Any]) -> str:
    return ", ".join(["%s"] * len(values))


def last_auths(domain: str, names: Sequence[str]) -> Mapping[str, LastAuth]:
    """The last sign-in of accounts of a real domain, by name; none where the table does not exist."""
    return {
        name: LastAuth(user=name, domain=domain, remote_ip=address, timestamp=time)
        for name, address, time in sign_ins(domain, names)
    }


def sign_ins(domain: str, names: Sequence[str]) -> Iterator[tuple[str, str, int]]:
    """The same as name, address and time, for thousands."""
    if not names or not schema().has_table("lastauth"):
        return
    found = rows(
        f"SELECT {quoted('user')}, remote_ip, {quoted('timestamp')} "  # noqa: S608
        f"FROM lastauth{_hint('lastauth', 'PRIMARY')} "
        f"WHERE domain = %s AND {quoted('user')} IN ({_marks(names)})",
        [domain, *names],
    )
    yield from ((str(user).lower(), address or "", int(time or 0)) for user, address, time in found)


def last_auth(domain: str, name: str) -> LastAuth | None:
    """The last sign-in of one account."""
    return reading(last_auths, domain, [name]).get(name)


# --- search ---


def find_accounts(
    prefix: str, limit: int = 20, domain: str | None = None, among: Collection[str] | None = None
) -> list[Found]:
    """Accounts whose address begins with `prefix` ("al", "alice@exa"), by name and domain; `among`: those of
    these few real domains only.

    With one table per domain and no domain given, the accounts that signed in or were made since lastauth is
    kept.
    """
    prefix = prefix.lower()
    if not prefix or not prefix.isascii() or "\0" in prefix:
        return []
    name, at, domain_prefix = prefix.rpartition("@") if "@" in prefix else (prefix, "", "")
    if domain is None and at and (exact := domains().real(domain_prefix)):
        domain, domain_prefix = exact.name, ""
    if among is None or domain in among:
        return reading(_find, name, bool(at), domain_prefix, limit, domain)
    if domain is not None:
        return []
    found = (reading(_find, name, bool(at), domain_prefix, limit, one) for one in sorted(among))
    return sorted(chain.from_iterable(found), key=lambda one: (one.name, one.domain))[:limit]


def _find(name: str, whole: bool, domain_prefix: str, limit: int, domain: str | None) -> list[Found]:
    many = schema().layout == MANY
    if domain is not None and not domain.startswith(domain_prefix):
        return []
    if not many and domain is None:
        return _find_signed_in(name, whole, domain_prefix, limit)
    table = "vpopmail" if many else table_of(domain or "")
    if not schema().has_table(table):
        return []
    where, params = _name_condition("pw_name", name, whole)
    if many and domain is not None:
        where, params = where + " AND pw_domain = %s", [*params, domain]
    elif many and domain_prefix:
        where, params = where + " AND pw_domain LIKE %s ESCAPE '!'", [*params, like(domain_prefix) + "%"]
    order = "pw_name, pw_domain" if many else "pw_name"
    at = "pw_domain" if many else "NULL"
    found = rows(
        f"SELECT pw_name, {at}, pw_gecos FROM {quoted(table)} "  # noqa: S608
        f"WHERE {where} ORDER BY {order} LIMIT {limit:d}",
        params,
    )
    return [Found(user, there or domain or "", gecos or "") for user, there, gecos in found]


def _find_signed_in(name: str, whole: bool, domain_prefix: str, limit: int) -> list[Found]:
    if not schema().has_table("lastauth"):
        return []
    user = quoted("user")
    where, params = _name_condition(user, name, whole)
    if domain_prefix:
        where, params = where + " AND domain LIKE %s ESCAPE '!'", [*params, like(domain_prefix) + "%"]
    found = rows(
        f"SELECT {user}, domain FROM lastauth WHERE {where} ORDER BY {user}, domain LIMIT {limit:d}",  # noqa: S608
        params,
    )
    return [Found(there, at, certain=False) for there, at in found]


def _name_condition(column: str, name: str, whole: bool) -> tuple[str, list[Any]]:
    if whole:
        return f"{column} = %s", [name]
    return f"{column} LIKE %s ESCAPE '!'", [like(name) + "%"]


# --- figures ---


def estimated_accounts() -> Count:
    """How many accounts there are on the server, for the dashboard: the server's own estimate, or vpopmail's
    counters.
    """
    return reading(_estimated_accounts)


def _estimated_accounts() -> Count:
    if schema().layout != MANY:
        return _sum_of_counters()
    if not schema().has_table("vpopmail"):
        return Count(0)
    if schema().sqlite:
        counted = rows(f"SELECT COUNT(*) FROM (SELECT 1 FROM vpopmail LIMIT {MOST_COUNTED + 1:d})")  # noqa: S608
        return Count(min(counted[0][0], MOST_COUNTED), more=counted[0][0] > MOST_COUNTED)
    estimate = rows(
        "SELECT table_rows FROM information_schema.tables "
        "WHERE table_schema = DATABASE() AND table_name = 'vpopmail'"
    )
    return Count(int(estimate[0][0] or 0) if estimate else 0, about=True)


def _sum_of_counters() -> Count:
    """One row per domain; `dom_UID` rows count domains."""
    if not schema().has_table("dir_control"):
        return Count(0, about=True)
    total = rows(
        "SELECT SUM(cur_users) FROM dir_control WHERE domain NOT LIKE 'dom!_%%' ESCAPE '!' AND cur_users > 0",
        [],
    )
    return Count(int(total[0][0] or 0), about=True)


def count_about(names: Sequence[str]) -> Mapping[str, int]:
    """About how many accounts each of these real domains has, by vpopmail's placement counters; one query.

    A domain without a counter is missing from the answer.
    """
    return reading(_count_about, names)


def _count_about(names: Sequence[str]) -> Mapping[str, int]:
    if not names or not schema().has_table("dir_control"):
        return {}
    found = rows(
        f"SELECT domain, cur_users FROM dir_control WHERE domain IN ({_marks(names)})",  # noqa: S608
        list(names),
    )
    return {domain: max(int(number or 0), 0) for domain, number in found}


def bounded_count(domain: str, most: int = 1000, *, exact: bool = False) -> Count:
    """How many accounts a real domain has, counted up to `most`.

    Where no index helps MariaDB would read the whole table: then it is vpopmail's counter, unless `exact` is
    asked for.
    """
    return reading(_bounded_count, domain, most, exact)


def _bounded_count(domain: str, most: int, exact: bool) -> Count:
    table, where, params = _in_domain(domain)
    if not schema().has_table(table):
        return Count(0)
    scans = bool(params) and not schema().sqlite and not schema().has_index(table, "pw_domain")
    if scans and not exact:
        return Count(_count_about([domain]).get(domain, 0), about=True)
    counted = rows(
        f"SELECT COUNT(*) FROM (SELECT 1 FROM {quoted(table)}{domain_hint(table)} "  # noqa: S608
        f"WHERE {where} LIMIT {most + 1:d}) AS some",
        params,
    )
    return Count(min(counted[0][0], most), more=counted[0][0] > most)

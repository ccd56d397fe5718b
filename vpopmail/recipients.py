"""Which of many local addresses exist, as accounts or aliases: lists mark destinations that lead nowhere."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Literal

from django.db.models import Value

from vpopmail import delivery, helper
from vpopmail.aliases import TABLE, can_be_a_file
from vpopmail.assigned import domains
from vpopmail.database import quoted, reading, rows
from vpopmail.engines.base import NotFound
from vpopmail.models import accounts_of
from vpopmail.schema import schema

MOST_DOMAINS = 20  # domains looked into for one list; destinations in others are not judged
MOST_NAMES = 2000  # of one domain, whose files are looked for
Names = Mapping[str, set[str]]
Key = tuple[str, str]  # name and real domain


def existing(addresses: Iterable[str]) -> tuple[set[str], set[str], set[str]]:
    """Of local addresses, those that are accounts, those that are aliases, and those that are neither.

    Addresses of domains elsewhere are in none of the three; an alias domain's count as the real domain's. One
    query for the accounts and one for the aliases, however many addresses there are.
    """
    asked, where = _by_domain(addresses)
    accounts = reading(_accounts, where) if where else set()
    rest = {real: {name for name in names if (name, real) not in accounts} for real, names in where.items()}
    aliases = reading(_aliases, {real: names for real, names in rest.items() if names})
    return (
        {address for address, key in asked.items() if key in accounts},
        {address for address, key in asked.items() if key in aliases},
        {address for address, key in asked.items() if key not in accounts and key not in aliases},
    )


def _by_domain(addresses: Iterable[str]) -> tuple[dict[str, Key], Names]:
    """The key (name, real domain) of each local address, and the names by real domain."""
    known = domains()
    asked: dict[str, Key] = {}
    where: defaultdict[str, set[str]] = defaultdict(set)
    for address in addresses:
        name, _at, domain = address.lower().rpartition("@")
        real = known.real(domain)
        if (
            real is None
            or not name
            or not name.isascii()
            or (real.name not in where and len(where) == MOST_DOMAINS)
        ):
            continue
        asked[address] = (name, real.name)
        where[real.name].add(name)
    return asked, where


def _accounts(where: Names) -> set[Key]:
    """One SELECT for each domain, sent as one statement; each reads its rows by key."""
    parts = [
        accounts_of(domain).filter(name__in=sorted(names)).order_by().values_list("name", Value(domain))
        for domain, names in where.items()
    ]
    found = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    return {(str(name).lower(), domain) for name, domain in found}


_CATCHING = ("address", "domain", "directory", "foreign", "unclear")  # vpopmail.delivery's words
Catch = Literal["pattern", "extension", "unknown"]


def caught(addresses: Iterable[str]) -> dict[str, Catch]:
    """Of local addresses that are neither accounts nor aliases, those whose mail somebody gets still: an
    alias for many names, an account by what stands before the dash, or whoever gets mail for unknown ones.
    """
    asked, where = _by_domain(addresses)
    if not asked:
        return {}
    wide = {key: {(one, key[1]) for one in patterns(key[0])} for key in asked.values()}
    named = reading(_aliases, _grouped(key for keys in wide.values() for key in keys))
    accounts = _bases(asked.values())
    catching = {domain for domain in where if delivery.read(domain).kind in _CATCHING}
    found: dict[str, Catch] = {}
    for address, key in asked.items():
        if wide[key] & named:
            found[address] = "pattern"
        elif _base(key) in accounts:
            found[address] = "extension"
        elif key[1] in catching:
            found[address] = "unknown"
    return found


def _base(key: Key) -> Key:
    return key[0].partition("-")[0], key[1]


def _bases(keys: Iterable[Key]) -> set[Key]:
    """The accounts that a vpopmail with qmail-ext gives the mail of names with a dash to."""
    if "QMAIL_EXT" not in schema().options:
        return set()
    where = _grouped(_base(key) for key in keys if "-" in key[0])
    return reading(_accounts, where) if where else set()


def _grouped(keys: Iterable[Key]) -> dict[str, set[str]]:
    """Names by domain."""
    where: defaultdict[str, set[str]] = defaultdict(set)
    for name, domain in keys:
        where[domain].add(name)
    return where


def patterns(name: str) -> list[str]:
    """The aliases that take a name's mail where it has none of its own: for `a-b-c` first `a-b-default`, then
    `a-default` (dot-qmail(5), and vdelivermail.c alike).
    """
    parts = name.split("-")
    return ["-".join([*parts[:count], "default"]) for count in range(len(parts) - 1, 0, -1) if parts[0]]


def _aliases(where: Names) -> set[Key]:
    if not where:
        return set()
    found = _in_files(where)
    if schema().aliases == "sql" and schema().has_table(TABLE):
        condition = " OR ".join(
            f"(domain = %s AND alias IN ({', '.join(['%s'] * len(names))}))" for names in where.values()
        )
        params = [value for domain, names in where.items() for value in (domain, *sorted(names))]
        sql = f"SELECT DISTINCT alias, domain FROM {quoted(TABLE)} WHERE {condition}"  # noqa: S608
        found |= {(str(alias).lower(), domain) for alias, domain in rows(sql, params)}
    return found


def _in_files(where: Names) -> set[Key]:
    """Aliases and mailing lists that are `.qmail-NAME` files; they exist beside the table as well."""
    found: set[Key] = set()
    for domain, names in where.items():
        try:
            possible = sorted(name for name in names if can_be_a_file(name))
            answer = helper.call("check_names", domain=domain, names=possible[:MOST_NAMES])
        except NotFound:
            continue
        found |= {(name, domain) for name, state in answer["names"].items() if state["dotqmail"]}
    return found

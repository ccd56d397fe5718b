"""Which of many local addresses exist, as accounts or aliases: lists mark destinations that lead nowhere."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.db.models import Value

from vpopmail import helper
from vpopmail.aliases import TABLE
from vpopmail.assigned import domains
from vpopmail.database import quoted, reading, rows
from vpopmail.engines.base import NotFound
from vpopmail.models import accounts_of
from vpopmail.schema import schema

MOST_DOMAINS = 20  # domains looked into for one list; destinations in others are not judged
Names = Mapping[str, set[str]]


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


def _by_domain(addresses: Iterable[str]) -> tuple[dict[str, tuple[str, str]], Names]:
    """The key (name, real domain) of each local address, and the names by real domain."""
    known = domains()
    asked: dict[str, tuple[str, str]] = {}
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


def _accounts(where: Names) -> set[tuple[str, str]]:
    """One SELECT for each domain, sent as one statement; each reads its rows by key."""
    parts = [
        accounts_of(domain).filter(name__in=sorted(names)).order_by().values_list("name", Value(domain))
        for domain, names in where.items()
    ]
    found = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    return {(str(name).lower(), domain) for name, domain in found}


def _aliases(where: Names) -> set[tuple[str, str]]:
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


def _in_files(where: Names) -> set[tuple[str, str]]:
    """Aliases and mailing lists that are `.qmail-NAME` files; they exist beside the table as well."""
    found = set()
    for domain, names in where.items():
        try:
            answer = helper.call("check_names", domain=domain, names=sorted(names)[:500])
        except NotFound:
            continue
        found |= {(name, domain) for name, state in answer["names"].items() if state["dotqmail"]}
    return found

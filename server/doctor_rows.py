"""Rows of domains, alias domains and accounts that do not exist, and rows that are missing.

Every table is read a few thousand keys at a time.
"""

from collections.abc import Iterator
from itertools import groupby, islice
from operator import itemgetter

from django.utils.translation import gettext as _

from server.findings import Finding
from vpopmail.assigned import Assigned, domains
from vpopmail.database import quoted, rows
from vpopmail.models import accounts_of
from vpopmail.repairs import Mend, Repair
from vpopmail.schema import MANY, schema

BATCH = 1000  # keys
TUPLES = 200  # in one list: MariaDB takes seconds to plan for a thousand


def keys(table: str, column: str) -> Iterator[str]:
    """The different values of a column in the order of the database, read in pieces."""
    if not schema().has_column(table, column):
        return
    name, after = quoted(column), ""
    statement = (
        f"SELECT DISTINCT {name} FROM {quoted(table)} "  # noqa: S608
        f"WHERE {name} > %s ORDER BY {name} LIMIT {BATCH:d}"
    )
    while found := rows(statement, [after]):
        yield from (str(value) for (value,) in found)
        after = found[-1][0]


def unknown(table: str, column: str, known: Assigned) -> Iterator[str]:
    """The values that are the name of no real domain."""
    for name in keys(table, column):
        line = known.get(name.lower())
        if line is None or line.is_alias:
            yield name


def alias_domains() -> Iterator[Finding]:
    """Table aliasdomains against users/assign, which is the truth."""
    if not schema().alias_domains:
        return
    known, seen = domains(), set()
    for alias, real in _pairs("aliasdomains", "alias", "domain"):
        seen.add(alias)
        line = known.get(alias)
        if line is None or not line.is_alias:
            yield _alias_finding(
                "aliasdomain-extra",
                alias,
                _("The table aliasdomains has %(alias)s, which is none: Dovecot lets people in by it."),
                f"{alias} → {real}",
                _("Delete the row."),
            )
        elif line.real != real:
            yield _alias_finding(
                "aliasdomain-differs",
                alias,
                _("The table aliasdomains leads %(alias)s to another domain than users/assign."),
                f"{real} ≠ {line.real}",
                _("Write %(real)s into the row.") % {"real": line.real},
            )
    for line in known.alias_domains:
        if line.name not in seen:
            yield _alias_finding(
                "aliasdomain-lacks",
                line.name,
                _("%(alias)s is not in the table aliasdomains: Dovecot does not know it."),
                f"{line.name} → {line.real}",
                _("Add the row."),
            )


def _alias_finding(kind: str, alias: str, text: str, evidence: str, plan: str) -> Finding:
    repair = Repair(Mend.ALIAS_DOMAIN_ROW, alias)
    return Finding(kind, alias, text % {"alias": alias}, evidence, plan, repair, safe=True)


def _pairs(table: str, first: str, second: str) -> Iterator[tuple[str, str]]:
    """All rows of a table by the pair of columns, read in pieces."""
    if not schema().has_column(table, first):
        return
    one, two = quoted(first), quoted(second)
    statement = (
        f"SELECT {one}, {two} FROM {quoted(table)} WHERE {one} > %s OR ({one} = %s AND {two} > %s) "  # noqa: S608
        f"ORDER BY {one}, {two} LIMIT {BATCH:d}"
    )
    after = ("", "", "")
    while found := rows(statement, after):
        yield from ((str(a), str(b)) for a, b in found)
        after = (found[-1][0], found[-1][0], found[-1][1])


def limits() -> Iterator[Finding]:
    """Limits of domains that do not exist: a new domain of the name would get them."""
    for name in unknown("limits", "domain", domains()):
        yield Finding(
            "limits-extra",
            name,
            _("There are limits of %(name)s, which is no domain: a new one of that name would get them.")
            % {"name": name},
            "limits",
            _("Delete the row."),
            Repair(Mend.LIMITS_ROW, name),
            safe=True,
        )


def valias() -> Iterator[Finding]:
    """Alias rows that no delivery reads."""
    known = domains()
    for name in unknown("valias", "domain", known):
        count = rows(f"SELECT COUNT(*) FROM {quoted('valias')} WHERE domain = %s", [name])[0][0]  # noqa: S608
        line = known.get(name)
        text = (
            _("There are alias rows under the alias domain %(name)s; delivery looks only under %(real)s.")
            if line
            else _(
                "There are alias rows of %(name)s, which is no domain: a new one would have these aliases."
            )
        )
        yield Finding(
            "valias-alias-domain" if line else "valias-extra",
            name,
            text % {"name": name, "real": line.real if line else ""},
            _("%(count)d rows") % {"count": count},
            _("Delete the rows; no mail is delivered by them today."),
            Repair(Mend.ALIAS_ROWS, name),
        )


def last_auth() -> Iterator[Finding]:
    """Sign-ins of accounts that do not exist: a new account of the name would seem to have signed in."""
    known = domains()
    for batch in _batches(_pairs("lastauth", "user", "domain")):
        there = _existing(known, batch)
        for user, domain in batch:
            if (user.lower(), domain.lower()) not in there and not _is_cut(user):
                yield _sign_in(user, domain)


def _sign_in(user: str, domain: str) -> Finding:
    address = f"{user}@{domain}"
    return Finding(
        "lastauth-extra",
        address,
        _("There is a last sign-in of %(address)s, which is no account.") % {"address": address},
        "lastauth",
        _("Delete the row."),
        Repair(Mend.LAST_AUTH_ROW, domain, user),
        safe=True,
    )


def _batches(pairs: Iterator[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    while batch := list(islice(pairs, BATCH)):
        yield batch


def _existing(known: Assigned, pairs: list[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those pairs of name and domain that are accounts."""
    if schema().layout == MANY:
        parts = [pairs[start : start + TUPLES] for start in range(0, len(pairs), TUPLES)]
        return set().union(*map(_existing_together, parts))
    found = set()
    for domain, group in groupby(sorted(pairs, key=itemgetter(1)), key=itemgetter(1)):
        line = known.get(domain.lower())
        if line is not None and not line.is_alias:
            names = accounts_of(line.name).filter(name__in=[user for user, _domain in group])
            found |= {(str(name).lower(), line.name) for name in names.values_list("name", flat=True)}
    return found


def _existing_together(pairs: list[tuple[str, str]]) -> set[tuple[str, str]]:
    if not schema().has_table("vpopmail"):
        return set()
    values = "VALUES " if schema().sqlite else ""
    places = ", ".join(["(%s, %s)"] * len(pairs))
    index = "" if schema().sqlite else schema().index_on("vpopmail", "pw_name")
    hint = f" FORCE INDEX ({quoted(index)})" if index else ""
    statement = (
        f"SELECT pw_name, pw_domain FROM vpopmail{hint} "  # noqa: S608
        f"WHERE (pw_name, pw_domain) IN ({values}{places})"
    )
    there = rows(statement, [value for pair in pairs for value in pair])
    return {(str(name).lower(), str(domain).lower()) for name, domain in there}


def _is_cut(user: str) -> bool:
    """May the name be the beginning of a longer one, cut off by a narrow column?"""
    width = schema().columns("lastauth").get("user")
    return width is not None and len(user) >= width


def counters() -> Iterator[Finding]:
    """Rows of dir_control that belong to no domain. Those that count domains are called dom_UID."""
    for name in unknown("dir_control", "domain", domains()):
        if not name.startswith("dom_"):
            yield Finding(
                "counter-extra",
                name,
                _("There is a counter of %(name)s, which is no domain.") % {"name": name},
                "dir_control",
                _("Delete the row."),
                Repair(Mend.COUNTER, name),
                safe=True,
            )

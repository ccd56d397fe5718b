"""Who sends mail on to an address, in many domains: aliases, forwarding accounts, mail for unknown addresses.

Rows are found by one statement with a time limit. Files have no index: domain by domain they are read for a
few seconds, and whoever wants to know more goes on where that stopped.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from django.db import OperationalError

from vpopmail import aliases, delivery, forwarding_lists, helper, listing
from vpopmail.aliases import AliasLine
from vpopmail.assigned import domains
from vpopmail.database import code, connection, quoted, reading, rows
from vpopmail.engines.base import NotFound
from vpopmail.schema import schema

SECONDS = 2.0  # for one page
MOST = 200  # places of one page
_ACCOUNTS = 500  # whose forwarding is read at once
_DOMAINS = 500  # in one statement
_TOO_SLOW = 1969  # MariaDB: max_statement_time exceeded


@dataclass(frozen=True, slots=True)
class Place:
    """One place that sends mail on: an alias, an account, or a domain's mail for unknown addresses."""

    kind: Literal["alias", "account", "unknown"]
    domain: str
    name: str
    line: str

    @property
    def address(self) -> str:
        return f"{self.name}@{self.domain}" if self.name else self.domain


@dataclass(frozen=True, slots=True)
class Leading:
    """What was found. `next_after` is where to go on ("" when everything was looked at), `looked` how many of
    all domains were; `complete` is False when the table took too long, or has more rows than are shown."""

    places: Sequence[Place]
    next_after: str
    looked: int
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Scope:
    """Where to look: real domains in their order, and in which of them at accounts too."""

    names: Sequence[str]
    accounts: Callable[[str], bool]
    everywhere: bool = False


def spellings(address: str, scope: Scope) -> list[str]:
    """The address, and the same one under the other names of its domain, if that is one of the scope."""
    name, _at, domain = address.lower().rpartition("@")
    real = domains().real(domain)
    if real is None or not (scope.everywhere or real.name in scope.names):
        return [f"{name}@{domain}"]
    return [f"{name}@{one}" for one in (real.name, *domains().aliases_of(real.name))]


def leading_to(address: str, scope: Scope, after: str = "", seconds: float = SECONDS) -> Leading:
    """The places in the domains of `scope` behind `after`: a domain, or DOMAIN/ACCOUNT in the midst of it."""
    search = _Search(spellings(address, scope), time.monotonic() + seconds)
    if not after:
        search.rows(scope)
    with helper.session():
        return _in_files(search, scope, after)


def _in_files(search: "_Search", scope: Scope, after: str) -> Leading:
    domain, _sign, account = after.partition("/")
    names = scope.names
    start, account = (names.index(domain), account) if domain in names else (0, "")
    if domain in names and not account:
        start += 1
    for number in range(start, len(names)):
        at = search.domain(names[number], account if number == start else "", scope.accounts)
        if at is not None:
            return search.result(at, number)
        if search.is_over and number + 1 < len(names):
            return search.result(names[number], number + 1)
    return search.result("", len(names))


class _Search:
    def __init__(self, wanted: Sequence[str], deadline: float) -> None:
        self.wanted, self.deadline = frozenset(wanted), deadline
        self.found: list[Place] = []
        self.complete = True

    @property
    def is_over(self) -> bool:
        return time.monotonic() > self.deadline or len(self.found) >= MOST

    def result(self, after: str, looked: int) -> Leading:
        return Leading(self.found, after, looked, self.complete)

    def rows(self, scope: Scope) -> None:
        """Rows of all these domains; where aliases are files, rows are not used."""
        if schema().aliases != "sql" or not schema().has_table(aliases.TABLE):
            return
        parts = [None] if scope.everywhere else _parts(scope.names)
        try:
            for part in parts:
                self.found += [_alias(line) for line in reading(_rows, sorted(self.wanted), part)]
            self.complete = len(self.found) < MOST
        except OperationalError as error:
            if code(error) != _TOO_SLOW:
                raise
            self.complete = False

    def domain(self, name: str, account: str, may_see: Callable[[str], bool]) -> str | None:
        """Files of one domain. Where to go on when time was over in its midst, else None."""
        if not account:
            try:
                self.found += [_alias(line) for line in self._files(name)]
                self._unknown(name)
            except NotFound:
                return None  # its directory is gone, and with it every file
        return self._accounts(name, account) if may_see(name) else None

    def _files(self, domain: str) -> Iterator[AliasLine]:
        local = next(iter(self.wanted)).rpartition("@")[0]
        after, more = "", True
        while more:
            answer = helper.call("list_dotqmail", domain=domain, after=after, limit=500, contains=f"{local}@")
            for file in answer["files"]:
                after = file["name"]
                for text in file["lines"]:
                    line = aliases.line_of(after, domain, text)
                    if line.kind == "forward" and line.destination.lower() in self.wanted:
                        yield line
            more = answer["more"]

    def _unknown(self, domain: str) -> None:
        to = delivery.read(domain).unknown.lower()
        same = any(one.endswith(to) for one in self.wanted) if to.startswith("@") else to in self.wanted
        if same and "@" in to:
            self.found.append(Place("unknown", domain, "", to))

    def _accounts(self, domain: str, after: str) -> str | None:
        while True:
            page = listing.account_page(domain, after, _ACCOUNTS)
            forwarding = forwarding_lists.read_many(page.rows)
            for account in page.rows:
                known = forwarding.get(account.address)
                for one in known.destinations if known else ():
                    if one.lower() in self.wanted:
                        self.found.append(Place("account", domain, account.name, one))
            after = page.next_after
            if not after:
                return None
            if self.is_over:
                return f"{domain}/{after}"


def _alias(line: AliasLine) -> Place:
    return Place("alias", line.domain, line.alias, line.line)


def _parts(names: Sequence[str]) -> list[Sequence[str] | None]:
    return [names[start : start + _DOMAINS] for start in range(0, len(names), _DOMAINS)]


def _rows(wanted: Sequence[str], names: Sequence[str] | None) -> list[AliasLine]:
    """Lines as vpopmail and people write them: with `&` and without."""
    lines = [text for one in wanted for text in (one, f"&{one}")]
    where, params = f"LOWER(valias_line) IN ({_marks(lines)})", [*lines]
    if names is not None:
        where, params = f"domain IN ({_marks(names)}) AND {where}", [*names, *lines]
    found = rows(
        f"{_limit()}SELECT alias, domain, valias_line FROM {quoted(aliases.TABLE)} "  # noqa: S608
        f"WHERE {where} ORDER BY domain, alias LIMIT {MOST:d}",
        params,
    )
    known = domains()
    lines_found = [aliases.line_of(str(alias), str(domain), str(line)) for alias, domain, line in found]
    # Rows under the name of an alias domain, or of a domain that is gone, are not used.
    return [line for line in lines_found if (real := known.real(line.domain)) and real.name == line.domain]


def _marks(values: Sequence[str]) -> str:
    return ", ".join(["%s"] * len(values))


def _limit() -> str:
    """MariaDB ends a statement that takes too long; other databases have no such prefix."""
    is_mariadb = bool(getattr(connection(), "mysql_is_mariadb", False))
    return f"SET STATEMENT max_statement_time={SECONDS:g} FOR " if is_mariadb else ""

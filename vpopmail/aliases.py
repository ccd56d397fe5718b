"""Aliases, wherever they are: rows of `valias`, and `.qmail-NAME` files in the domain's directory.

A vpopmail with valias keeps aliases in the table, but a file of the same name wins (qmail-local reads it
first), and mailing lists are normally files even there. So a single alias is looked for in both; lists show
the place this server uses for new ones.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from mailhost.dotqmail import parse_line
from mailhost.names import BadName, check_local_part
from vpopmail import helper
from vpopmail.alias_kinds import UNREADABLE
from vpopmail.database import like, quoted, reading, rows
from vpopmail.engines.base import NotFound
from vpopmail.schema import schema

TABLE = "valias"
MOST_LINES = 1000  # of one alias that are shown
MOST_OF_A_PAGE = 100_000  # lines of all aliases that are read at once


@dataclass(frozen=True, slots=True)
class AliasLine:
    """One line of an alias. `kind` is mailhost.dotqmail's word, `destination` the address, path or command.

    `id` is the row's, where the table has one; `store` is "sql" or "files"; `fingerprint` is the file's.
    """

    alias: str
    domain: str
    line: str
    kind: str
    destination: str
    id: int | None = None
    store: str = "sql"
    fingerprint: dict[str, Any] | None = None

    @property
    def address(self) -> str:
        return f"{self.alias}@{self.domain}"


@dataclass(frozen=True, slots=True)
class Alias:
    """An alias with its lines; `readable` is False for a file that the panel may not read. `hidden` are rows
    that a file of the same name keeps from being used."""

    name: str
    domain: str
    lines: tuple[AliasLine, ...]
    store: str
    readable: bool = True
    hidden: tuple[AliasLine, ...] = ()
    mailing_list: str = ""  # the name of the list that an unreadable file belongs to

    @property
    def address(self) -> str:
        return f"{self.name}@{self.domain}"


@dataclass(frozen=True, slots=True)
class AliasPage:
    """Aliases by name; `next_after` is "" on the last page."""

    rows: Sequence[Alias]
    next_after: str = ""


def line_of(alias: str, domain: str, text: str) -> AliasLine:
    """A line that is not stored yet, read the same way."""
    return _line(alias, domain, text, None, schema().aliases)


def _line(
    alias: str, domain: str, text: str, row: int | None, store: str, fingerprint: Any = None
) -> AliasLine:
    parsed = parse_line(text.strip())
    return AliasLine(alias, domain, text, parsed.kind, parsed.target, row, store, fingerprint)


def has_ids() -> bool:
    """Has valias the column `id`? 5.4 and SQLite have none: then lines are addressed by value."""
    return schema().has_column(TABLE, "id")


def names_with_copies(domain: str, names: Sequence[str]) -> set[str]:
    """Those of these aliases of which a row has something there."""
    if not names or not schema().has_column(TABLE, "copy"):
        return set()
    marks = ", ".join(["%s"] * len(names))
    found = rows(
        f"SELECT DISTINCT alias FROM {quoted(TABLE)} "  # noqa: S608
        f"WHERE domain = %s AND alias IN ({marks}) AND {quoted('copy')} <> 0",
        [domain, *names],
    )
    return {str(name).lower() for (name,) in found}


def keeps_copy(row_id: int) -> bool:
    """Has a row something in the column `copy`? vpopmail writes 0; other programs keep their marks there."""
    if not schema().has_column(TABLE, "copy"):
        return False
    found = rows(f"SELECT {quoted('copy')} FROM {quoted(TABLE)} WHERE id = %s", [row_id])  # noqa: S608
    return bool(found and found[0][0])


def _select(where: str, params: Sequence[Any], order: str, limit: int, column: str = "") -> list[AliasLine]:
    """Rows of valias; none when there is no such table. `column` is what an index to be used begins with."""
    if not schema().has_table(TABLE):
        return []
    row_id = "id" if has_ids() else "NULL"
    found = rows(
        f"SELECT alias, domain, valias_line, {row_id} FROM {quoted(TABLE)}{_hint(column)} "  # noqa: S608
        f"WHERE {where} ORDER BY {order}{', id' if row_id == 'id' else ''} LIMIT {limit:d}",
        list(params),
    )
    return [_line(alias, domain, line, row, "sql") for alias, domain, line, row in found]


# --- one alias ---


def get_alias(domain: str, name: str) -> list[AliasLine]:
    """The lines of an alias of a real domain; [] when there is none. A file comes before rows, since it
    wins."""
    if not name or not name.isascii():
        return []
    lines = _file_lines(domain, name)
    if schema().aliases == "sql":
        lines += reading(_select, "alias = %s AND domain = %s", [name, domain], "alias", MOST_LINES)
    return lines


def _file_lines(domain: str, name: str) -> list[AliasLine]:
    if name == "default" or not can_be_a_file(name):
        return []  # `.qmail-default` is the domain's own default delivery
    try:
        answer = helper.call("read_dotqmail", domain=domain, name=name)
    except NotFound:
        return []
    if not answer["exists"]:
        return []
    kind = "empty" if answer["readable"] else UNREADABLE
    return _of_file(domain, name, answer) or [AliasLine(name, domain, "", kind, "", None, "files")]


def can_be_a_file(name: str) -> bool:
    """A row's alias may be anything; the helper reads files of proper names only."""
    try:
        return bool(check_local_part(name, shortest=1))
    except BadName:
        return False


def _of_file(domain: str, name: str, file: dict[str, Any]) -> list[AliasLine]:
    return [_line(name, domain, text, None, "files", file["fingerprint"]) for text in file["lines"]]


def used(lines: Sequence[AliasLine]) -> list[AliasLine]:
    """Of the lines of one alias those that mail goes by: rows do nothing where there is a file."""
    return [line for line in lines if line.store == "files"] or list(lines)


def is_taken(domain: str, name: str) -> bool:
    """Is there an alias of that name, in either place?"""
    return bool(get_alias(domain, name))


# --- lists ---


def aliases_of(domain: str, after: str = "", limit: int = 50, prefix: str = "") -> AliasPage:
    """Aliases of a real domain after `after`, by name. Names that begin with `prefix` only, when it is
    given."""
    if not prefix.isascii():
        return AliasPage([])
    if schema().aliases == "files":
        return page_of_files(domain, after, limit, prefix)
    return page_of_rows(domain, after, limit, prefix)


def page_of_rows(domain: str, after: str, limit: int, prefix: str) -> AliasPage:
    """Aliases that are rows, whatever this server uses for new ones."""
    return reading(_page_of_rows, domain, after, limit, prefix)


def _page_of_rows(domain: str, after: str, limit: int, prefix: str) -> AliasPage:
    if not schema().has_table(TABLE):
        return AliasPage([])
    where, params = "domain = %s AND alias > %s", [domain, after]
    if prefix:
        where, params = where + " AND alias LIKE %s ESCAPE '!'", [*params, like(prefix) + "%"]
    names = [
        name
        for (name,) in rows(
            f"SELECT DISTINCT alias FROM {quoted(TABLE)}{_hint('domain')} "  # noqa: S608
            f"WHERE {where} ORDER BY alias LIMIT {limit + 1:d}",
            params,
        )
    ]
    shown = names[:limit]
    if not shown:
        return AliasPage([])
    marks = ", ".join(["%s"] * len(shown))
    lines = _select(f"domain = %s AND alias IN ({marks})", [domain, *shown], "alias", MOST_OF_A_PAGE)
    return AliasPage(_grouped(lines), shown[-1] if len(names) > limit else "")


def _hint(first_column: str) -> str:
    """FORCE INDEX for the index that begins with the column, where MariaDB has one."""
    index = "" if schema().sqlite or not first_column else schema().index_on(TABLE, first_column)
    return f" FORCE INDEX ({quoted(index)})" if index else ""


def rows_of(domain: str, names: Sequence[str]) -> list[Alias]:
    """The rows of these aliases, wherever this server keeps new ones."""
    if not names:
        return []
    marks = ", ".join(["%s"] * len(names))
    where = f"domain = %s AND alias IN ({marks})"
    return _grouped(reading(_select, where, [domain, *names], "alias", MOST_OF_A_PAGE))


def _grouped(lines: Iterable[AliasLine]) -> list[Alias]:
    return [
        Alias(name, group[0].domain, tuple(group), group[0].store)
        for name, group in (
            (name, list(found)) for name, found in groupby(lines, lambda line: line.alias.lower())
        )
    ]


def page_of_files(domain: str, after: str, limit: int, prefix: str) -> AliasPage:
    """Aliases that are files, whatever this server uses for new ones. Raises NotFound without a directory."""
    found: list[Alias] = []
    start = max(after, _just_before(prefix))
    while True:
        answer = helper.call("list_dotqmail", domain=domain, after=start, limit=min(limit + 1, 500))
        for file in answer["files"]:
            name = file["name"]
            if not name.startswith(prefix):
                return AliasPage(found)
            if len(found) == limit:
                return AliasPage(found, found[-1].name)
            lines = tuple(_of_file(domain, name, file))
            behind = file.get("list", "")
            found.append(Alias(name, domain, lines, "files", file["readable"], mailing_list=behind))
            start = name
        if not answer["more"]:
            return AliasPage(found)


def _just_before(prefix: str) -> str:
    """A text that sorts before every name with the prefix, and after nearly every other smaller one."""
    return prefix[:-1] + chr(ord(prefix[-1]) - 1) + "\x7e" if prefix else ""


def find_aliases(prefix: str, limit: int = 20, domain: str = "") -> list[AliasLine]:
    """Rows of valias whose alias begins with `prefix`, for search; files are found inside a domain only."""
    if not prefix or not prefix.isascii():
        return []
    if schema().aliases == "files":
        page = aliases_of(domain, limit=limit, prefix=prefix).rows if domain else []
        return [line for alias in page for line in alias.lines][:limit]
    where, params = "alias LIKE %s ESCAPE '!'", [like(prefix) + "%"]
    if domain:
        where, params = where + " AND domain = %s", [*params, domain]
    return reading(_select, where, params, "alias, domain", limit)


def aliases_to(address: str, limit: int = 50, domain: str = "") -> list[AliasLine]:
    """Lines that lead to an address. Exact texts, with and without `&`.

    In the table this looks inside the address's own domain (or `domain`), where an index helps; files of that
    domain only.
    """
    address = address.lower()
    domain = domain or address.rpartition("@")[2]
    if not address.isascii() or "@" not in address:
        return []
    if schema().aliases == "files":
        return _files_to(address, domain, limit)
    where = "domain = %s AND valias_line IN (%s, %s)"
    return reading(_select, where, [domain, address, f"&{address}"], "alias", limit, "domain")


def _files_to(address: str, domain: str, limit: int) -> list[AliasLine]:
    try:
        answer = helper.call("list_dotqmail", domain=domain, limit=500, contains=address)
    except NotFound:
        return []
    lines = (line for file in answer["files"] for line in _of_file(domain, file["name"], file))
    leading = [line for line in lines if line.kind == "forward" and line.destination.lower() == address]
    return leading[:limit]


def destinations_of(lines: Iterable[AliasLine]) -> list[str]:
    """The addresses that lines forward to, in lower case."""
    return [line.destination.lower() for line in lines if line.kind == "forward"]

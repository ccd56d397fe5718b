"""The one list of a domain's aliases: rows of `valias` and `.qmail-NAME` files together, by name.

Each of the two is read by its own key. MariaDB's collations order signs in names otherwise than the files
are ordered, so the position in the list is one name for both, or where they differ two: `ROW/FILE`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from vpopmail import helper
from vpopmail.aliases import Alias, AliasPage, aliases_of, can_be_a_file, page_of_files, rows_of
from vpopmail.engines.base import NotFound
from vpopmail.schema import schema


def page_of_aliases(domain: str, after: str = "", limit: int = 50, prefix: str = "") -> AliasPage:
    """Aliases of a real domain after `after`. Where a name has rows and a file it is the file, whose `hidden`
    rows do nothing."""
    if schema().aliases == "files" or not prefix.isascii():
        return aliases_of(domain, after, limit, prefix)
    row_after, _sign, file_after = after.rpartition("/") if "/" in after else (after, "", after)
    rows = aliases_of(domain, row_after, limit, prefix)
    try:
        files = page_of_files(domain, file_after, limit, prefix)
    except NotFound:  # no directory has no files
        return rows
    taken = _file_names(domain, rows.rows)
    if not files.rows and not taken:
        return rows
    streams = _Stream(rows, row_after), _Stream(_with_hidden(domain, files), file_after)
    return _merged(*streams, taken, limit)


@dataclass
class _Stream:
    """Aliases of one kind, and behind which name the next page of them begins."""

    page: AliasPage
    after: str
    taken: int = 0

    @property
    def head(self) -> Alias | None:
        rows = self.page.rows
        return rows[self.taken] if self.taken < len(rows) else None

    @property
    def has_more(self) -> bool:
        return self.head is not None or bool(self.page.next_after)

    def take(self) -> Alias:
        alias = self.page.rows[self.taken]
        self.taken, self.after = self.taken + 1, alias.name
        return alias


def _merged(rows: _Stream, files: _Stream, taken: set[str], limit: int) -> AliasPage:
    found: list[Alias] = []
    while len(found) < limit:
        row, file = rows.head, files.head
        if row is None and (file is None or (rows.page.next_after and found)):
            break  # the next rows may belong before the file
        if row is not None and (file is None or row.name.lower() < file.name):
            alias = rows.take()
            if alias.name.lower() not in taken:
                found.append(alias)
        elif row is not None and file is not None and row.name.lower() == file.name:
            rows.take()  # one of the file's hidden rows
        else:
            found.append(files.take())
    return AliasPage(found, _position(rows, files) if rows.has_more or files.has_more else "")


def _position(rows: _Stream, files: _Stream) -> str:
    return rows.after if rows.after == files.after else f"{rows.after}/{files.after}"


def _file_names(domain: str, rows: Sequence[Alias]) -> set[str]:
    """The names of those rows that are files as well."""
    names = [alias.name.lower() for alias in rows if can_be_a_file(alias.name.lower())]
    if not names:
        return set()
    answer = helper.call("check_names", domain=domain, names=names)["names"]
    return {name for name, state in answer.items() if state["dotqmail"]}


def _with_hidden(domain: str, files: AliasPage) -> AliasPage:
    hidden = {alias.name.lower(): alias.lines for alias in rows_of(domain, [row.name for row in files.rows])}
    rows = [replace(alias, hidden=hidden.get(alias.name, ())) for alias in files.rows]
    return AliasPage(rows, files.next_after)

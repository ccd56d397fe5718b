"""Rows and files in one list: each name once, in pages, whatever signs the names have."""

import pytest

from tests.store import Store
from tests.vpopmail.people import alias, assign, dotqmail
from vpopmail.alias_list import page_of_aliases

ROWS = ["a.b", "a-b", "a_b", "ab", "info", "z-default", "zed"]
FILES = ["a-c", "a_a", "aa", "info", "list", "list-owner", "z.z"]


def walk(limit: int, prefix: str = "") -> list[tuple[str, str]]:
    found, after, pages = [], "", 0
    while True:
        page = page_of_aliases("example.com", after, limit, prefix)
        assert len(page.rows) <= limit
        found += [(row.name, row.store) for row in page.rows]
        after, pages = page.next_after, pages + 1
        assert pages < 50
        if not after:
            return found


@pytest.mark.stores("sqlite", "many", "perdomain")
def test_every_alias_once(store: Store) -> None:
    assign(store, ("example.com", "example.com"))
    for name in ROWS:
        alias("example.com", name, "&anna@example.com")
    for name in FILES:
        dotqmail(store, "example.com", name, "&berta@example.com")
    wanted = sorted([(name, "files") for name in FILES] + [(name, "sql") for name in set(ROWS) - {"info"}])
    for limit in (1, 2, 3, 50):
        assert sorted(walk(limit)) == wanted
    assert walk(50)[0][0] <= "aa"  # by name, not one kind after the other
    assert sorted(walk(2, "a-")) == [("a-b", "sql"), ("a-c", "files")]


@pytest.mark.stores("sqlite", "many")
def test_rows_that_a_file_hides(store: Store) -> None:
    assign(store, ("example.com", "example.com"))
    alias("example.com", "info", "&row@example.com", "&more@example.com")
    dotqmail(store, "example.com", "info", "&file@example.com")
    [found] = page_of_aliases("example.com").rows
    assert [line.line for line in found.lines] == ["&file@example.com"]
    assert sorted(line.line for line in found.hidden) == ["&more@example.com", "&row@example.com"]


@pytest.mark.stores("sqlite", "clear")
def test_without_rows_or_without_files(store: Store) -> None:
    assign(store, ("example.com", "example.com"))
    assert list(page_of_aliases("example.com").rows) == []
    dotqmail(store, "example.com", "info", "&file@example.com")
    assert walk(10) == [("info", "files")]
    if store.kind == "sqlite":
        store.directory("example.com").joinpath(".qmail-info").unlink()
        alias("example.com", "sales", "&row@example.com")
        store.directory("example.com").rmdir()
        assert walk(10) == [("sales", "sql")]

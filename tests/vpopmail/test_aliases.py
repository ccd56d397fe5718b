"""Aliases in rows with and without id, and in files; lists, one alias, what leads to an address."""

import pytest

from tests.store import Store
from tests.vpopmail.people import alias, assign, dotqmail, execute
from vpopmail import aliases, schema

SQL = ("sqlite", "many", "perdomain", "old", "handmade")
ALL = (*SQL, "clear")


def make(store: Store, name: str, *lines: str) -> None:
    if store.kind == "clear":
        dotqmail(store, "example.com", name, *lines)
    else:
        alias("example.com", name, *lines)


@pytest.mark.stores(*ALL)
def test_absent_tables_and_files_read_as_empty(store: Store) -> None:
    assign(store, ("example.com", "example.com"))
    assert aliases.get_alias("example.com", "info") == []
    assert list(aliases.aliases_of("example.com").rows) == []
    assert aliases.aliases_to("bob@example.com") == []
    assert aliases.find_aliases("inf") == []


@pytest.mark.stores(*ALL)
def test_one_alias_with_its_lines(store: Store) -> None:
    assign(store, ("example.com", "example.com"), ("other.net", "other.net"))
    make(store, "info", "&bob@example.com", "|/bin/program x", "/v/domains/example.com/bob/Maildir/")
    if store.kind != "clear":
        alias("other.net", "info", "else@where.net")
    lines = aliases.get_alias("example.com", "info")
    assert [(line.kind, line.destination) for line in lines] == [
        ("forward", "bob@example.com"),
        ("program", "/bin/program x"),
        ("maildir", "/v/domains/example.com/bob/Maildir/"),
    ]
    assert {line.store for line in lines} == {"files" if store.kind == "clear" else "sql"}
    with_id = store.kind in ("many", "perdomain", "handmade")
    assert all((line.id is not None) == with_id for line in lines)
    assert lines[0].address == "info@example.com"


@pytest.mark.stores("many", "sqlite")
def test_a_file_is_seen_beside_the_table(store: Store) -> None:
    assign(store, ("example.com", "example.com"))
    dotqmail(store, "example.com", "list.owner", "&owner@example.com")
    found = aliases.get_alias("example.com", "list.owner")
    assert [(line.line, line.store) for line in found] == [("&owner@example.com", "files")]
    assert aliases.is_taken("example.com", "list.owner")
    dotqmail(store, "example.com", "empty")
    assert aliases.get_alias("example.com", "empty")[0].kind == "empty"
    dotqmail(store, "example.com", "default", "| x")
    assert aliases.get_alias("example.com", "default") == []


@pytest.mark.stores(*ALL)
def test_pages_group_lines_by_name(store: Store) -> None:
    assign(store, ("example.com", "example.com"))
    for number in range(7):
        make(store, f"name{number}", "&a@example.com", "&b@example.com")
    make(store, "other", "&c@example.com")
    page = aliases.aliases_of("example.com", limit=3)
    assert [a.name for a in page.rows] == ["name0", "name1", "name2"] and page.next_after == "name2"
    assert [len(a.lines) for a in page.rows] == [2, 2, 2]
    page = aliases.aliases_of("example.com", after="name5", limit=3)
    assert [a.name for a in page.rows] == ["name6", "other"] and page.next_after == ""
    page = aliases.aliases_of("example.com", prefix="name", limit=7)
    assert len(page.rows) == 7 and page.next_after == ""
    assert [a.name for a in aliases.aliases_of("example.com", prefix="ot").rows] == ["other"]
    assert [a.name for a in aliases.aliases_of("example.com", prefix="n_me").rows] == []


@pytest.mark.stores(*ALL)
def test_what_leads_to_an_address(store: Store) -> None:
    assign(store, ("example.com", "example.com"))
    make(store, "with", "&bob@example.com")
    make(store, "without", "bob@example.com")
    make(store, "longer", "&jim.bob@example.com")
    assert sorted(line.alias for line in aliases.aliases_to("Bob@example.com")) == ["with", "without"]
    assert aliases.aliases_to("nobody") == [] and aliases.aliases_to("bøb@example.com") == []


@pytest.mark.stores(*SQL)
def test_search_by_prefix(store: Store) -> None:
    assign(store, ("example.com", "example.com"), ("other.net", "other.net"))
    alias("example.com", "sales", "&a@x.net")
    alias("other.net", "sales", "&b@x.net")
    assert {line.domain for line in aliases.find_aliases("sal")} == {"example.com", "other.net"}
    assert [line.domain for line in aliases.find_aliases("sal", domain="other.net")] == ["other.net"]
    assert aliases.find_aliases("%") == [] and aliases.find_aliases("ä") == []


@pytest.mark.stores("many", "sqlite")
def test_a_table_dropped_meanwhile_reads_as_empty(store: Store) -> None:
    assign(store, ("example.com", "example.com"))
    alias("example.com", "info", "&a@x.net")
    assert schema.schema().has_table("valias")
    execute("DROP TABLE valias")
    assert aliases.get_alias("example.com", "info") == []
    assert list(aliases.aliases_of("example.com").rows) == []


@pytest.mark.stores("many")
@pytest.mark.parametrize("name", ["-x", "a/b", "..", "x" * 200, "", "ä", "a\nb"])
def test_strange_names_are_no_alias(store: Store, name: str) -> None:
    assign(store, ("example.com", "example.com"))
    assert aliases.get_alias("example.com", name) == []

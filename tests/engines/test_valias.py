"""valias: lines in the table, with and without its newer columns, or in `.qmail-NAME`."""

from typing import Any

import pytest

from tests.engines.cast import KINDS, add_domain, execute, fail_at_every_step
from tests.store import Store
from vpopmail.engines import get_engine
from vpopmail.engines.base import Changed, NotFound, Refused
from vpopmail.engines.native import aliases

AWAY, FAR = "&away@elsewhere.example", "&far@elsewhere.example"


def _lines(store: Store, alias: str = "sales", domain: str = "example.com") -> list[str]:
    if store.kind == "clear":
        path = store.directory(domain) / f".qmail-{alias.replace('.', ':')}"
        return path.read_text().splitlines() if path.exists() else []
    order = "ORDER BY id" if store.kind not in ("old", "sqlite") else ""
    found = store.rows(
        f"SELECT valias_line FROM valias WHERE alias = '{alias}' AND domain = '{domain}' {order}"
    )
    return [row["valias_line"] for row in found]


@pytest.mark.stores("sqlite", "many", "clear")
@pytest.mark.ways("in-process", "command", "socket")
def test_lines_are_added_one_by_one_and_removed(store: Store) -> None:
    add_domain()
    get_engine().valias_insert("example.com", "sales", AWAY)
    get_engine().valias_insert("example.com", "sales", f"  {FAR}")
    assert _lines(store) == [AWAY, FAR]
    get_engine().valias_remove("example.com", "sales", AWAY)
    assert _lines(store) == [FAR]
    get_engine().valias_insert("example.com", "sales", AWAY)
    get_engine().valias_delete("example.com", "sales")
    assert _lines(store) == []


@pytest.mark.stores("many", "perdomain")
def test_all_columns_are_vpopmails(store: Store) -> None:
    add_domain()
    get_engine().valias_insert("example.com", "sales", AWAY)
    get_engine().valias_insert("example.com", "sales", "|/bin/true")
    get_engine().valias_insert("example.com", "sales", FAR, copy=1)
    found = store.rows("SELECT valias_type, copy FROM valias ORDER BY id")
    assert [(row["valias_type"], row["copy"]) for row in found] == [(1, 0), (0, 0), (1, 1)]


@pytest.mark.stores(*KINDS)
def test_under_an_alias_domains_name_it_goes_to_the_real_domain(store: Store) -> None:
    add_domain()
    get_engine().vaddaliasdomain("example.com", "alias.example")
    get_engine().valias_insert("alias.example", "sales", AWAY)
    assert _lines(store) == [AWAY]
    get_engine().valias_insert("example.com", "sales", FAR)
    get_engine().valias_remove("alias.example", "sales", FAR)
    get_engine().valias_delete("alias.example", "sales")
    assert _lines(store) == []


@pytest.mark.stores(*KINDS)
def test_a_line_that_is_there_is_refused(store: Store) -> None:
    add_domain()
    get_engine().valias_insert("example.com", "sales", AWAY)
    with pytest.raises(Refused):
        get_engine().valias_insert("example.com", "sales", AWAY)
    assert _lines(store) == [AWAY]


@pytest.mark.stores(*KINDS)
def test_the_last_line_takes_the_alias_with_it(store: Store) -> None:
    add_domain()
    get_engine().valias_insert("example.com", "sa.les", AWAY)
    get_engine().valias_remove("example.com", "sa.les", AWAY)
    assert _lines(store, "sa.les") == []
    with pytest.raises(NotFound):
        get_engine().valias_delete("example.com", "sa.les")


@pytest.mark.stores(*KINDS)
def test_what_is_not_there(store: Store) -> None:
    add_domain()
    get_engine().valias_insert("example.com", "sales", AWAY)
    for line in (FAR, AWAY.upper(), AWAY.removeprefix("&"), ""):
        with pytest.raises(NotFound):
            get_engine().valias_remove("example.com", "sales", line)
    with pytest.raises(NotFound):
        get_engine().valias_delete("example.com", "other")
    assert _lines(store) == [AWAY]


@pytest.mark.stores("sqlite", "many", "old", "clear")
@pytest.mark.parametrize("line", ["", "a\nb", "\0", "&sales@example.com", "&not an address", "x" * 2000])
def test_lines_that_cannot_be_are_refused(store: Store, line: str) -> None:
    add_domain()
    with pytest.raises(Refused):
        get_engine().valias_insert("example.com", "sales", line)
    assert _lines(store) == []


@pytest.mark.stores("many", "perdomain", "handmade")
def test_one_of_two_equal_rows_by_its_id(store: Store) -> None:
    add_domain()
    get_engine().valias_insert("example.com", "sales", AWAY)
    execute("INSERT INTO valias (alias, domain, valias_line) VALUES ('sales', 'example.com', %s)", [AWAY])
    first, second = store.rows("SELECT id FROM valias ORDER BY id")
    get_engine().valias_remove("example.com", "sales", AWAY, id=second["id"])
    assert store.rows("SELECT id FROM valias") == [first]
    with pytest.raises(NotFound):
        get_engine().valias_remove("example.com", "sales", FAR, id=first["id"])


@pytest.mark.stores("old", "sqlite")
def test_equal_rows_of_a_table_without_key_go_together_and_others_stay(store: Store) -> None:
    add_domain()
    for line in (AWAY, AWAY.upper()):
        get_engine().valias_insert("example.com", "sales", line)
    execute("INSERT INTO valias (alias, domain, valias_line) VALUES ('sales', 'example.com', %s)", [AWAY])
    get_engine().valias_remove("example.com", "sales", AWAY)
    assert _lines(store) == [AWAY.upper()]


@pytest.mark.stores("old", "many", "sqlite")
def test_rows_that_others_deleted_meanwhile_are_noticed(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_domain()
    get_engine().valias_insert("example.com", "sales", AWAY)
    read = aliases.read_rows

    def read_twice(domain: str, alias: str) -> list[dict[str, Any]]:
        return read(domain, alias) * 2  # one of them is gone by now

    monkeypatch.setattr(aliases, "read_rows", read_twice)
    with pytest.raises(Changed):
        get_engine().valias_remove("example.com", "sales", AWAY)
    assert _lines(store) == [AWAY]


@pytest.mark.stores("clear")
def test_a_file_as_vpopmail_writes_it(store: Store) -> None:
    add_domain()
    get_engine().valias_insert("example.com", "sa.les", AWAY)
    path = store.directory("example.com") / ".qmail-sa:les"
    assert path.read_text() == f"{AWAY}\n" and path.stat().st_mode & 0o777 == 0o600


@pytest.mark.stores(*KINDS)
@pytest.mark.parametrize("change", ["insert", "remove", "delete"])
def test_a_failure_at_any_step_leaves_the_lines(store: Store, change: str) -> None:
    add_domain()
    for line in (AWAY, FAR):
        get_engine().valias_insert("example.com", "sales", line)
    engine = get_engine()
    changes = {
        "insert": lambda: engine.valias_insert("example.com", "sales", "&new@elsewhere.example"),
        "remove": lambda: engine.valias_remove("example.com", "sales", AWAY),
        "delete": lambda: engine.valias_delete("example.com", "sales"),
    }
    assert fail_at_every_step(store, changes[change]) > 1
    assert len(_lines(store)) == {"insert": 3, "remove": 1, "delete": 0}[change]

"""valias_convert: a failure at any step leaves it where it was; recovery finishes what a kill left."""

from typing import Any

import pytest

from tests.engines.cast import add_domain, execute, fail_at_every_step
from tests.store import Store
from vpopmail import helper, underway
from vpopmail.engines import get_engine
from vpopmail.engines.base import Changed, NotFound, Outcome, Refused
from vpopmail.schema import schema

DOMAIN, LINES = "example.com", ["# us", "&a@elsewhere.example", "&b@elsewhere.example"]
pytestmark = pytest.mark.stores("sqlite", "many", "old", "handmade")


def convert(to: str, lines: list[str] = LINES, entry: str = "") -> Outcome:
    return get_engine().valias_convert(DOMAIN, "sales", to, lines, entry=entry)


def as_file(store: Store) -> Any:
    helper.call("write_dotqmail", domain=DOMAIN, name="sales", lines=LINES, expect=None)
    return store.directory(DOMAIN) / ".qmail-sales"


def rows(store: Store) -> list[str]:
    if not schema().has_table("valias"):
        return []
    return sorted(row["valias_line"] for row in store.rows("SELECT valias_line FROM valias"))


@pytest.mark.parametrize("to", ["sql", "files"])
def test_a_failure_at_any_step_leaves_it_where_it_was(store: Store, to: str) -> None:
    add_domain()
    path = as_file(store)
    if to == "files":
        convert("sql")
    else:
        get_engine().valias_insert(DOMAIN, "other", "&x@elsewhere.example")  # the table is there
        get_engine().valias_delete(DOMAIN, "other")
    assert fail_at_every_step(store, lambda: convert(to)) > 2
    assert path.exists() == (to == "files") and rows(store) == (sorted(LINES) if to == "sql" else [])


def test_what_no_longer_stands(store: Store) -> None:
    add_domain()
    with pytest.raises(NotFound):
        convert("sql")
    path = as_file(store)
    with pytest.raises(Changed):
        convert("sql", LINES[:2])
    with pytest.raises(NotFound):
        convert("files")
    get_engine().valias_insert(DOMAIN, "other", "&x@elsewhere.example")
    execute("UPDATE valias SET alias = 'sales'")
    with pytest.raises(Refused):
        convert("sql")
    with pytest.raises(Refused):
        convert("files", ["&x@elsewhere.example"])
    assert path.read_text().splitlines() == LINES and rows(store) == ["&x@elsewhere.example"]


@pytest.mark.parametrize("to", ["sql", "files"])
def test_recovery_finishes_what_is_in_both_places(store: Store, to: str) -> None:
    add_domain()
    path = as_file(store)
    convert("sql")
    as_file(store)
    note = {"kind": "convert", "domain": DOMAIN, "alias": "sales", "to": to, "lines": LINES}
    settled = get_engine().settle([note], entry="e" * 32)
    assert settled.done
    assert path.exists() == (to == "files") and rows(store) == (sorted(LINES) if to == "sql" else [])
    assert get_engine().settle([note], entry="e" * 32).done  # may be repeated
    assert not get_engine().settle([{**note, "to": {"sql": "files"}.get(to, "sql")}], entry="f" * 32).done


def test_recovery_leaves_what_somebody_changed(store: Store) -> None:
    add_domain()
    path = as_file(store)
    convert("sql")
    as_file(store)
    path.write_text("&late@elsewhere.example\n")
    note = {"kind": "convert", "domain": DOMAIN, "alias": "sales", "to": "sql", "lines": LINES}
    assert not get_engine().settle([note], entry="e" * 32).done
    assert path.read_text() == "&late@elsewhere.example\n" and rows(store) == sorted(LINES)


def test_what_is_begun_is_written_down(store: Store) -> None:
    add_domain()
    as_file(store)
    with underway.begin("a" * 32):
        convert("sql", entry="a" * 32)
    with underway.taken_over("a" * 32) as notes:
        assert [note["kind"] for note in notes] == ["convert"]

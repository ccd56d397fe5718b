"""vaddaliasdomain: row for Dovecot, lines for qmail."""

import pytest

from tests.engines.cast import KINDS, add_domain, execute, fail_at_every_step
from tests.store import Store
from vpopmail.engines import get_engine
from vpopmail.engines.base import NotFound, Refused


@pytest.mark.stores("sqlite", "many", "perdomain")
@pytest.mark.ways("in-process", "command", "socket")
def test_row_and_lines(store: Store) -> None:
    add_domain()
    get_engine().vaddaliasdomain("example.com", "alias.example")
    if store.kind != "old":
        assert store.rows("SELECT * FROM aliasdomains") == [
            {"alias": "alias.example", "domain": "example.com"}
        ]
    directory = store.directory("example.com")
    assert "+alias.example-:example.com:" in store.control("assign")
    assert store.control("assign").count(f":{directory}:-::\n") == 2
    assert "alias.example:alias.example\n" in store.control("virtualdomains")
    assert "alias.example\n" in store.control("rcpthosts")


def test_an_alias_of_an_alias_is_one_of_the_real_domain(store: Store) -> None:
    add_domain()
    get_engine().vaddaliasdomain("example.com", "alias.example")
    get_engine().vaddaliasdomain("alias.example", "second.example")
    found = store.rows("SELECT domain FROM aliasdomains WHERE alias = 'second.example'")
    assert found == [{"domain": "example.com"}]
    assert "+second.example-:example.com:" in store.control("assign")


@pytest.mark.parametrize(
    "alias", ["example.com", "other.example", "taken.example", "nodot", "-a.example", "a..example"]
)
def test_names_that_cannot_be_are_refused(store: Store, alias: str) -> None:
    add_domain("example.com")
    add_domain("other.example")
    get_engine().vaddaliasdomain("other.example", "taken.example")
    before = store.control("assign")
    with pytest.raises(Refused):
        get_engine().vaddaliasdomain("example.com", alias)
    assert store.control("assign") == before


def test_of_an_unknown_domain(store: Store) -> None:
    with pytest.raises(NotFound):
        get_engine().vaddaliasdomain("nowhere.example", "alias.example")


@pytest.mark.stores(*KINDS)
def test_a_failure_at_any_step_leaves_nothing(store: Store) -> None:
    add_domain()
    get_engine().vaddaliasdomain("example.com", "first.example")
    if store.kind != "old":
        execute("INSERT INTO aliasdomains (alias, domain) VALUES ('alias.example', 'gone.example')")
    assert fail_at_every_step(store, lambda: get_engine().vaddaliasdomain("example.com", "alias.example")) > 3


@pytest.mark.stores("many", "perdomain", "sqlite")
def test_a_row_that_was_left_behind_is_replaced(store: Store) -> None:
    add_domain()
    get_engine().vaddaliasdomain("example.com", "first.example")
    execute("INSERT INTO aliasdomains (alias, domain) VALUES ('alias.example', 'gone.example')")
    get_engine().vaddaliasdomain("example.com", "alias.example")
    found = store.rows("SELECT domain FROM aliasdomains WHERE alias = 'alias.example'")
    assert found == [{"domain": "example.com"}]

"""A domain out of the trash: every row, file and control line is as it was before, or nothing has changed."""

from collections.abc import Callable

import pytest

from tests.engines.cast import KINDS, account, add_domain, fail_at_every_step, names
from tests.engines.test_restore_account import without_ids
from tests.fidelity import snapshot
from tests.store import Store
from vpopmail import trash
from vpopmail.engines import get_engine
from vpopmail.engines.base import NotFound, Refused

ENTRY = "e" * 32


def deleted(store: Store, before_deletion: Callable[[], None] = lambda: None) -> None:
    """example.com with all it can have, deleted under ENTRY; a neighbour that stays."""
    add_domain("other.example", "alice")
    add_domain("example.com", "alice", "bob")
    get_engine().valias_insert("example.com", "sales", "&away@elsewhere.example")
    get_engine().vmoddomlimits("example.com", {"maxaliases": 3})
    get_engine().vaddaliasdomain("example.com", "alias.example")
    (store.directory("example.com") / "alice/Maildir/new/1").write_text("precious")
    before_deletion()
    store.before = snapshot.take(store)
    store.auth = store.rows("SELECT * FROM lastauth ORDER BY domain, user")
    store.hashes = [row["pw_passwd"] for row in store.accounts("example.com")]
    get_engine().vdeldomain("example.com", with_alias_domains=True, entry=ENTRY)


@pytest.mark.stores(*KINDS)
def test_everything_is_as_it_was(store: Store) -> None:
    deleted(store)
    [parked] = trash.page().rows
    assert (parked.target, parked.is_domain, parked.messages) == ("example.com", True, 1)
    outcome = get_engine().restore_domain(ENTRY)
    assert not [text for text in outcome.warnings if "qmail-send" not in text]
    assert without_ids(snapshot.take(store)) == without_ids(store.before)
    assert store.rows("SELECT * FROM lastauth ORDER BY domain, user") == store.auth
    assert [row["pw_passwd"] for row in store.accounts("example.com")] == store.hashes
    assert not trash.page().rows
    with pytest.raises(NotFound):
        get_engine().restore_domain(ENTRY)


@pytest.mark.ways("command", "socket")
@pytest.mark.stores("many", "perdomain")
def test_in_every_way_to_the_helper(store: Store) -> None:
    deleted(store)
    get_engine().restore_domain(ENTRY)
    assert without_ids(snapshot.take(store)) == without_ids(store.before)


@pytest.mark.stores(*KINDS)
def test_a_failure_at_any_step_leaves_it_in_the_trash(store: Store) -> None:
    deleted(store)
    steps = fail_at_every_step(store, lambda: get_engine().restore_domain(ENTRY))
    assert steps > 10
    assert names(store) == ["alice", "bob", "postmaster"]
    assert (store.directory("example.com") / "alice/Maildir/new/1").read_text() == "precious"


def test_beside_a_new_one_it_is_refused(store: Store) -> None:
    deleted(store)
    add_domain("example.com")
    before = snapshot.take(store)
    with pytest.raises(Refused):
        get_engine().restore_domain(ENTRY)
    assert snapshot.take(store) == before
    assert trash.find(ENTRY).messages == 1


@pytest.mark.stores("sqlite", "many")
def test_an_alias_domain_whose_name_is_taken_stays_away(store: Store) -> None:
    deleted(store)
    get_engine().vaddaliasdomain("other.example", "alias.example")
    outcome = get_engine().restore_domain(ENTRY)
    assert [text for text in outcome.warnings if "alias.example" in text]
    assert "+alias.example-:other.example" in store.control("assign")
    assert "example.com" in store.control("rcpthosts")


@pytest.mark.stores("sqlite")
def test_an_account_is_no_domain(store: Store) -> None:
    deleted(store)
    get_engine().vadduser("other.example", account("carol"))
    get_engine().vdeluser("other.example", "carol", entry="f" * 32)
    with pytest.raises(Refused):
        get_engine().restore_domain("f" * 32)
    with pytest.raises(Refused):
        get_engine().restore_account(ENTRY)

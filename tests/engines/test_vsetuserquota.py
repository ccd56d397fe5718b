"""vsetuserquota: the row and maildirsize say the same."""

import shutil

import pytest

from tests.engines.cast import KINDS, add_domain, fail_at_every_step, row, set_values
from tests.store import Store
from vpopmail.engines import get_engine
from vpopmail.engines.base import Changed, NotFound


def _size_file(store: Store) -> str | None:
    path = store.directory("example.com") / "alice/Maildir/maildirsize"
    return path.read_text() if path.exists() else None


@pytest.mark.stores("sqlite", "many", "perdomain")
@pytest.mark.ways("in-process", "command", "socket")
def test_row_and_file(store: Store) -> None:
    add_domain("example.com", "alice")
    (store.directory("example.com") / "alice/Maildir/new/1,S=5").write_text("12345")
    get_engine().vsetuserquota("example.com", "alice", "1000S,5C")
    assert row(store, "alice")["pw_shell"] == "1000S,5C"
    assert _size_file(store) == "1000S,5C\n5 1\n"
    get_engine().vsetuserquota("example.com", "alice", "NOQUOTA")
    assert (row(store, "alice")["pw_shell"], _size_file(store)) == ("NOQUOTA", None)


def test_what_the_person_saw_no_longer_stands(store: Store) -> None:
    add_domain("example.com", "alice")
    with pytest.raises(Changed):
        get_engine().vsetuserquota("example.com", "alice", "1000S", expected="5S")
    assert (row(store, "alice")["pw_shell"], _size_file(store)) == ("NOQUOTA", None)
    get_engine().vsetuserquota("example.com", "alice", "1000S", expected="NOQUOTA")
    assert row(store, "alice")["pw_shell"] == "1000S"


def test_a_mailbox_elsewhere_keeps_its_file(store: Store) -> None:
    add_domain("example.com", "alice")
    set_values(store, "alice", pw_dir="/somewhere/else")
    outcome = get_engine().vsetuserquota("example.com", "alice", "1000S")
    assert outcome.warnings and row(store, "alice")["pw_shell"] == "1000S"
    assert _size_file(store) is None


def test_without_a_mailbox_the_row_changes_all_the_same(store: Store) -> None:
    add_domain("example.com", "alice")
    shutil.rmtree(store.directory("example.com") / "alice")
    outcome = get_engine().vsetuserquota("example.com", "alice", "1000S")
    assert outcome.warnings and row(store, "alice")["pw_shell"] == "1000S"


def test_unknown(store: Store) -> None:
    add_domain()
    with pytest.raises(NotFound):
        get_engine().vsetuserquota("example.com", "nobody", "1000S")


@pytest.mark.stores(*KINDS)
def test_a_failure_at_any_step_leaves_the_old_quota(store: Store) -> None:
    add_domain("example.com", "alice")
    get_engine().vsetuserquota("example.com", "alice", "7S")
    steps = fail_at_every_step(store, lambda: get_engine().vsetuserquota("example.com", "alice", "9S"))
    assert steps > 1
    assert (row(store, "alice")["pw_shell"], _size_file(store)) == ("9S", "9S\n0 0\n")

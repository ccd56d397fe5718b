"""vmoduser: the display name, and single bits of pw_gid; what is not named stays."""

import pytest

from tests.engines.cast import KINDS, add_domain, fail_at_every_step, row, set_values
from tests.store import Store
from vpopmail.engines import get_engine
from vpopmail.engines.base import Changed, NotFound, Refused
from vpopmail.engines.native import sql
from vpopmail.engines.native.users import Users


@pytest.mark.stores("sqlite", "many", "perdomain")
@pytest.mark.ways("in-process", "command", "socket")
def test_bits_that_are_not_named_stay(store: Store) -> None:
    add_domain("example.com", "alice", "bob")
    set_values(store, "alice", pw_gid=0x4000_0006)  # one bit that nobody knows
    get_engine().vmoduser("example.com", "alice", set_flags=0x8, clear_flags=0x2)
    assert row(store, "alice")["pw_gid"] == 0x4000_000C
    assert row(store, "bob")["pw_gid"] == 0


def test_name_and_flags_at_once(store: Store) -> None:
    add_domain("example.com", "alice")
    get_engine().vmoduser("example.com", "alice", gecos="Alice É", set_flags=1)
    assert (row(store, "alice")["pw_gecos"], row(store, "alice")["pw_gid"]) == ("Alice É", 1)
    get_engine().vmoduser("example.com", "alice", gecos="")
    assert row(store, "alice")["pw_gecos"] == ""


def test_nulls_count_as_nothing(store: Store) -> None:
    add_domain("example.com", "alice")
    set_values(store, "alice", pw_gid=None, pw_gecos=None)
    expected = {"gid": 0, "gecos": ""}
    get_engine().vmoduser("example.com", "alice", set_flags=4, clear_flags=8, expected=expected)
    assert (row(store, "alice")["pw_gid"], row(store, "alice")["pw_gecos"]) == (4, None)


@pytest.mark.parametrize("expected", [{"gid": 7}, {"gecos": "Someone"}, {"gid": 0, "gecos": "ALICE"}])
def test_what_the_person_saw_no_longer_stands(store: Store, expected: dict[str, object]) -> None:
    add_domain("example.com", "alice")
    before = row(store, "alice")
    with pytest.raises(Changed):
        get_engine().vmoduser("example.com", "alice", gecos="New", set_flags=1, expected=expected)
    assert row(store, "alice") == before


@pytest.mark.stores("many", "perdomain", "handmade")
def test_a_change_between_reading_and_writing_is_not_overwritten(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_domain("example.com", "alice")
    read = Users.read

    def read_and_wait(self: Users, name: str) -> sql.Row:
        found = read(self, name)
        return found | {"pw_gid": 1, "pw_gecos": "what stood there a moment ago"}

    monkeypatch.setattr(Users, "read", read_and_wait)
    before = row(store, "alice")
    for change in ({"set_flags": 2}, {"gecos": "New"}):
        with pytest.raises(Changed):
            get_engine().vmoduser("example.com", "alice", **change)
    assert row(store, "alice") == before


def test_a_flag_both_set_and_cleared(store: Store) -> None:
    add_domain("example.com", "alice")
    with pytest.raises(Refused):
        get_engine().vmoduser("example.com", "alice", set_flags=3, clear_flags=1)


def test_unknown(store: Store) -> None:
    add_domain()
    with pytest.raises(NotFound):
        get_engine().vmoduser("example.com", "nobody", set_flags=1)


@pytest.mark.stores(*KINDS)
def test_a_failure_at_any_step_leaves_the_old_values(store: Store) -> None:
    add_domain("example.com", "alice")
    steps = fail_at_every_step(
        store, lambda: get_engine().vmoduser("example.com", "alice", gecos="New", set_flags=9)
    )
    assert steps > 1
    assert (row(store, "alice")["pw_gecos"], row(store, "alice")["pw_gid"]) == ("New", 9)

"""vpasswd: hash and clear password change together, nothing else does."""

import pytest

from tests.engines.cast import KINDS, account, add_domain, fail_at_every_step, row, set_values
from tests.store import Store
from vpopmail.engines import get_engine
from vpopmail.engines.base import NotFound, Refused

NEW = "$1$newnewne$" + "y" * 22


@pytest.mark.stores("sqlite", "many", "perdomain")
@pytest.mark.ways("in-process", "command", "socket")
def test_only_the_password_changes(store: Store) -> None:
    add_domain("example.com", "alice", "bob")
    before = {name: row(store, name) for name in ("alice", "bob")}
    get_engine().vpasswd("example.com", "alice", NEW)
    assert row(store, "alice") == before["alice"] | {"pw_passwd": NEW}
    assert row(store, "bob") == before["bob"]


@pytest.mark.stores("perdomain", "clear", "old", "sqlite")
@pytest.mark.parametrize("clear", ["", "new clear"])
def test_the_old_clear_password_never_stays(store: Store, clear: str) -> None:
    add_domain()
    get_engine().vadduser("example.com", account("alice", clear="old clear"))
    get_engine().vpasswd("example.com", "alice", NEW, clear)
    found = row(store, "alice")
    assert (found["pw_passwd"], found["pw_clear_passwd"]) == (NEW, clear)


def test_by_the_alias_domains_name(store: Store) -> None:
    add_domain("example.com", "alice")
    get_engine().vaddaliasdomain("example.com", "alias.example")
    get_engine().vpasswd("alias.example", "alice", NEW)
    assert row(store, "alice")["pw_passwd"] == NEW


def test_a_row_of_nulls(store: Store) -> None:
    add_domain("example.com", "alice")
    set_values(store, "alice", pw_passwd=None, pw_gid=None)
    get_engine().vpasswd("example.com", "alice", NEW)
    assert (row(store, "alice")["pw_passwd"], row(store, "alice")["pw_gid"]) == (NEW, None)


@pytest.mark.stores("many", "perdomain")
def test_a_hash_too_long_for_the_table(store: Store) -> None:
    add_domain("example.com", "alice")
    with pytest.raises(Refused) as refusal:
        get_engine().vpasswd("example.com", "alice", "$6$" + "x" * 200)
    assert refusal.value.field == "password"


def test_unknown(store: Store) -> None:
    add_domain()
    with pytest.raises(NotFound):
        get_engine().vpasswd("example.com", "nobody", NEW)


@pytest.mark.stores(*KINDS)
def test_a_failure_at_any_step_leaves_the_old_one(store: Store) -> None:
    add_domain("example.com", "alice")
    assert fail_at_every_step(store, lambda: get_engine().vpasswd("example.com", "alice", NEW)) > 1
    assert row(store, "alice")["pw_passwd"] == NEW

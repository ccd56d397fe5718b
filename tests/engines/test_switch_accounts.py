"""Disabling and enabling: service bits, lock, clear password and `.qmail` of accounts, all or none."""

import os
from pathlib import Path

import pytest

from mailhost.verbs_aside import ASIDE
from tests.engines.cast import KINDS, MD5, add_domain, fail_at_every_step, row, set_values
from tests.store import GID, UID, Store
from vpopmail.engines import get_engine
from vpopmail.engines.base import Changed, NotFound, Refused, Switch
from vpopmail.flags import SERVICES

LAW = "example.com"


def own_file(store: Store, name: str, text: str = "&x@elsewhere.example\n") -> Path:
    file = Path(row(store, name)["pw_dir"]) / ".qmail"
    file.write_text(text)
    os.chown(file, UID, GID)
    file.chmod(0o600)
    return file


def off(name: str, gid: int = 0, **more: object) -> Switch:
    values = {"set_flags": SERVICES, "lock": True, "aside": True, **more}
    return Switch(name, gid, False, **values)  # type: ignore[arg-type]


def on(name: str, gid: int = SERVICES, **more: object) -> Switch:
    values = {"clear_flags": SERVICES, "lock": False, "aside": False, **more}
    return Switch(name, gid, True, **values)  # type: ignore[arg-type]


@pytest.mark.stores(*KINDS)
def test_off_and_on_again_is_what_it_was(store: Store) -> None:
    add_domain(LAW, "alice", "bob")
    file = own_file(store, "alice")
    before = [row(store, name) for name in ("alice", "bob")]
    inode = os.stat(file).st_ino
    get_engine().switch_accounts(LAW, [off("alice"), off("bob")])
    for was in before:
        now = row(store, was["pw_name"])
        assert now == {**was, "pw_gid": SERVICES, "pw_passwd": "!" + MD5}
    assert not file.exists() and file.with_name(ASIDE).exists()
    get_engine().switch_accounts(LAW, [on("alice"), on("bob")])
    assert [row(store, name) for name in ("alice", "bob")] == before
    assert os.stat(file).st_ino == inode and not file.with_name(ASIDE).exists()


@pytest.mark.stores("clear", "perdomain")
def test_the_clear_password_is_emptied(store: Store) -> None:
    add_domain(LAW, "alice")
    set_values(store, "alice", pw_clear_passwd="in-the-clear")
    get_engine().switch_accounts(LAW, [off("alice")])
    assert row(store, "alice")["pw_clear_passwd"] == ""


def test_bits_that_are_not_named_and_other_accounts_stay(store: Store) -> None:
    add_domain(LAW, "alice", "bob")
    set_values(store, "alice", pw_gid=0x4000_1008)
    other = row(store, "bob")
    get_engine().switch_accounts(LAW, [off("alice", 0x4000_1008)])
    assert row(store, "alice")["pw_gid"] == 0x4000_1008 | SERVICES
    get_engine().switch_accounts(LAW, [on("alice", 0x4000_1008 | SERVICES, clear_flags=SERVICES & ~8)])
    assert row(store, "alice")["pw_gid"] == 0x4000_1008
    assert row(store, "bob") == other


@pytest.mark.parametrize("what", ["gid", "locked", "gone"])
def test_changed_meanwhile(store: Store, what: str) -> None:
    add_domain(LAW, "alice", "bob")
    file = own_file(store, "bob")
    switches = [off("bob"), off("alice")]
    if what == "gid":
        set_values(store, "alice", pw_gid=1)
    elif what == "locked":
        set_values(store, "alice", pw_passwd="!" + MD5)
    else:
        get_engine().vdeluser(LAW, "alice")
    before = store.accounts(LAW)
    with pytest.raises(NotFound if what == "gone" else Changed):
        get_engine().switch_accounts(LAW, switches)
    assert store.accounts(LAW) == before
    assert file.exists()


@pytest.mark.stores("old")
def test_a_column_without_room_for_the_mark(store: Store) -> None:
    add_domain(LAW, "alice")
    set_values(store, "alice", pw_passwd="x" * 40)
    file = own_file(store, "alice")
    before = row(store, "alice")
    with pytest.raises(Refused):
        get_engine().switch_accounts(LAW, [off("alice")])
    assert row(store, "alice") == before
    assert file.exists()


def test_a_new_forwarding_is_not_overwritten(store: Store) -> None:
    add_domain(LAW, "alice")
    own_file(store, "alice", "&old@x.example\n")
    get_engine().switch_accounts(LAW, [off("alice")])
    file = own_file(store, "alice", "&new@x.example\n")
    outcome = get_engine().switch_accounts(LAW, [on("alice")])
    assert file.read_text() == "&new@x.example\n"
    assert "alice" in outcome.warnings[0]


@pytest.mark.stores("sqlite", "many", "handmade")
def test_a_failure_at_any_step_leaves_what_was(store: Store) -> None:
    add_domain(LAW, "alice", "bob")
    own_file(store, "alice")
    fail_at_every_step(store, lambda: get_engine().switch_accounts(LAW, [off("alice"), off("bob")]))

"""An account out of the trash: everything is as it was before, or nothing has changed."""

import json
import shutil
from pathlib import Path

import pytest

from tests.engines.cast import KINDS, account, add_domain, execute, fail_at_every_step, names, row
from tests.fidelity import snapshot
from tests.store import Store
from vpopmail import trash
from vpopmail.engines import get_engine
from vpopmail.engines.base import NotFound, Refused

ENTRY = "e" * 32


def deleted(store: Store, aliases: str = "delete") -> None:
    """alice with mail, flags, forwarding and an alias, deleted under ENTRY."""
    add_domain("example.com", "bob")
    get_engine().vadduser("example.com", account("alice", gecos="Alice", quota="1000000S", flags=2))
    get_engine().valias_insert("example.com", "alice", "&away@elsewhere.example")
    D = store.directory("example.com")
    (D / "alice/Maildir/new/1").write_text("precious")
    (D / "alice/.qmail").write_text("&away@elsewhere.example\n")
    execute("UPDATE lastauth SET remote_ip = '192.0.2.1', timestamp = 12345 WHERE user = 'alice'")
    store.before = snapshot.take(store)
    store.auth = store.rows("SELECT * FROM lastauth WHERE user = 'alice'")
    store.hash = row(store, "alice")["pw_passwd"]
    get_engine().vdeluser("example.com", "alice", aliases=aliases, entry=ENTRY)


def without_ids(state: snapshot.State) -> snapshot.State:
    for found in state["rows"].get("valias", ()):
        found.pop("id", None)
    return state


@pytest.mark.stores(*KINDS)
@pytest.mark.parametrize("aliases", ["keep", "delete"])
def test_everything_is_as_it_was(store: Store, aliases: str) -> None:
    deleted(store, aliases)
    outcome = get_engine().restore_account(ENTRY)
    assert not outcome.warnings
    assert without_ids(snapshot.take(store)) == without_ids(store.before)
    assert store.rows("SELECT * FROM lastauth WHERE user = 'alice'") == store.auth
    assert row(store, "alice")["pw_passwd"] == store.hash
    assert not trash.page().rows
    with pytest.raises(NotFound):
        get_engine().restore_account(ENTRY)


@pytest.mark.ways("in-process", "command", "socket")
@pytest.mark.stores("sqlite", "many", "perdomain")
def test_in_every_way_to_the_helper(store: Store) -> None:
    deleted(store)
    [parked] = trash.page().rows
    assert (parked.source, parked.target, parked.messages, parked.recorded) == (
        ENTRY,
        "alice@example.com",
        1,
        True,
    )
    get_engine().restore_account(ENTRY)
    assert without_ids(snapshot.take(store)) == without_ids(store.before)


@pytest.mark.stores(*KINDS)
def test_a_failure_at_any_step_leaves_it_in_the_trash(store: Store) -> None:
    deleted(store)
    steps = fail_at_every_step(store, lambda: get_engine().restore_account(ENTRY))
    assert steps > 5
    assert (store.directory("example.com") / "alice/Maildir/new/1").read_text() == "precious"
    assert "alice" in names(store)


@pytest.mark.stores("sqlite", "many", "perdomain")
def test_a_place_in_a_hash_directory_is_taken_again(store: Store) -> None:
    add_domain("example.com", "bob")
    execute("UPDATE dir_control SET cur_users = 99 WHERE domain = 'example.com'")
    get_engine().vadduser("example.com", account("alice"))
    before = snapshot.take(store)
    get_engine().vdeluser("example.com", "alice", entry=ENTRY)
    get_engine().restore_account(ENTRY)
    after = snapshot.take(store)
    assert {table: after["rows"][table] for table in before["rows"]} == before["rows"]
    assert (store.directory("example.com") / ".dir_control_free").read_text() == ""
    assert (store.directory("example.com") / "0/alice/Maildir").is_dir()


def test_beside_a_new_one_it_is_refused(store: Store) -> None:
    deleted(store)
    get_engine().vadduser("example.com", account("alice", gecos="Other"))
    before = snapshot.take(store)
    with pytest.raises(Refused):
        get_engine().restore_account(ENTRY)
    assert snapshot.take(store) == before
    assert trash.find(ENTRY).messages == 1


def test_its_mail_goes_into_the_new_one(store: Store) -> None:
    deleted(store)
    get_engine().vadduser("example.com", account("alice", gecos="Other", quota="2000000S"))
    D = store.directory("example.com")
    (D / "alice/Maildir/new/1").write_text("new")
    rows = snapshot.take(store)["rows"]
    outcome = get_engine().restore_account(ENTRY, merge=True)
    assert snapshot.take(store)["rows"] == rows
    found = sorted(path.read_text() for path in (D / "alice/Maildir/new").iterdir())
    assert found == ["new", "precious"]
    assert (D / "alice/Maildir/maildirsize").read_text().startswith("2000000S\n11 2")
    assert not (D / "alice/.qmail").exists()
    assert outcome.warnings  # its .qmail stays in the trash
    assert trash.find(ENTRY).messages == 0


def test_under_another_name_with_its_aliases(store: Store) -> None:
    deleted(store)
    get_engine().vadduser("example.com", account("alice", gecos="Other"))
    get_engine().restore_account(ENTRY, name="alice.old")
    found = row(store, "alice.old")
    assert (found["pw_gecos"], found["pw_passwd"]) == ("Alice", store.hash)
    assert found["pw_dir"] == f"{store.directory('example.com')}/alice.old"
    assert (Path(found["pw_dir"]) / "Maildir/new/1").read_text() == "precious"
    assert [one["alias"] for one in store.rows("SELECT alias FROM valias")] == ["alice.old"]
    assert row(store, "alice")["pw_gecos"] == "Other"


def test_a_restore_that_was_stopped_is_finished_by_a_second_one(store: Store) -> None:
    """The process died after the mailbox had moved: no row names it yet."""
    deleted(store)
    box = {"domain": "example.com", "name": "alice", "hash": ""}
    from vpopmail import helper

    helper.call("restore_mailbox", entry="died", source=ENTRY, was="alice", **box)
    get_engine().restore_account(ENTRY)
    assert without_ids(snapshot.take(store)) == without_ids(store.before)


@pytest.mark.stores("sqlite")
def test_mail_alone_has_no_row_to_come_back(store: Store) -> None:
    deleted(store)
    (store.home / "domains/.vqweb-trash" / ENTRY / "record.jsonl").unlink()
    with pytest.raises(Refused):
        get_engine().restore_account(ENTRY)
    with pytest.raises(NotFound):
        get_engine().restore_account(ENTRY, merge=True)


@pytest.mark.stores("sqlite")
def test_a_domain_that_is_gone_and_damaged_lines(store: Store) -> None:
    deleted(store)
    place = store.home / "domains/.vqweb-trash" / ENTRY
    with (place / "record.jsonl").open("a") as file:
        file.write('{"table": "vpop')
    assert [json.dumps(one) for one in trash.record(ENTRY)]
    get_engine().vdeldomain("example.com", entry="f" * 32)
    with pytest.raises(NotFound):
        get_engine().restore_account(ENTRY)
    shutil.rmtree(place)
    with pytest.raises(NotFound):
        get_engine().restore_account(ENTRY)

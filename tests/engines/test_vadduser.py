"""vadduser: mailbox, row, counter and lastauth, or nothing."""

import os
from pathlib import Path

import pytest

from tests.engines.cast import (
    KINDS,
    MD5,
    account,
    add_domain,
    counter,
    execute,
    fail_at_every_step,
    names,
    row,
    set_values,
)
from tests.store import GID, UID, Store
from vpopmail.engines import get_engine
from vpopmail.engines.base import NotFound, Occupied, Refused
from vpopmail.engines.native.users import NEVER


@pytest.mark.stores("sqlite", "many", "perdomain")
@pytest.mark.ways("in-process", "command", "socket")
def test_row_mailbox_counter_and_lastauth(store: Store) -> None:
    add_domain()
    alice = account("alice", gecos="Alice", quota="1000S,5C", flags=8)
    get_engine().vadduser("example.com", alice, entry="entry1")
    found = row(store, "alice")
    home = store.directory("example.com") / "alice"
    assert [found[c] for c in ("pw_passwd", "pw_uid", "pw_gid", "pw_gecos", "pw_dir", "pw_shell")] == [
        *(MD5, 0, 8, "Alice", str(home), "1000S,5C")
    ]
    assert (home / "Maildir/maildirsize").read_text() == "1000S,5C\n0 0\n"
    assert counter(store) == 2
    last = store.rows("SELECT remote_ip FROM lastauth WHERE domain = 'example.com' ORDER BY user")
    assert [one["remote_ip"] for one in last] == [NEVER, NEVER]


def test_under_an_alias_domains_name_it_goes_to_the_real_domain(store: Store) -> None:
    add_domain()
    get_engine().vaddaliasdomain("example.com", "alias.example")
    get_engine().vadduser("alias.example", account("alice"))
    assert row(store, "alice")["pw_dir"] == f"{store.directory('example.com')}/alice"
    assert store.rows("SELECT domain FROM lastauth WHERE user = 'alice'") == [{"domain": "example.com"}]


@pytest.mark.parametrize("taken", ["alice", "postmaster"])
def test_what_exists_is_refused(store: Store, taken: str) -> None:
    add_domain("example.com", "alice")
    with pytest.raises(Refused):
        get_engine().vadduser("example.com", account(taken, password_hash="$1$other$" + "y" * 22))
    assert row(store, taken)["pw_passwd"] == MD5
    assert counter(store) == 2


@pytest.mark.parametrize(
    "name", ["", "x", "-x", "..", "a/b", "al ice", "é", "Alice", "a" * 33, "a" * 65, "a\n"]
)
def test_names_that_cannot_be_are_refused(store: Store, name: str) -> None:
    add_domain()
    with pytest.raises(Refused):
        get_engine().vadduser("example.com", account(name))
    assert (counter(store), names(store)) == (1, ["postmaster"])


def test_an_unknown_domain_is_not_found(store: Store) -> None:
    with pytest.raises(NotFound):
        get_engine().vadduser("nowhere.example", account("alice"))


@pytest.mark.stores(*KINDS)
def test_a_failure_at_any_step_leaves_nothing(store: Store) -> None:
    add_domain("example.com", "bob")
    execute(
        "INSERT INTO lastauth (user, domain, remote_ip, timestamp) VALUES ('alice', 'example.com', '9', 5)"
    )
    steps = fail_at_every_step(store, lambda: get_engine().vadduser("example.com", account("alice")))
    assert steps > 5
    assert names(store) == ["alice", "bob", "postmaster"]
    assert store.rows("SELECT remote_ip FROM lastauth WHERE user = 'alice'") == [{"remote_ip": NEVER}]


@pytest.mark.stores("sqlite", "many", "handmade")
def test_a_failure_gives_the_free_place_back(store: Store) -> None:
    add_domain("example.com", "bob")
    free = store.directory("example.com") / ".dir_control_free"
    _write_free(store, free, "0\n3\n")
    with pytest.raises(Refused):
        get_engine().vadduser("example.com", account("alice", gecos="x" * 5000, quota="1S" * 3000))
    assert sorted(free.read_text().split()) == ["0", "3"]
    assert counter(store) == 2


@pytest.mark.stores("sqlite", "many", "perdomain")
def test_a_free_place_is_taken_before_the_counter_moves(store: Store) -> None:
    add_domain("example.com", "bob")
    _write_free(store, store.directory("example.com") / ".dir_control_free", "0/z\n4\n")
    get_engine().vadduser("example.com", account("alice"))
    assert row(store, "alice")["pw_dir"] == f"{store.directory('example.com')}/0/z/alice"
    assert (store.directory("example.com") / ".dir_control_free").read_text() == "4\n"
    assert counter(store) == 3


def _write_free(store: Store, path: Path, text: str) -> None:
    import os

    path.write_text(text)
    if os.geteuid() == 0:
        os.chown(path, 89, 89)


@pytest.mark.stores("sqlite", "many", "perdomain", "old")
def test_the_hundredth_account_moves_on(store: Store) -> None:
    add_domain("example.com", "bob")
    execute("UPDATE dir_control SET cur_users = 99 WHERE domain = 'example.com'")
    get_engine().vadduser("example.com", account("alice"))
    assert row(store, "alice")["pw_dir"] == f"{store.directory('example.com')}/0/alice"
    assert store.rows("SELECT the_dir FROM dir_control WHERE domain = 'example.com'") == [{"the_dir": "0"}]


@pytest.mark.stores("sqlite", "many", "perdomain")
def test_without_a_counter_it_begins_again(store: Store) -> None:
    add_domain("example.com", "bob")
    execute("DELETE FROM dir_control WHERE domain = 'example.com'")
    get_engine().vadduser("example.com", account("alice"))
    assert counter(store) == 1


def test_the_domains_default_quota_is_for_accounts_that_name_none(store: Store) -> None:
    add_domain()
    get_engine().vmoddomlimits("example.com", {"defaultquota": 1000, "defaultmaxmsgcount": 5})
    get_engine().vadduser("example.com", account("alice"))
    get_engine().vadduser("example.com", account("bob", quota="7S"))
    get_engine().vadduser("example.com", account("carol", quota="NOQUOTA"))
    assert [row(store, name)["pw_shell"] for name in ("alice", "bob", "carol")] == [
        "1000S,5C",
        "7S",
        "NOQUOTA",
    ]
    home = store.directory("example.com")
    assert (home / "alice/Maildir/maildirsize").read_text() == "1000S,5C\n0 0\n"
    assert not (home / "carol/Maildir/maildirsize").exists()


def test_a_mailbox_with_mail_is_never_taken_over(store: Store) -> None:
    add_domain("example.com", "alice")
    mail = store.directory("example.com") / "alice/Maildir/new/1"
    mail.write_text("precious")
    set_values(store, "alice", pw_name="gone")
    with pytest.raises(Refused):
        get_engine().vadduser("example.com", account("alice"))
    assert mail.read_text() == "precious"
    assert (names(store), counter(store)) == (["gone", "postmaster"], 2)


@pytest.mark.stores("perdomain", "clear", "old", "sqlite")
def test_the_clear_password_is_written_only_when_given(store: Store) -> None:
    add_domain()
    get_engine().vadduser("example.com", account("alice"))
    get_engine().vadduser("example.com", account("bob", clear="secret"))
    assert [row(store, name)["pw_clear_passwd"] for name in ("alice", "bob")] == ["", "secret"]


@pytest.mark.stores("many", "perdomain")
def test_text_that_latin1_cannot_hold_is_refused_in_words(store: Store) -> None:
    add_domain()
    with pytest.raises(Refused) as refusal:
        get_engine().vadduser("example.com", account("alice", gecos="Алиса"))
    assert "characters" in refusal.value.message and refusal.value.field == "gecos"
    assert (counter(store), names(store)) == (1, ["postmaster"])
    assert not (store.directory("example.com") / "alice").exists()


@pytest.mark.stores("old")
def test_a_hash_that_would_be_cut_off_is_refused(store: Store) -> None:
    add_domain()
    with pytest.raises(Refused) as refusal:
        get_engine().vadduser("example.com", account("alice", password_hash="$6$abcdefgh$" + "x" * 86))
    assert refusal.value.field == "password"
    assert names(store) == ["postmaster"]


@pytest.mark.stores("handmade")
def test_columns_of_other_tools_keep_their_defaults(store: Store) -> None:
    add_domain("example.com", "alice")
    found = row(store, "alice")
    assert found["id"] and (found["my_uid"], found["my_gid"]) == (89, 89)


@pytest.mark.stores("sqlite", "many")
@pytest.mark.ways("in-process", "command", "socket")
def test_what_lies_in_the_way_is_parked_when_told_so(store: Store) -> None:
    add_domain("example.com", "alice")
    directory = store.directory("example.com")
    (directory / "alice").rename(directory / "bob")
    mail = directory / "bob" / "Maildir" / "new" / "1.a.b"
    mail.write_text("kept")
    os.chown(mail, UID, GID)
    with pytest.raises(Occupied):
        get_engine().vadduser("example.com", account("bob"))
    assert "bob" not in names(store) and mail.read_text() == "kept"
    outcome = get_engine().vadduser("example.com", account("bob", park_existing=True))
    assert outcome.kept_until is not None
    assert [path.read_text() for path in Path(outcome.trash).rglob("1.a.b")] == ["kept"]
    assert not list((directory / "bob" / "Maildir" / "new").iterdir())

"""vdeluser: the row goes, the mailbox lies in the trash with the row beside it, its place is free again."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.engines.cast import (
    KINDS,
    account,
    add_domain,
    counter,
    execute,
    fail_at_every_step,
    names,
    row,
    set_values,
)
from tests.store import Store
from vpopmail import helper
from vpopmail.engines import get_engine
from vpopmail.engines.base import NotFound, Refused, Unavailable


@pytest.mark.stores("sqlite", "many", "perdomain")
@pytest.mark.ways("in-process", "command", "socket")
def test_row_counter_and_lastauth_go_and_the_mailbox_is_parked(store: Store) -> None:
    add_domain("example.com", "alice", "bob")
    (store.directory("example.com") / "alice/Maildir/new/1").write_text("precious")
    outcome = get_engine().vdeluser("example.com", "alice", entry="entry1")
    assert names(store) == ["bob", "postmaster"]
    assert counter(store) == 2
    assert store.rows("SELECT user FROM lastauth WHERE user = 'alice'") == []
    assert not (store.directory("example.com") / "alice").exists()
    assert outcome.trash == f"{store.home}/domains/.vqweb-trash/entry1"
    [mail] = Path(outcome.trash).glob("*/Maildir/new/1")
    assert mail.read_text() == "precious"
    assert outcome.kept_until is not None
    assert timedelta(days=29) < outcome.kept_until - datetime.now(UTC) < timedelta(days=31)


@pytest.mark.stores("sqlite", "perdomain", "clear")
def test_the_row_lies_beside_the_mailbox_without_its_clear_password(store: Store) -> None:
    add_domain()
    get_engine().vadduser("example.com", account("alice", gecos="Alice", clear="secret"))
    outcome = get_engine().vdeluser("example.com", "alice", entry="entry1")
    record = Path(outcome.trash) / "record.jsonl"
    assert record.stat().st_mode & 0o777 == 0o600
    lines = [json.loads(text) for text in record.read_text().splitlines()]
    assert [line["row"]["pw_gecos"] for line in lines if "pw_name" in line["row"]] == ["Alice"]
    assert "secret" not in record.read_text()


@pytest.mark.parametrize("aliases", ["keep", "delete"])
def test_aliases_of_the_name_stay_or_go(store: Store, aliases: str) -> None:
    add_domain("example.com", "alice")
    get_engine().valias_insert("example.com", "alice", "&away@elsewhere.example")
    get_engine().valias_insert("example.com", "sales", "&away@elsewhere.example")
    outcome = get_engine().vdeluser("example.com", "alice", aliases=aliases)
    left = store.rows("SELECT alias FROM valias ORDER BY alias")
    assert [one["alias"] for one in left] == (["alice", "sales"] if aliases == "keep" else ["sales"])
    kept = "away@elsewhere.example" in (Path(outcome.trash) / "record.jsonl").read_text()
    assert kept == (aliases == "delete")


@pytest.mark.stores("clear")
@pytest.mark.parametrize("aliases", ["keep", "delete"])
def test_an_alias_that_is_a_file_stays_or_goes(store: Store, aliases: str) -> None:
    add_domain("example.com", "al.ice")
    get_engine().valias_insert("example.com", "al.ice", "&away@elsewhere.example")
    file = store.directory("example.com") / ".qmail-al:ice"
    assert file.exists()
    outcome = get_engine().vdeluser("example.com", "al.ice", aliases=aliases)
    assert file.exists() == (aliases == "keep")
    kept = "away@elsewhere.example" in (Path(outcome.trash) / "record.jsonl").read_text()
    assert kept == (aliases == "delete")


@pytest.mark.stores("sqlite", "many", "perdomain")
def test_a_place_in_a_hash_directory_is_free_again(store: Store) -> None:
    add_domain("example.com", "bob")
    execute("UPDATE dir_control SET cur_users = 99 WHERE domain = 'example.com'")
    get_engine().vadduser("example.com", account("alice"))
    get_engine().vdeluser("example.com", "alice")
    assert (store.directory("example.com") / ".dir_control_free").read_text() == "0\n"
    get_engine().vdeluser("example.com", "bob")
    assert (store.directory("example.com") / ".dir_control_free").read_text() == "0\n"
    get_engine().vadduser("example.com", account("carol"))
    assert row(store, "carol")["pw_dir"] == f"{store.directory('example.com')}/0/carol"


@pytest.mark.stores(*KINDS)
def test_a_failure_at_any_step_leaves_the_account(store: Store) -> None:
    add_domain("example.com", "alice", "bob")
    get_engine().valias_insert("example.com", "alice", "&away@elsewhere.example")
    steps = fail_at_every_step(store, lambda: get_engine().vdeluser("example.com", "alice", aliases="delete"))
    assert steps > 5
    assert names(store) == ["bob", "postmaster"]


@pytest.mark.stores("sqlite", "many", "perdomain")
@pytest.mark.parametrize("directory", ["", "/somewhere/else/alice", None, "{D}/bob", "{D}/x/y/z/w/alice"])
def test_a_mailbox_elsewhere_is_left_alone(store: Store, directory: str | None) -> None:
    add_domain("example.com", "alice", "bob")
    set_values(
        store, "alice", pw_dir=directory and directory.replace("{D}", str(store.directory("example.com")))
    )
    outcome = get_engine().vdeluser("example.com", "alice")
    assert names(store) == ["bob", "postmaster"]
    assert outcome.trash == "" and outcome.kept_until is None and len(outcome.warnings) == 1
    for name in ("alice", "bob"):
        assert (store.directory("example.com") / name / "Maildir").is_dir()


@pytest.mark.stores("sqlite", "many", "perdomain")
def test_a_directory_that_another_account_shares_is_left_alone(store: Store) -> None:
    add_domain("example.com", "alice", "bob")
    set_values(store, "bob", pw_dir=f"{store.directory('example.com')}/alice")
    outcome = get_engine().vdeluser("example.com", "alice")
    assert outcome.warnings and (store.directory("example.com") / "alice").is_dir()


@pytest.mark.stores("sqlite", "many", "perdomain")
def test_a_row_of_nulls_and_without_a_directory_goes(store: Store) -> None:
    add_domain("example.com", "alice")
    columns = ("pw_passwd", "pw_uid", "pw_gid", "pw_gecos", "pw_dir", "pw_shell")
    set_values(store, "alice", **dict.fromkeys(columns))
    assert get_engine().vdeluser("example.com", "alice").warnings
    assert names(store) == ["postmaster"]


def test_a_missing_directory_is_said(store: Store) -> None:
    import shutil

    add_domain("example.com", "alice")
    shutil.rmtree(store.directory("example.com") / "alice")
    outcome = get_engine().vdeluser("example.com", "alice")
    assert outcome.warnings and names(store) == ["postmaster"]


def test_unknown_accounts_and_domains(store: Store) -> None:
    add_domain()
    with pytest.raises(NotFound):
        get_engine().vdeluser("example.com", "nobody")
    with pytest.raises(NotFound):
        get_engine().vdeluser("nowhere.example", "alice")
    assert counter(store) == 1


def test_only_the_account_of_this_domain_goes(store: Store) -> None:
    add_domain("example.com", "alice")
    add_domain("other.example", "alice")
    get_engine().vdeluser("example.com", "alice")
    assert names(store, "other.example") == ["alice", "postmaster"]


@pytest.mark.stores("clear")
@pytest.mark.parametrize("target", ["alice@example.com", "{D}/alice", "{D}/0/alice/"])
def test_the_account_of_the_catch_all_is_refused_where_vpopmail_refuses(store: Store, target: str) -> None:
    add_domain("example.com", "alice", "bob")
    directory = store.directory("example.com")
    default = directory / ".qmail-default"
    default.write_text(f"| {store.home}/bin/vdelivermail '' {target.replace('{D}', str(directory))}\n")
    with pytest.raises(Refused):
        get_engine().vdeluser("example.com", "alice")
    get_engine().vdeluser("example.com", "bob")
    assert names(store) == ["alice", "postmaster"]


def test_where_it_cannot_be_parked_nothing_is_done(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    add_domain("example.com", "alice")
    real = helper.call

    def call(verb: str, **args: object) -> dict[str, object]:
        if verb == "check_park":
            raise Unavailable("another file system")
        assert verb in ("read_dotqmail", "read_assign", "read_options"), f"{verb} before the check"
        return real(verb, **args)

    monkeypatch.setattr(helper, "call", call)
    with pytest.raises(Unavailable):
        get_engine().vdeluser("example.com", "alice")
    assert names(store) == ["alice", "postmaster"]

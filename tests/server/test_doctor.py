"""Every kind of drift is planted, found, repaired, and nothing else changes."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from audit.models import Entry
from server import doctor, doctor_services
from server.trash_listing import everything
from tests import fake_qmail
from tests.server.drift import (
    compiled_without,
    edit,
    found,
    make_mailbox,
    server,
    sql,
    state,
    table_of,
    with_line,
    without_line,
)
from tests.store import GID, UID, Store
from vpopmail.engines.base import Unavailable
from vpopmail.schema import schema

__all__ = ["server"]


def remove_mailbox(store: Store) -> None:
    shutil.rmtree(store.directory("example.com") / "bob")


def tear_size(store: Store) -> None:
    (store.directory("example.com") / "carl" / "Maildir" / "maildirsize").write_text("1048576S\n12")


def falsify_size(store: Store) -> None:
    """Far more than there is, so that mail is refused."""
    path = store.directory("example.com") / "carl" / "Maildir" / "maildirsize"
    path.write_text("1048576S\n9000000 70\n")


def modes(mode: int, *parts: str) -> Callable[[Store], None]:
    return lambda store: store.directory("example.com").joinpath(*parts).chmod(mode)


def unset_place(store: Store) -> None:
    store.rows(f"UPDATE {table_of(store)} SET pw_dir = '' WHERE pw_name = 'bob'")


def lose_line(store: Store) -> None:
    """users/assign forgets a domain that has rows, a directory and mail."""
    edit(store, "assign", lambda text: "".join(x for x in text.splitlines(True) if "+other" not in x))
    fake_qmail.newu(str(store.qmail))


# What is planted, the finding, and whether its repair is a safe one. Each brings the former state back.
DRIFTS: dict[str, tuple[Callable[[Store], Any], str, bool]] = {
    "cdb": (lambda store: compiled_without(store, "example.com"), "cdb-lacks:example.com", True),
    "virtualdomains": (
        without_line("virtualdomains", "example.net:example.net"),
        "virtual-lacks:example.net",
        True,
    ),
    "locals": (with_line("locals", "example.com"), "local-too:example.com", True),
    "rcpthosts": (without_line("rcpthosts", "other.example"), "rcpt-lacks:other.example", False),
    "rcpthosts-extra": (with_line("rcpthosts", "gone.example"), "rcpt-extra:gone.example", False),
    "virtual-extra": (
        with_line("virtualdomains", "gone.example:gone.example"),
        "virtual-extra:gone.example",
        False,
    ),
    "aliasdomains-lacks": (sql("DELETE FROM aliasdomains"), "aliasdomain-lacks:example.net", True),
    "aliasdomains-differs": (
        sql("UPDATE aliasdomains SET domain = 'other.example'"),
        "aliasdomain-differs:example.net",
        True,
    ),
    "aliasdomains-extra": (
        sql("INSERT INTO aliasdomains (alias, domain) VALUES ('gone.example', 'example.com')"),
        "aliasdomain-extra:gone.example",
        True,
    ),
    "lastauth": (
        sql("INSERT INTO lastauth VALUES ('ghost', 'example.com', '192.0.2.1', 1700000000)"),
        "lastauth-extra:ghost@example.com",
        True,
    ),
    "lastauth-domain": (
        sql("INSERT INTO lastauth VALUES ('ghost', 'gone.example', '192.0.2.1', 1700000000)"),
        "lastauth-extra:ghost@gone.example",
        True,
    ),
    "dir_control": (
        sql("UPDATE dir_control SET cur_users = 1 WHERE domain = 'example.com'"),
        "counter-behind:example.com",
        True,
    ),
    "dir_control-extra": (
        sql("INSERT INTO dir_control (domain, cur_users) VALUES ('gone.example', 7)"),
        "counter-extra:gone.example",
        True,
    ),
    "valias-extra": (
        sql("INSERT INTO valias (alias, domain, valias_line) VALUES ('x', 'gone.example', '&a@b.example')"),
        "valias-extra:gone.example",
        False,
    ),
    "valias-alias-domain": (
        sql("INSERT INTO valias (alias, domain, valias_line) VALUES ('x', 'example.net', '&a@b.example')"),
        "valias-alias-domain:example.net",
        False,
    ),
    "maildirsize": (tear_size, "size-torn:carl@example.com", True),
    "maildirsize-off": (falsify_size, "size-off:carl@example.com", True),
    "mode": (modes(0o702, "bob", "Maildir", "new"), "mailbox-mode:bob@example.com", True),
    "mode-own": (modes(0o500, "bob", "Maildir"), "mailbox-mode:bob@example.com", True),
    "mode-group": (modes(0o720, "bob"), "mailbox-mode:bob@example.com", False),
    "mode-file": (modes(0o602, ".qmail-default"), "files-mode:example.com", True),
    "mode-domain": (modes(0o702), "directory-mode:example.com", False),
    "parts": (
        lambda store: (store.directory("example.com") / "bob" / "Maildir" / "tmp").rmdir(),
        "no-maildir:bob@example.com",
        True,
    ),
    "pw_dir": (unset_place, "directory-unset:bob@example.com", True),
    "stray": (
        lambda store: make_mailbox(store, store.directory("example.com") / "lost"),
        "no-account:lost@example.com",
        False,
    ),
    "alias-nowhere": (
        sql(
            "INSERT INTO valias (alias, domain, valias_line) "
            "VALUES ('lost', 'example.com', '&nobody@example.com')"
        ),
        "alias-nowhere:lost@example.com nobody@example.com",
        False,
    ),
    "directory": (remove_mailbox, "no-directory:bob@example.com", True),
}


@pytest.mark.parametrize("drift", DRIFTS)
def test_drift_is_found_and_repaired_and_nothing_else_changes(server: Store, drift: str) -> None:
    plant, key, safe = DRIFTS[drift]
    before = state(server)
    plant(server)
    findings = found()
    assert set(findings) == {key}
    assert findings[key].safe == safe and findings[key].repair and findings[key].plan
    assert doctor.find(key) == findings[key]
    doctor_services.repair(actor=None, finding=findings[key])
    assert found() == {} and state(server) == before
    entry = Entry.objects.latest("id")
    assert (entry.action, entry.state) == ("doctor", "ok") and key in entry.command
    doctor_services.repair(actor=None, finding=findings[key])  # once more does no harm
    assert state(server) == before


@pytest.mark.stores("many", "perdomain")
def test_limits_of_an_unknown_domain(server: Store) -> None:
    before = state(server)
    server.rows("INSERT INTO limits (domain) VALUES ('gone.example')")
    findings = found()
    assert set(findings) == {"limits-extra:gone.example"}
    doctor_services.repair(actor=None, finding=findings["limits-extra:gone.example"])
    assert state(server) == before


@pytest.mark.stores("perdomain")
def test_a_domain_without_its_table(server: Store) -> None:
    server.rows("DROP TABLE other_example")
    schema()._facts.clear()
    findings = found()
    assert {"table-lacks:other.example", "no-accounts:other.example"} <= set(findings)
    doctor_services.repair(actor=None, finding=findings["table-lacks:other.example"])
    assert server.rows("SELECT * FROM other_example") == []


def plant_accounts(store: Store) -> str:
    """Accounts of a domain that is none; the finding's id."""
    if store.kind == "perdomain":
        store.rows("CREATE TABLE gone_example LIKE other_example")
        store.rows("INSERT INTO gone_example (pw_name, pw_passwd) VALUES ('eve', 'x')")
        return "table-extra:gone_example"
    store.rows("INSERT INTO vpopmail (pw_name, pw_domain, pw_passwd) VALUES ('eve', 'gone.example', 'x')")
    return "accounts-extra:gone.example"


def test_accounts_of_an_unknown_domain_go_and_are_written_down(server: Store) -> None:
    before, key = state(server), plant_accounts(server)
    findings = found()
    assert set(findings) == {key} and not findings[key].safe
    outcome = doctor_services.repair(actor=None, finding=findings[key])
    assert found() == {} and state(server) == before
    [line] = (Path(outcome.trash) / "record.jsonl").read_text().splitlines()
    assert json.loads(line)["row"]["pw_name"] == "eve"


def test_a_domain_that_lost_its_line_comes_back(server: Store) -> None:
    """Its rows and its directory are there: they are not what is wrong."""
    before = state(server)
    lose_line(server)
    findings = found()
    key = "table-extra:other_example" if server.kind == "perdomain" else "accounts-extra:other.example"
    assert "users/assign" in findings[key].plan and not findings[key].safe
    doctor_services.repair(actor=None, finding=findings[key])
    assert found() == {} and state(server) == before


@pytest.mark.parametrize(
    "drift", ["lastauth", "dir_control-extra", "aliasdomains-extra", "valias-alias-domain"]
)
def test_deleted_rows_are_written_down(server: Store, drift: str) -> None:
    plant, key, _safe = DRIFTS[drift]
    plant(server)
    outcome = doctor_services.repair(actor=None, finding=found()[key])
    lines = (Path(outcome.trash) / "record.jsonl").read_text().splitlines()
    assert len(lines) == 1 and json.loads(lines[0])["row"]
    assert list(everything()) == []  # nothing that the trash could bring back as an account or a domain


def test_a_file_and_rows_of_one_alias(server: Store) -> None:
    file = server.directory("example.com") / ".qmail-info"
    file.write_text("&carl@example.com\n")
    file.chmod(0o600)
    os.chown(file, UID, GID)
    finding = found()["alias-twice:info@example.com"]
    doctor_services.repair(actor=None, finding=finding)
    assert found() == {} and file.exists()
    assert server.rows("SELECT * FROM valias WHERE alias = 'info'") == []


def test_names_that_mean_two_things(server: Store) -> None:
    home = server.directory("example.com")
    columns = "pw_name, pw_dir" if server.kind == "perdomain" else "pw_name, pw_domain, pw_dir"
    values = f"'a', '{home}/a'" if server.kind == "perdomain" else f"'a', 'example.com', '{home}/a'"
    server.rows(f"INSERT INTO {table_of(server)} ({columns}) VALUES ({values})")
    server.rows("UPDATE dir_control SET cur_users = 4 WHERE domain = 'example.com'")
    file = home / ".qmail-bob"
    file.write_text("|/usr/bin/ezmlm-send '/lists/bob'\n")
    file.chmod(0o600)
    os.chown(file, UID, GID)
    assert set(found()) == {"name-hash:a@example.com", "account-hidden:bob@example.com"}
    file.write_text(f"|/usr/bin/ezmlm-send '/lists/bob'\n{home}/bob/Maildir/\n")
    assert set(found()) == {"name-hash:a@example.com"}


def test_a_mailbox_in_a_hash_directory_is_found_again(server: Store) -> None:
    home = server.directory("example.com")
    (home / "0").mkdir(mode=0o700)
    os.chown(home / "0", UID, GID)
    (home / "bob").rename(home / "0" / "bob")
    server.rows(f"UPDATE {table_of(server)} SET pw_dir = '' WHERE pw_name = 'bob'")
    doctor_services.repair(actor=None, finding=found()["directory-unset:bob@example.com"])
    [place] = server.rows(f"SELECT pw_dir FROM {table_of(server)} WHERE pw_name = 'bob'")
    assert place["pw_dir"] == f"{home}/0/bob" and found() == {}


@pytest.mark.skipif(os.geteuid() != 0, reason="owners are root's to give")
def test_foreign_owners_are_told_with_the_exact_command(server: Store) -> None:
    home = server.directory("example.com")
    os.chown(home / "bob" / "Maildir" / "new", 1, 1)
    os.chown(home / ".qmail-default", 0, 0)  # as vpopmail's own programs leave it when it can be read
    (home / ".qmail-default").chmod(0o644)
    findings = found()
    assert set(findings) == {"mailbox-owner:bob@example.com"}
    assert findings["mailbox-owner:bob@example.com"].plan.endswith(
        f"chown -h {UID}:{GID} {home}/bob/Maildir/new"
    )
    (home / ".qmail-default").chmod(0o600)
    assert "files-owner:example.com" in found()


def test_mailboxes_without_account_shared_and_elsewhere(server: Store) -> None:
    table, home = table_of(server), server.directory("example.com")
    server.rows(f"UPDATE {table} SET pw_dir = '{home}/bob' WHERE pw_name = 'carl'")
    (home / "lost" / "Maildir" / "cur").mkdir(parents=True)
    (home / "bob").chmod(0o777)
    assert set(found()) == {
        "no-account:carl@example.com",
        "no-account:lost@example.com",
        f"directory-shared:{home}/bob",
        "directory-elsewhere:carl@example.com",
        "mailbox-mode:bob@example.com",
    }


def test_compiling_is_not_safe_when_qmail_would_forget_a_domain(server: Store) -> None:
    """users/assign has lost a line that users/cdb still has, and gained one that it has not."""
    edit(server, "assign", lambda text: "".join(x for x in text.splitlines(True) if "+other" not in x))
    line = f"+new.example-:example.com:{UID}:{GID}:{server.directory('example.com')}:-::"
    edit(server, "assign", lambda text: f"{line}\n{text}")
    findings = found()
    assert not findings["cdb-lacks:new.example"].safe
    assert "other.example" in findings["cdb-lacks:new.example"].plan
    assert not findings["cdb-extra:other.example"].safe
    doctor_services.repair(actor=None, finding=findings["cdb-extra:other.example"])
    assert not [key for key in found() if key.startswith("cdb")]


def test_a_compiler_that_fails_leaves_a_failed_entry(server: Store) -> None:
    compiled_without(server, "example.com")
    (server.qmail / "bin" / "fail-qmail-newu").touch()
    with pytest.raises(Unavailable, match="qmail-newu"):
        doctor_services.repair(actor=None, finding=found()["cdb-lacks:example.com"])
    assert Entry.objects.latest("id").state == "failed"


@pytest.mark.stores("many")
@pytest.mark.ways("command")
def test_a_helper_of_its_own_finds_the_same(server: Store) -> None:
    remove_mailbox(server)
    edit(server, "virtualdomains", lambda text: text.replace("example.net:example.net\n", ""))
    findings = found()
    assert set(findings) == {"no-directory:bob@example.com", "virtual-lacks:example.net"}
    for finding in findings.values():
        doctor_services.repair(actor=None, finding=finding)
    assert found() == {}


@pytest.mark.stores("many")
@pytest.mark.ways("command", "socket")
@pytest.mark.parametrize(
    "drift",
    [
        "mode",
        "mode-own",
        "mode-file",
        "mode-domain",
        "parts",
        "pw_dir",
        "stray",
        "maildirsize-off",
        "valias-extra",
    ],
)
def test_a_helper_of_its_own_repairs_as_the_owner(server: Store, drift: str) -> None:
    before, (plant, key, _safe) = state(server), DRIFTS[drift]
    plant(server)
    findings = found()
    assert set(findings) == {key}
    doctor_services.repair(actor=None, finding=findings[key])
    assert found() == {} and state(server) == before


@pytest.mark.stores("sqlite")
def test_directories_of_domains(server: Store) -> None:
    server.directory("other.example").rename(server.home / "domains" / "moved.example")
    server.directory("example.com").chmod(0o777)
    keys = set(found())
    assert {
        "directory-missing:other.example",
        "directory-extra:moved.example",
        "directory-mode:example.com",
    } <= keys

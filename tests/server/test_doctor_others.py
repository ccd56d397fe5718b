"""Aliases, tables, the journal, locks and trash: what is told, and mended by hand."""

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from accounts import services as accounts
from audit.models import Entry
from domains import services as domains
from mailhost.locks import FileLock
from server import doctor, doctor_services, doctor_tables
from server.findings import Finding
from tests.store import Store
from vpopmail import assigned, schema

PASSWORD = "Secret.Pass1"


def found() -> dict[str, Finding]:
    assigned.reset()
    schema.reset()
    return {finding.key: finding for finding in doctor.examine()}


@pytest.fixture
def server(store: Store) -> Store:
    domains.add_domain(actor=None, domain="example.com", password=PASSWORD)
    return store


def alias(server: Store, name: str, line: str) -> None:
    server.rows(
        "INSERT INTO valias (alias, domain, valias_line) VALUES (%s, 'example.com', %s)", [name, line]
    )


def test_aliases_in_circles_and_to_nowhere(server: Store) -> None:
    accounts.add_alias(actor=None, domain="example.com", alias="info", line="&postmaster@example.com")
    assert found() == {}
    alias(server, "a", "&b@example.com")
    alias(server, "b", "a@example.com")
    alias(server, "own", "own@example.com")
    alias(server, "lost", "&nobody@example.com")
    alias(server, "list", "&team-owner@example.com")
    alias(server, "far", "&nobody@elsewhere.example")
    assert set(found()) == {
        "alias-circle:a@example.com b@example.com",
        "alias-circle:b@example.com a@example.com",
        "alias-circle:own@example.com own@example.com",
        "alias-nowhere:lost@example.com nobody@example.com",
    }


@pytest.mark.stores("handmade", "old")
def test_engines_and_narrow_columns(server: Store) -> None:
    kinds = {(finding.kind, finding.subject) for finding in found().values()}
    if server.kind == "handmade":
        assert ("engine", "valias") in kinds
    else:
        assert ("column-narrow", "vpopmail.pw_passwd") in kinds


@pytest.mark.stores("many", "sqlite")
def test_a_missing_index_is_told_of_large_tables(server: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    assert found() == {}
    monkeypatch.setattr(doctor_tables, "LARGE", 0)
    finding = found()["index-lacks:vpopmail"]
    server.rows(finding.plan.removesuffix(";"))
    assert "index-lacks:vpopmail" not in found()


@pytest.mark.stores("perdomain")
def test_domains_that_share_a_table(server: Store) -> None:
    line = (server.qmail / "users" / "assign").read_text().splitlines(True)[0]
    for name in ("a-b.example", "a.b.example"):
        line += f"+{name}-:{name}:89:89:/nowhere/{name}:-::\n"
    (server.qmail / "users" / "assign").write_text(line + ".\n")
    assert "table-shared:a.b.example" in found()


@pytest.mark.stores("clear")
def test_clear_passwords(server: Store) -> None:
    assert not [key for key in found() if key.startswith("clear")]
    server.rows("UPDATE vpopmail SET pw_clear_passwd = 'open'")
    server.rows("CREATE TABLE vlog (id int PRIMARY KEY, passwd varchar(32))")
    server.rows("INSERT INTO vlog VALUES (1, 'open')")
    findings = found()
    assert {"clear-passwords:vpopmail", "vlog-passwords:vlog"} <= set(findings)
    assert "open" not in str([finding.as_dict() for finding in findings.values()])
    for key in ("clear-passwords:vpopmail", "vlog-passwords:vlog"):
        assert not findings[key].safe
        doctor_services.repair(actor=None, finding=findings[key])
    assert not {"clear-passwords:vpopmail", "vlog-passwords:vlog"} & set(found())


@pytest.mark.stores("sqlite")
def test_entries_without_an_end(server: Store) -> None:
    entry = Entry.objects.create(
        key="k" * 32, started_at=timezone.now(), actor_name="admin", via="page", action="vadduser", target="x"
    )
    assert found() == {}
    Entry.objects.filter(pk=entry.pk).update(started_at=timezone.now() - timedelta(hours=1))
    assert set(found()) == {f"entry-started:{entry.key}"}


@pytest.mark.stores("sqlite")
def test_locks_that_are_held(server: Store) -> None:
    path = server.qmail / "users" / "assign.lock"
    lock = FileLock(str(path), 1).acquire()
    try:
        assert set(found()) == {"lock-held:assign.lock"}
    finally:
        lock.release()
    assert found() == {}


@pytest.mark.stores("sqlite")
def test_trash_that_nobody_empties(server: Store) -> None:
    accounts.add_account(actor=None, domain="example.com", name="bob", password=PASSWORD)
    accounts.delete_account(actor=None, domain="example.com", name="bob")
    key = Entry.objects.latest("id").key
    parked: Path = server.home / "domains" / ".vqweb-trash" / key
    assert parked.is_dir() and found() == {}
    long_ago = time.time() - 40 * 86400
    os.utime(parked, (long_ago, long_ago))
    assert set(found()) == {f"trash-old:{key}"}

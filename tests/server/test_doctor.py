"""Every kind of drift is planted, found, repaired, and nothing else changes."""

import shutil
from collections.abc import Callable
from typing import Any

import pytest

from accounts import services as accounts
from aliasdomains import services as alias_domains
from audit.models import Entry
from domains import services as domains
from server import doctor, doctor_services
from server.findings import Finding
from tests import fake_qmail
from tests.fidelity import snapshot
from tests.store import GID, UID, Store
from vpopmail import assigned
from vpopmail.engines.base import Refused, Unavailable
from vpopmail.schema import schema

PASSWORD = "Secret.Pass1"


@pytest.fixture
def server(store: Store) -> Store:
    """Two domains, one with an alias domain and another account, and nothing to find."""
    domains.add_domain(actor=None, domain="example.com", password=PASSWORD)
    domains.add_domain(actor=None, domain="other.example", password=PASSWORD)
    alias_domains.add_alias_domain(actor=None, real="example.com", alias="example.net")
    accounts.add_account(actor=None, domain="example.com", name="bob", password=PASSWORD)
    accounts.add_account(actor=None, domain="example.com", name="carl", password=PASSWORD, quota="1M")
    accounts.add_alias(actor=None, domain="example.com", alias="info", line="&bob@example.com")
    if schema().limits == "sql":
        domains.change_limits(actor=None, domain="example.com", changes={"maxaliases": 5})
    assert found() == {}
    return store


def found() -> dict[str, Finding]:
    assigned.reset()
    return {finding.key: finding for finding in doctor.examine()}


def edit(store: Store, name: str, change: Callable[[str], str]) -> None:
    path = store.qmail / ("users" if name == "assign" else "control") / name
    path.write_text(change(path.read_text()))


def compiled_without(store: Store, name: str) -> None:
    """users/cdb as it was before the domain came."""
    kept = (store.qmail / "users" / "assign").read_text()
    edit(store, "assign", lambda text: "".join(x for x in text.splitlines(True) if f"+{name}-" not in x))
    fake_qmail.newu(str(store.qmail))
    edit(store, "assign", lambda text: kept)


def sql(statement: str) -> Callable[[Store], Any]:
    return lambda store: store.rows(statement)


def without_line(name: str, line: str) -> Callable[[Store], None]:
    return lambda store: edit(store, name, lambda text: text.replace(f"{line}\n", ""))


def with_line(name: str, line: str) -> Callable[[Store], None]:
    return lambda store: edit(store, name, lambda text: f"{text}{line}\n")


def remove_mailbox(store: Store) -> None:
    shutil.rmtree(store.directory("example.com") / "bob")


def tear_size(store: Store) -> None:
    (store.directory("example.com") / "carl" / "Maildir" / "maildirsize").write_text("1048576S\n12")


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
    "directory": (remove_mailbox, "no-directory:bob@example.com", True),
}


def state(store: Store) -> dict[str, Any]:
    """Everything vpopmail and qmail have; the compiled files by what they say."""
    taken = snapshot.take(store)
    cdb = sorted(fake_pairs((store.qmail / "users" / "cdb").read_bytes()))
    return {**{part: taken[part] for part in ("rows", "tree", "control")}, "cdb": cdb}


def fake_pairs(data: bytes) -> list[tuple[bytes, bytes]]:
    from mailhost import cdb

    return list(cdb.items(data))


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
def test_tables_without_domain_and_domains_without_table(server: Store) -> None:
    server.rows("CREATE TABLE gone_example LIKE other_example")
    server.rows("DROP TABLE other_example")
    schema()._facts.clear()
    findings = found()
    assert {"table-extra:gone_example", "table-lacks:other.example"} <= set(findings)
    doctor_services.repair(actor=None, finding=findings["table-lacks:other.example"])
    assert server.rows("SELECT * FROM other_example") == []


@pytest.mark.stores("sqlite", "many")
def test_accounts_of_an_unknown_domain_are_told_and_left(server: Store) -> None:
    server.rows("INSERT INTO vpopmail (pw_name, pw_domain) VALUES ('eve', 'gone.example')")
    finding = found()["accounts-extra:gone.example"]
    with pytest.raises(Refused, match="by hand"):
        doctor_services.repair(actor=None, finding=finding)


def test_mailboxes_without_account_shared_and_elsewhere(server: Store) -> None:
    table = "example_com" if server.kind == "perdomain" else "vpopmail"
    home = server.directory("example.com")
    server.rows(f"UPDATE {table} SET pw_dir = '{home}/bob' WHERE pw_name = 'carl'")
    (home / "lost" / "Maildir" / "cur").mkdir(parents=True)
    (home / "bob").chmod(0o777)
    kinds = {
        f"no-account:{home}/carl",
        f"no-account:{home}/lost",
        f"directory-shared:{home}/bob",
        "directory-elsewhere:carl@example.com",
        f"mailbox-owner:{home}/bob",
        f"mailbox-owner:{home}/lost",
    }
    assert kinds - set(found()) <= {f"mailbox-owner:{home}/lost"}  # owned by whoever runs the test
    assert set(found()) <= kinds


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

"""A healthy server for the tests of the doctor, what is found on it, and its whole state."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from accounts import services as accounts
from aliasdomains import services as alias_domains
from domains import services as domains
from mailhost import cdb
from server import doctor
from server.findings import Finding
from tests import fake_qmail
from tests.fidelity import snapshot
from tests.store import GID, UID, Store
from vpopmail import assigned
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


def state(store: Store) -> dict[str, Any]:
    """Everything vpopmail and qmail have; the compiled files by what they say."""
    taken = snapshot.take(store)
    compiled = sorted(cdb.items((store.qmail / "users" / "cdb").read_bytes()))
    return {**{part: taken[part] for part in ("rows", "tree", "control")}, "cdb": compiled}


def table_of(store: Store) -> str:
    """The table with the accounts of example.com."""
    return "example_com" if store.kind == "perdomain" else "vpopmail"


def make_mailbox(store: Store, place: Path) -> None:
    """An empty mailbox as vpopmail makes it."""
    for part in ("", "Maildir", "Maildir/cur", "Maildir/new", "Maildir/tmp"):
        (place / part).mkdir(mode=0o700, parents=True)
        os.chown(place / part, UID, GID)

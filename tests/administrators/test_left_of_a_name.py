"""Adding an address: what an earlier account left under alias domains is shown, and goes or stays."""

import signal
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from accounts import services as accounts
from audit.models import Entry
from tests.commands.base import done
from tests.sign_in.people import PASSWORD
from tests.store import Store
from tests.vqweb.test_recover import child, settle
from vpopmail import schema
from vpopmail.engines.base import VpopmailError

ADD = "/domains/example.com/accounts/add/"
NEW = {"name": "bob", "password": PASSWORD, "services": ["imap"]}


def execute(sql: str, *params: Any) -> None:
    with connections["vpopmail"].cursor() as cursor:
        cursor.execute(sql, params)


@pytest.fixture
def left(mailboxes: Store) -> Store:
    """bob@example.net, by the alias domain's name: an alias and a sign-in; carol's stay whatever happens."""
    schema.ensure_table("valias")
    for name in ("bob", "carol"):
        execute(
            "INSERT INTO valias (alias, domain, valias_line) VALUES (%s, 'example.net', %s)",
            name,
            "&old@elsewhere.example",
        )
        execute("INSERT INTO lastauth VALUES (%s, 'example.net', '192.0.2.9', 1000000000)", name)
    return mailboxes


def rows(store: Store) -> list[str]:
    """Whose rows there are under the alias domain's name."""
    found = store.rows("SELECT alias AS name FROM valias WHERE domain = 'example.net'")
    found += store.rows("SELECT user AS name FROM lastauth WHERE domain = 'example.net'")
    return sorted(row["name"] for row in found)


def has_bob(store: Store) -> bool:
    return "bob" in [row["pw_name"] for row in store.accounts("example.com")]


@pytest.mark.stores("sqlite", "many", "perdomain", "handmade")
def test_it_goes_and_is_named(store: Store, left: Store) -> None:
    saved = accounts.add_account(actor=None, domain="example.com", name="bob", password=PASSWORD)
    assert rows(store) == ["carol", "carol"] and has_bob(store)
    told = " ".join(saved.warnings)
    assert "removed: An alias: bob@example.net → &old@elsewhere.example." in told
    assert "removed: Last sign-ins as bob@example.net." in told
    assert "bob@example.net" in str(Entry.objects.order_by("-id")[0].warnings)


def test_it_stays_when_told_so(store: Store, left: Store) -> None:
    saved = accounts.add_account(actor=None, domain="example.com", name="bob", password=PASSWORD, left="keep")
    assert rows(store) == ["bob", "bob", "carol", "carol"]
    assert "and kept" in " ".join(saved.warnings)
    assert "--keep-left" in Entry.objects.order_by("-id")[0].command


@pytest.mark.stores("sqlite")
def test_nothing_left_nothing_said(store: Store, left: Store) -> None:
    assert (
        accounts.add_account(actor=None, domain="example.com", name="dora", password=PASSWORD).warnings == ()
    )


@pytest.mark.stores("sqlite", "perdomain")
def test_the_page_shows_it_first(store: Store, left: Store, signed_in: Client) -> None:
    answer = signed_in.post(ADD, NEW)
    page = answer.content.decode()
    assert answer.status_code == 200 and not has_bob(store) and len(rows(store)) == 4
    assert (
        "bob@example.net → &amp;old@elsewhere.example" in page and "Last sign-ins as bob@example.net" in page
    )
    assert 'value="remove"' in page and page.index('value="remove"') < page.index(
        "checked", page.index('value="remove"')
    )
    answer = signed_in.post(ADD, {**NEW, "left": "remove"})
    assert answer.status_code == 302 and has_bob(store) and rows(store) == ["carol", "carol"]


@pytest.mark.stores("sqlite")
def test_the_page_keeps_it(store: Store, left: Store, signed_in: Client) -> None:
    assert signed_in.post(ADD, {**NEW, "left": "keep"}).status_code == 302
    assert has_bob(store) and rows(store) == ["bob", "bob", "carol", "carol"]


@pytest.mark.stores("sqlite")
def test_without_anything_left_it_is_not_asked(store: Store, mailboxes: Store, signed_in: Client) -> None:
    assert 'name="left"' not in signed_in.get(ADD).content.decode()
    assert signed_in.post(ADD, NEW).status_code == 302


@pytest.mark.stores("sqlite")
def test_on_the_command_line(store: Store, left: Store) -> None:
    ran = done("vadduser", "--keep-left", "bob@example.com", stdin=f"{PASSWORD}\n")
    assert "kept" in ran.err and len(rows(store)) == 4
    accounts.delete_account(actor=None, domain="example.com", name="bob")
    assert "removed" in done("vadduser", "bob@example.com", stdin=f"{PASSWORD}\n").err
    assert rows(store) == ["carol", "carol"]


@pytest.mark.stores("sqlite", "many", "handmade")
def test_an_addition_that_fails_afterwards_leaves_it(
    store: Store, left: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also in tables without transactions."""
    from vpopmail.engines.native import left as module

    real = module.remove

    def remove(*args: Any) -> None:
        real(*args)
        raise VpopmailError("the disk is full")

    monkeypatch.setattr(module, "remove", remove)
    with pytest.raises(VpopmailError, match="the disk is full"):
        accounts.add_account(actor=None, domain="example.com", name="bob", password=PASSWORD)
    assert rows(store) == ["bob", "bob", "carol", "carol"] and not has_bob(store)


KILLED = """
from vpopmail.engines.native import left
real = left.remove
def remove(*args):
    real(*args)
    os.kill(os.getpid(), signal.SIGKILL)
left.remove = remove
accounts.add_account(actor=None, domain="example.com", name="bob", password_hash=sys.argv[1])
"""


@pytest.mark.stores("sqlite", "handmade")
def test_recovery_puts_it_back(store: Store, left: Store) -> None:
    assert child(store, KILLED).wait(60) == -signal.SIGKILL
    connections["vpopmail"].close()
    settled = settle()["vadduser bob@example.com"]
    assert has_bob(store) == (settled == "ok")
    assert rows(store) == (["carol", "carol"] if settled == "ok" else ["bob", "bob", "carol", "carol"])

"""`manage.py detach_users`: ends the people whose account other programs deleted."""

from collections.abc import Callable

import pytest
from django.db import connections
from django.test import Client

from accounts.models import Grant, User
from tests.commands.base import ROOT, done, run
from tests.sign_in.people import ANNA
from tests.store import Store
from vpopmail import assigned


def delete_row(store: Store, name: str) -> None:
    table = "example_com" if store.kind == "perdomain" else "vpopmail"
    with connections["vpopmail"].cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE pw_name = %s", [name])


def names() -> list[str]:
    """The people who were not detached."""
    return sorted(User.objects.filter(is_active=True).exclude(domain="").values_list("username", flat=True))


@pytest.fixture
def people(owner_of: Callable[[str], Client]) -> None:
    for address in (ANNA, "carol@example.com", "postmaster@other.org"):
        owner_of(address)


def test_nobody_while_all_exist(store: Store, people: None) -> None:
    assert done("detach_users").out == ""
    assert names() == ["anna@example.com", "carol@example.com", "postmaster@other.org"]


def test_an_account_without_a_row(store: Store, people: None) -> None:
    delete_row(store, "anna")
    assert done("detach_users", "--dry-run").out == "anna@example.com: the account is gone\n"
    assert len(names()) == 3
    assert done("detach_users").out == "anna@example.com: the account is gone\n"
    assert names() == ["carol@example.com", "postmaster@other.org"]
    assert done("detach_users").out == ""


@pytest.mark.stores("sqlite")
def test_a_domain_that_qmail_does_not_know(store: Store, people: None) -> None:
    Grant.objects.create(user=User.objects.create_user("helper"), domain="other.org", given_by="admin")
    assign = store.qmail / "users" / "assign"
    assign.write_text("".join(line for line in assign.open() if "other.org" not in line))
    assigned.reset()
    said = done("detach_users", "--json").json
    assert said["users"] == ["postmaster@other.org"]
    assert said["grants"] == [{"user": "helper", "domain": "other.org"}]
    assert names() == ["anna@example.com", "carol@example.com"] and not Grant.objects.exists()


@pytest.mark.stores("sqlite")
def test_an_empty_assign_file_is_taken_for_a_mistake(store: Store, people: None) -> None:
    (store.qmail / "users" / "assign").write_text(".\n")
    ran = run("detach_users")
    assert ran.status == 1 and "--force" in ran.err
    assert len(names()) == 3
    done("detach_users", "--force")
    assert names() == []


@pytest.mark.stores("many")
def test_nobody_while_the_table_is_missing(store: Store, people: None) -> None:
    from vpopmail import schema

    with connections["vpopmail"].cursor() as cursor:
        cursor.execute("RENAME TABLE vpopmail TO hidden")
    schema.reset()
    done("detach_users", "--force")
    assert len(names()) == 3


@pytest.mark.stores("many")
def test_nobody_while_the_database_is_down(
    store: Store, people: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    delete_row(store, "anna")
    connections["vpopmail"].close()
    away = {"unix_socket": "/nonexistent/mysqld.sock", "connect_timeout": 1}
    options = {**connections["vpopmail"].settings_dict["OPTIONS"], **away}
    monkeypatch.setitem(connections["vpopmail"].settings_dict, "OPTIONS", options)
    ran = run("detach_users", "--force")
    assert ran.status == 5 and len(names()) == 3


def test_the_timer_runs_it() -> None:
    service = (ROOT / "deploy" / "vqweb-detach.service").read_text()
    assert "manage.py detach_users\n" in service
    assert "OnCalendar=" in (ROOT / "deploy" / "vqweb-detach.timer").read_text()

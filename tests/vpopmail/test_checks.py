"""`manage.py check`: what is missing, with the exact SQL; silence where all is well.

No crash without a database.
"""

import os
from collections.abc import Iterable

import pytest
from django.core.checks import CheckMessage

from tests.store import Store
from tests.vpopmail.people import assign, execute
from vpopmail import checks, helper, schema


def database() -> list[CheckMessage]:
    return list(checks.check_tables(None, databases=["default", "vpopmail"]))


def ids(messages: Iterable[CheckMessage]) -> set[str]:
    return {str(message.id) for message in messages}


@pytest.mark.stores("many", "handmade", "old", "perdomain", "sqlite")
def test_tables(store: Store) -> None:
    assign(store, ("example.com", "example.com"))
    schema.ensure_table(schema.schema().user_table("example.com"))
    schema.ensure_table("valias")
    found = database()
    texts = "\n".join(f"{message.msg} {message.hint}" for message in found)
    assert "vpopmail.I001" in ids(found)
    assert ("vpopmail.W002" in ids(found)) == (store.kind == "old")
    assert ("vpopmail.W003" in ids(found)) == (store.kind == "handmade")
    if store.kind == "old":
        assert "ALTER TABLE `vpopmail` MODIFY pw_passwd VARCHAR(128);" in texts
    if store.kind == "handmade":
        assert "ALTER TABLE `vpopmail` ENGINE=InnoDB;" in texts
    hinted = [
        message.hint for message in found if message.id in ("vpopmail.W002", "vpopmail.W003", "vpopmail.W004")
    ]
    for statement in hinted:
        execute(str(statement))
    schema.reset()
    assert ids(database()) == {"vpopmail.I001"}, "the statements are what was missing"


@pytest.mark.stores("many")
def test_only_when_the_database_is_asked_for(store: Store) -> None:
    assert checks.check_tables(None) == [] and checks.check_tables(None, databases=["default"]) == []


@pytest.mark.stores("many")
def test_database_gone(store: Store) -> None:
    from django.db import connections

    connections["vpopmail"].close()
    connections["vpopmail"].settings_dict["OPTIONS"]["unix_socket"] = str(store.root / "nothing.sock")
    assert ids(database()) == {"vpopmail.E003"}


@pytest.mark.stores("perdomain")
def test_shared_tables(store: Store) -> None:
    assign(store, ("a-b.com", "a-b.com"), ("a.b.com", "a.b.com"))
    assert "vpopmail.E005" in ids(database())


@pytest.mark.stores("sqlite")
def test_helper_and_directories(store: Store) -> None:
    from django.conf import settings

    expected = {"vpopmail.W001"} if os.geteuid() == 0 else set()
    assert ids(checks.check_helper(None)) == expected
    assert checks.check_directories(None) == []
    (store.qmail / "users").rename(store.qmail / "users.away")
    assert ids(checks.check_directories(None)) == {"vpopmail.W006"}
    settings.VPOPMAIL_HELPER = f"unix:{store.root}/nothing.sock"
    helper.reset()
    assert ids(checks.check_helper(None)) == {"vpopmail.W005"}
    assert checks.check_directories(None) == []

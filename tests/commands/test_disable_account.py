"""`manage.py disable_account` and `enable_account`."""

from typing import Any

import pytest

from audit.models import Entry
from tests.commands.base import done, run
from tests.store import Store
from vpopmail.flags import BOUNCE_MAIL, SERVICES


def row(store: Store, name: str = "bob") -> dict[str, Any]:
    return next(row for row in store.accounts("example.com") if row["pw_name"] == name)


def test_off_and_on(store: Store, bob: str) -> None:
    before = row(store)
    done("disable_account", "--mail", "bounce", "--reason", "gone", "bob@example.net")
    assert row(store)["pw_passwd"] == "!" + before["pw_passwd"]
    assert row(store)["pw_gid"] == SERVICES | BOUNCE_MAIL
    entry = Entry.objects.latest("id")
    assert (entry.action, entry.target, entry.via) == ("disable_account", bob, "command")
    answer = done("enable_account", "--json", bob).json
    assert (answer["ok"], answer["address"]) == (True, bob)
    assert row(store) == before


@pytest.mark.stores("sqlite")
def test_refusals(store: Store, bob: str) -> None:
    entries = Entry.objects.count()
    assert run("disable_account", "nobody@example.com").status == 3
    assert run("enable_account", "nobody@example.com").status == 3
    assert run("disable_account", "example.com").status == 1
    assert run("disable_account", "--reason", "two\nlines", bob).status == 1
    assert done("enable_account", bob).err == ""
    assert Entry.objects.count() == entries

"""`manage.py vdeluser`."""

import pytest

from audit.models import Entry
from tests.commands.base import done, run
from tests.store import Store


def names(store: Store) -> list[str]:
    return [row["pw_name"] for row in store.accounts("example.com")]


def test_an_account_is_deleted_and_its_mail_kept(store: Store, bob: str) -> None:
    answer = done("vdeluser", "--json", "bob@example.net").json
    assert answer["address"] == bob and answer["kept_until"]
    assert names(store) == ["postmaster"]
    assert not (store.directory("example.com") / "bob").exists()
    entry = Entry.objects.latest("id")
    assert (entry.state, entry.command) == ("ok", "manage.py vdeluser bob@example.com")
    assert entry.changes["trash"] == answer["trash"]


@pytest.mark.stores("sqlite", "many", "clear")
def test_aliases_of_that_name_stay_and_are_named(store: Store, bob: str) -> None:
    done("valias", "--beside-account", "-i", "&anna@elsewhere.example", bob)
    ran = done("vdeluser", bob)
    assert "&anna@elsewhere.example" in ran.err
    assert "&anna@elsewhere.example" in done("valias", "-s", bob).out
    assert "&anna@elsewhere.example" in Entry.objects.latest("id").warnings[0]


@pytest.mark.stores("sqlite", "many", "clear")
def test_aliases_of_that_name_go_when_asked(store: Store, bob: str) -> None:
    done("valias", "--beside-account", "-i", "&anna@elsewhere.example", bob)
    ran = done("vdeluser", "--aliases", "delete", bob)
    assert not ran.err
    assert run("valias", "-s", bob).status == 3
    entry = Entry.objects.latest("id")
    assert entry.changes["lines"] == [["&anna@elsewhere.example"], None]
    assert entry.command == "manage.py vdeluser --aliases delete bob@example.com"


@pytest.mark.stores("sqlite")
def test_an_unknown_account(store: Store, domain: str) -> None:
    before = Entry.objects.count()
    for address in ("nobody@example.com", "bob@unknown.example", "--", "x"):
        assert run("vdeluser", address).status != 0
    assert run("vdeluser", "nobody@example.com").status == 3
    assert Entry.objects.count() == before

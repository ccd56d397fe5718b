"""accounts.services.add_account and add_accounts."""

from typing import Any

import pytest

from accounts import services
from audit.models import Entry
from domains.services import change_limits
from tests.store import Store
from vpopmail import flags
from vpopmail.engines.base import NewAccount, Refused

HASH = "$6$abcdefgh$" + "x" * 86


def add(name: str, actor: Any = None, **more: Any) -> services.Saved:
    return services.add_account(actor=actor, domain="example.com", name=name, password_hash=HASH, **more)


def names(store: Store) -> list[str]:
    return [row["pw_name"] for row in store.accounts("example.com")]


def test_the_row_is_read_back(store: Store, domain: str) -> None:
    saved = add("alice", gecos="Alice", quota="2 GB", flags=flags.NO_POP)
    assert saved.account is not None
    assert (saved.account.address, saved.account.shell) == ("alice@example.com", "2147483648S")
    assert saved.account.gid == flags.NO_POP


def test_the_entry_names_actor_and_values(store: Store, domain: str, admin: Any) -> None:
    add("alice", admin, gecos="Alice", flags=flags.NO_POP)
    entry = Entry.objects.latest("id")
    assert (entry.actor, entry.actor_name, entry.domain) == (admin, "admin", "example.com")
    assert entry.changes == {"password": "changed", "gecos": [None, "Alice"], "flags": [None, 2]}
    assert entry.command == (
        "manage.py vadduser -c Alice -e alice@example.com && manage.py vmoduser -p alice@example.com"
    )
    assert HASH not in entry.command


@pytest.mark.stores("many")
def test_limits_bind_people_and_warn_administrators(
    store: Store, domain: str, clerk: Any, admin: Any
) -> None:
    change_limits(actor=None, domain=domain, changes={"maxpopaccounts": 2})
    assert add("one", clerk).warnings == ()
    before = Entry.objects.count()
    with pytest.raises(Refused, match="2 accounts") as refused:
        add("two", clerk)
    assert refused.value.field == "name"
    assert Entry.objects.count() == before and names(store) == ["one", "postmaster"]
    assert "2 accounts" in add("two", admin).warnings[0]
    assert "2 accounts" in add("three").warnings[0]


@pytest.mark.stores("many")
def test_limits_bind_a_batch_as_a_whole(store: Store, domain: str, clerk: Any) -> None:
    change_limits(actor=None, domain=domain, changes={"maxpopaccounts": 3})
    new = [NewAccount(name, HASH) for name in ("one", "two", "three")]
    with pytest.raises(Refused):
        services.add_accounts(actor=clerk, domain=domain, accounts=new)
    assert services.add_accounts(actor=clerk, domain=domain, accounts=new[:2]).warnings == ()
    assert names(store) == ["one", "postmaster", "two"]


def test_a_batch_is_one_entry_and_all_or_nothing(store: Store, domain: str) -> None:
    before = Entry.objects.count()
    new = [NewAccount(name, HASH) for name in ("one", "two", "postmaster")]
    with pytest.raises(Refused):
        services.add_accounts(actor=None, domain=domain, accounts=new)
    assert names(store) == ["postmaster"] and Entry.objects.count() == before
    services.add_accounts(actor=None, domain=domain, accounts=new[:2])
    assert names(store) == ["one", "postmaster", "two"]
    assert Entry.objects.latest("id").changes == {"accounts": [None, ["one", "two"]]}
    assert Entry.objects.count() == before + 1
    services.add_accounts(actor=None, domain=domain, accounts=[])
    assert Entry.objects.count() == before + 1


@pytest.mark.stores("sqlite")
def test_a_failure_of_the_engine_is_recorded_with_its_reason(
    store: Store, domain: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vpopmail.engines import get_engine

    def fail(*args: object, **options: object) -> None:
        raise Refused("the disk is full.")

    monkeypatch.setattr(type(get_engine()), "vadduser", fail)
    with pytest.raises(Refused, match="disk is full"):
        add("alice")
    entry = Entry.objects.latest("id")
    assert (entry.state, entry.reason) == ("failed", "the disk is full.")


@pytest.mark.stores("sqlite")
def test_no_entry_no_change(store: Store, domain: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import OperationalError

    from vpopmail.engines.base import Unavailable

    def fail(**values: object) -> None:
        raise OperationalError("disk I/O error")

    monkeypatch.setattr(Entry.objects, "create", fail)
    with pytest.raises(Unavailable):
        add("alice")
    assert names(store) == ["postmaster"]


@pytest.mark.stores("sqlite")
def test_what_was_done_but_not_recorded_is_said(
    store: Store, domain: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import OperationalError

    def fail(*args: object, **values: object) -> None:
        raise OperationalError("disk I/O error")

    monkeypatch.setattr(Entry, "save", fail)
    monkeypatch.setattr(
        Entry.objects, "create", lambda **values: Entry(**values)
    )  # the entry's start was written, its end cannot be
    saved = add("alice")
    assert any("could not record" in warning for warning in saved.warnings)
    assert names(store) == ["alice", "postmaster"]


@pytest.mark.stores("sqlite")
def test_what_was_done_but_cannot_be_read_back_is_said(
    store: Store, domain: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import OperationalError

    from vpopmail import models

    def fail(*args: object) -> None:
        raise OperationalError("gone away")

    monkeypatch.setattr(models, "find_account", fail)
    saved = add("alice")
    assert saved.account is None and "could not be read back" in saved.warnings[0]
    assert Entry.objects.latest("id").state == "ok"

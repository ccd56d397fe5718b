"""accounts.services.change_account, change_quota and change_password."""

from typing import Any

import pytest

from accounts import services
from audit.models import Entry
from tests.store import Store
from vpopmail import flags, passwords
from vpopmail.engines.base import Changed, NotFound, Refused
from vpopmail.models import find_account


def test_name_and_flags(store: Store, bob: dict[str, str]) -> None:
    saved = services.change_account(actor=None, **bob, gecos="Bob B.", set_flags=flags.NO_POP | flags.NO_IMAP)
    assert saved.account is not None and saved.account.gecos == "Bob B." and saved.account.gid == 10
    saved = services.change_account(actor=None, **bob, clear_flags=flags.NO_POP)
    assert saved.account is not None and saved.account.gid == 8
    entry = Entry.objects.latest("id")
    assert entry.changes == {"flags": [10, 8]}
    assert entry.command == "manage.py vmoduser -x -i bob@example.com"


def test_saving_what_is_there_writes_nothing(store: Store, bob: dict[str, str]) -> None:
    services.change_account(actor=None, **bob, gecos="Bob B.", set_flags=flags.NO_POP)
    before = Entry.objects.count()
    same = services.change_account(
        actor=None, **bob, gecos="Bob B.", set_flags=flags.NO_POP, clear_flags=flags.NO_IMAP
    )
    assert same.account is not None and same.account.gid == flags.NO_POP
    services.change_account(actor=None, **bob)
    services.change_quota(actor=None, **bob, quota="NOQUOTA")
    services.change_quota(actor=None, **bob, quota="")
    assert Entry.objects.count() == before


def test_what_somebody_else_changed_is_not_overwritten(store: Store, bob: dict[str, str]) -> None:
    services.change_account(actor=None, **bob, gecos="Robert")
    with pytest.raises(Changed):
        services.change_account(actor=None, **bob, gecos="Bob B.", expected={"gecos": "bob"})
    services.change_quota(actor=None, **bob, quota="1G")
    with pytest.raises(Changed):
        services.change_quota(actor=None, **bob, quota="2G", expected="NOQUOTA")
    account = find_account("example.com", "bob")
    assert account is not None and (account.gecos, account.shell) == ("Robert", "1073741824S")
    assert Entry.objects.latest("id").state == "failed"


def test_a_password(store: Store, bob: dict[str, str], admin: Any) -> None:
    saved = services.change_password(actor=admin, **bob, password="Other.Pass3")
    assert saved.account is not None and passwords.verify("Other.Pass3", saved.account.passwd)
    entry = Entry.objects.latest("id")
    assert (entry.actor_name, entry.changes) == ("admin", {"password": "changed"})


@pytest.mark.stores("old")
def test_a_hash_that_the_table_would_cut_off(store: Store, bob: dict[str, str]) -> None:
    before = find_account("example.com", "bob")
    with pytest.raises(Refused) as refused:
        services.change_password(actor=None, **bob, password_hash="$6$abcdefgh$" + "x" * 86)
    after = find_account("example.com", "bob")
    assert refused.value.field == "password"
    assert before is not None and after is not None and before.passwd == after.passwd


@pytest.mark.stores("sqlite")
@pytest.mark.parametrize(
    ("action", "values", "field"),
    [
        ("change_account", {"gecos": "x" * 65}, "gecos"),
        ("change_account", {"gecos": "a:b"}, "gecos"),
        ("change_quota", {"quota": "rubbish"}, "quota"),
        ("change_password", {"password": ""}, "password"),
        ("change_password", {"password": "a\tb"}, "password"),
        ("change_password", {"password": "x" * 129}, "password"),
        ("change_password", {"password_hash": "with:colon"}, "password"),
        ("change_password", {"password_hash": "x" * 129}, "password"),
    ],
)
def test_what_is_refused_names_its_field(
    store: Store, bob: dict[str, str], action: str, values: dict[str, Any], field: str
) -> None:
    before = Entry.objects.count()
    with pytest.raises(Refused) as refused:
        getattr(services, action)(actor=None, **bob, **values)
    assert refused.value.field == field
    assert Entry.objects.count() == before


@pytest.mark.stores("sqlite")
def test_nobody_there(store: Store, bob: dict[str, str]) -> None:
    nobody = {"domain": "example.com", "name": "nobody"}
    for call in (
        lambda: services.change_account(actor=None, **nobody, gecos="x"),
        lambda: services.change_quota(actor=None, **nobody, quota="1G"),
        lambda: services.change_password(actor=None, **nobody, password="x1"),
        lambda: services.delete_account(actor=None, **nobody),
        lambda: services.change_quota(actor=None, domain="unknown.example", name="bob", quota="1G"),
    ):
        with pytest.raises(NotFound):
            call()

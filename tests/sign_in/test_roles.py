"""What each role holds, and on what: the table of accounts.roles as `has_perm` answers it."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError
from django.utils import timezone

from accounts import services as accounts
from accounts.models import Grant, User
from accounts.roles import Role, outranks, role_of
from tests.sign_in.people import ANNA, CAROL, POSTMASTER, user_of
from tests.store import Store
from vpopmail import flags
from vpopmail.assigned import domains
from vpopmail.models import find_account
from web.access import domains_of, may, may_somewhere


def account(address: str) -> Any:
    name, _at, domain = address.partition("@")
    return find_account(domain, name)


def test_roles(mailboxes: Store, admin: Any) -> None:
    assert role_of(admin) is Role.SUPERUSER
    assert role_of(User.objects.create_user("clerk")) is Role.ADMINISTRATOR
    assert role_of(User.objects.create_user("guest", confined=True)) is Role.CONFINED
    assert role_of(user_of(POSTMASTER)) is role_of(user_of(CAROL)) is Role.POSTMASTER
    assert role_of(user_of(ANNA)) is Role.OWNER


@pytest.mark.parametrize("address", [POSTMASTER, CAROL])
def test_a_postmaster_has_its_own_domain(mailboxes: Store, address: str) -> None:
    user = user_of(address)
    assert domains_of(user) == {"example.com"}
    for obj in ("example.com", domains().get("example.com"), domains().get("example.net")):
        assert may(user, "vpopmail.add_account", obj)
        assert not may(user, "vpopmail.delete_domain", obj)
        assert not may(user, "vpopmail.change_limits", obj)
        assert not may(user, "vpopmail.add_program", obj)
    assert not may(user, "vpopmail.view_domain", domains().get("other.org"))
    assert not may(user, "vpopmail.view_account", account("postmaster@other.org"))
    assert not may(user, "vpopmail.add_account")
    assert may_somewhere(user, "vpopmail.view_account") and not may_somewhere(user, "vpopmail.add_domain")
    assert may(user, "vpopmail.delete_account", account(ANNA))


@pytest.mark.stores("sqlite")
def test_nobody_touches_what_outranks_it(mailboxes: Store) -> None:
    accounts.change_account(actor=None, domain="example.com", name="anna", set_flags=flags.SYSTEM_ADMIN)
    for address in (POSTMASTER, CAROL):
        user = user_of(address)
        assert not outranks(user, account(ANNA))
        assert may(user, "vpopmail.view_account", account(ANNA))
        for right in ("change_account", "change_password", "delete_account", "reset_second_factor"):
            assert not may(user, f"vpopmail.{right}", account(ANNA)), right
    carol = user_of(CAROL)
    for right in ("change_account", "change_password", "delete_account", "reset_second_factor"):
        assert not may(carol, f"vpopmail.{right}", account(POSTMASTER)), right
    assert may(user_of(POSTMASTER), "vpopmail.change_account", account(CAROL))
    assert may(user_of(POSTMASTER), "vpopmail.reset_second_factor", account(CAROL))


@pytest.mark.stores("sqlite")
def test_nobody_deletes_itself_or_the_postmaster(mailboxes: Store) -> None:
    for address in (POSTMASTER, CAROL, ANNA):
        for target in (address, POSTMASTER):
            assert not may(user_of(address), "vpopmail.delete_account", account(target))


def test_an_owner_has_its_own_account(mailboxes: Store) -> None:
    user = user_of(ANNA)
    assert domains_of(user) == frozenset()
    assert may(user, "accounts.own_mailbox") and may(user, "accounts.own_sign_in")
    assert may(user, "vpopmail.change_password", account(ANNA))
    assert not may(user, "vpopmail.view_account", account(CAROL))
    assert not may(user, "vpopmail.view_domain", "example.com")
    assert not may_somewhere(user, "vpopmail.view_account")


@pytest.mark.stores("sqlite", "many")
def test_an_owner_may_be_forbidden_to_change_its_password(mailboxes: Store) -> None:
    from domains import services

    services.change_limits(actor=None, domain="example.com", changes={"disable_passwordchanging": 1})
    assert not may(user_of(ANNA), "vpopmail.change_password", account(ANNA))
    assert may(user_of(POSTMASTER), "vpopmail.change_password", account(ANNA))
    services.change_limits(actor=None, domain="example.com", changes={"disable_passwordchanging": 0})
    assert may(user_of(ANNA), "vpopmail.change_password", account(ANNA))
    accounts.change_account(actor=None, domain="example.com", name="anna", set_flags=flags.NO_PASSWORD_CHANGE)
    assert not may(user_of(ANNA), "vpopmail.change_password", account(ANNA))


@pytest.fixture
def confined(mailboxes: Store) -> User:
    user = User.objects.create_user("guest", confined=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=("view_domain", "add_account")))
    Grant.objects.create(user=user, domain="example.com", given_by="admin")
    return user


@pytest.mark.stores("sqlite")
def test_a_confined_administrator_holds_rights_where_granted(confined: User) -> None:
    assert domains_of(confined) == {"example.com"}
    assert not may(confined, "vpopmail.view_domain")
    assert may_somewhere(confined, "vpopmail.view_domain")
    for obj in ("example.com", domains().get("example.net"), account(ANNA)):
        assert may(confined, "vpopmail.add_account", obj)
        assert not may(confined, "vpopmail.delete_account", obj)
    assert not may(confined, "vpopmail.add_account", domains().get("other.org"))
    assert may(confined, "accounts.own_sign_in") and not may(confined, "accounts.own_mailbox")


@pytest.mark.stores("sqlite")
def test_the_last_day_is_read_at_every_check(confined: User) -> None:
    grant = Grant.objects.get()
    grant.last_day = timezone.localdate()
    grant.save()
    assert may(confined, "vpopmail.view_domain", "example.com")
    grant.last_day = timezone.localdate() - timedelta(days=1)
    grant.save()
    assert not may(confined, "vpopmail.view_domain", "example.com")
    assert domains_of(confined) == frozenset()


@pytest.mark.stores("sqlite")
def test_a_mailbox_is_never_a_superuser(mailboxes: Store) -> None:
    user = user_of(ANNA)
    user.is_superuser = True
    assert not may(user, "vpopmail.delete_domain", "example.com")
    with pytest.raises(IntegrityError):
        user.save()


@pytest.mark.stores("sqlite")
def test_an_account_that_is_gone_holds_nothing(mailboxes: Store) -> None:
    accounts.delete_account(actor=None, domain="example.com", name="carol")
    user = User(name="carol", domain="example.com", username=CAROL)
    assert not may(user, "vpopmail.view_domain", "example.com")
    assert not may(user, "accounts.own_sign_in")
    assert domains_of(user) == frozenset()


@pytest.mark.stores("sqlite")
def test_a_name_that_somebody_else_bears_is_not_taken(mailboxes: Store) -> None:
    User.objects.create_user("anna@example.com")
    assert User.objects.of_mailbox("anna", "example.com") is None
    dead = user_of(CAROL)
    User.objects.filter(pk=dead.pk).update(is_active=False)
    assert User.objects.of_mailbox("carol", "example.com") is None

"""Signing in with an address and the mail password, as vpopmail verifies it."""

from typing import Any

import pytest
from django.test import Client

from accounts import services as accounts
from accounts.models import User
from domains import services as domains
from tests.sign_in.people import ANNA, CAROL, PASSWORD, POSTMASTER, is_in
from tests.store import Store
from vpopmail import flags, passwords

# crypt(3) of "Correct-Horse-7" by every method that vpopmail's crypt(3) knows; made once with libxcrypt.
SETTINGS = {
    "DES": "ab",
    "MD5": "$1$saltsalt",
    "SHA-256": "$5$rounds=1000$saltsalt",
    "SHA-512": "$6$saltsalt",
    "SHA-512 with rounds": "$6$rounds=12000$saltsalt",
    "bcrypt": "$2y$05$abcdefghijklmnopqrstuu",
}


def send(client: Client, username: str, password: str = PASSWORD) -> Any:
    return client.post("/sign-in/", {"username": username, "password": password})


def gets_in(username: str, password: str = PASSWORD) -> bool:
    client = Client()
    answer = send(client, username, password)
    assert answer.status_code in (200, 302)
    assert is_in(client) == (answer.status_code == 302)
    return is_in(client)


@pytest.mark.parametrize(
    "typed",
    [ANNA, "anna@example.net", "Anna@EXAMPLE.Net", "  anna@example.com ", POSTMASTER, CAROL],
)
def test_every_spelling_of_an_address(mailboxes: Store, typed: str) -> None:
    assert gets_in(typed)
    name = typed.strip().lower().partition("@")[0]
    user = User.objects.get()
    assert user.username == user.address == f"{name}@example.com"
    assert not user.has_usable_password()


@pytest.mark.parametrize("method", SETTINGS)
@pytest.mark.stores("sqlite")
def test_every_kind_of_hash(mailboxes: Store, method: str) -> None:
    stored = passwords.crypt(PASSWORD, SETTINGS[method])
    assert stored is not None
    for prefix in ("", "{CRYPT}", "{SHA512-CRYPT}"):
        accounts.change_password(
            actor=None, domain="example.com", name="anna", password_hash=f"{prefix}{stored}"
        )
        assert gets_in(ANNA), prefix
        assert not gets_in(ANNA, f"x{PASSWORD}"), prefix


@pytest.mark.parametrize("stored", ["", "!", "*", "x", "!$6$saltsalt$abc", "*0", "{PLAIN}Correct-Horse-7"])
def test_locked_and_odd_hashes_open_nothing(mailboxes: Store, stored: str) -> None:
    write(mailboxes, "pw_passwd", stored)
    for password in (PASSWORD, stored or " ", "x", "*0", "*1"):
        assert not gets_in(ANNA, password)


def write(store: Store, column: str, value: object) -> None:
    """Past every check, as other programs may."""
    from vpopmail.models import accounts_of

    field = {"pw_passwd": "passwd", "pw_gid": "gid"}[column]
    assert accounts_of("example.com").filter(name="anna").update(**{field: value}) == 1


def test_an_account_without_any_service(mailboxes: Store) -> None:
    write(mailboxes, "pw_gid", flags.NO_POP | flags.NO_IMAP | flags.NO_WEBMAIL)
    assert gets_in(ANNA)
    write(mailboxes, "pw_gid", flags.SERVICES)
    assert not gets_in(ANNA)


def test_a_domain_whose_limits_close_every_service(mailboxes: Store) -> None:
    closed = {"disable_pop": 1, "disable_imap": 1, "disable_webmail": 1, "disable_smtp": 1}
    domains.change_limits(actor=None, domain="example.com", changes=closed)
    assert not gets_in(ANNA)
    write(mailboxes, "pw_gid", flags.OVERRIDE_LIMITS)
    assert gets_in(ANNA)


@pytest.mark.stores("sqlite")
def test_nothing_is_made_for_who_does_not_get_in(mailboxes: Store) -> None:
    assert not gets_in(ANNA, "wrong")
    assert not gets_in("nobody@example.com")
    assert not gets_in("anna@nowhere.example")
    assert not User.objects.exists()


@pytest.mark.stores("sqlite")
def test_a_life_that_ended_does_not_come_back(mailboxes: Store) -> None:
    assert gets_in(ANNA)
    User.objects.update(is_active=False)
    assert not gets_in(ANNA)


@pytest.mark.stores("sqlite")
def test_an_administrator_named_like_an_address(mailboxes: Store) -> None:
    """Each password opens its own door only, and the mailbox does not become the administrator."""
    User.objects.create_superuser(ANNA, password="admin-pass")
    assert gets_in(ANNA, "admin-pass")
    assert not gets_in(ANNA)

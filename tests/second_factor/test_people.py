"""Every kind of person, from the sign-in form on: password, second factor, panel."""

from typing import Any

import pytest
from django.test import Client

from tests.second_factor.authenticator import Authenticator
from tests.second_factor.base import OWN, STEP, Secure, code_of, enrol_app, enrol_passkey, options_of
from tests.sign_in.people import ANNA, CAROL, PASSWORD, POSTMASTER, is_in


def sign_in(username: str, password: str) -> Client:
    client = Secure()
    answer = client.post("/sign-in/", {"username": username, "password": password})
    assert answer.status_code == 302, answer.content.decode()
    return client


@pytest.fixture
def secret_of(mailboxes: Any, person: Any) -> dict[str, str]:
    """The password of each kind of person, administrator and mailboxes."""
    from accounts.models import User

    User.objects.create_user("viewer", password="viewer-password")
    passwords = {"ada": "ada-password", "viewer": "viewer-password"}
    return passwords | dict.fromkeys((ANNA, CAROL, POSTMASTER), PASSWORD)


@pytest.mark.parametrize("who", ["ada", "viewer", ANNA, CAROL, POSTMASTER])
def test_password_then_code(secret_of: dict[str, str], who: str) -> None:
    secret, _codes = enrol_app(sign_in(who, secret_of[who]))
    client = sign_in(who, secret_of[who])
    assert not is_in(client)
    assert client.get(OWN)["Location"].startswith(STEP)
    assert client.post(STEP, {"code": code_of(secret, 1)}).status_code == 302
    assert is_in(client)


@pytest.mark.parametrize("who", ["ada", ANNA])
def test_password_then_passkey(secret_of: dict[str, str], who: str) -> None:
    key = Authenticator()
    enrol_passkey(sign_in(who, secret_of[who]), key)
    client = sign_in(who, secret_of[who])
    assert not is_in(client)
    assert client.post(STEP, {"answer": key.get(options_of(client.get(STEP)))}).status_code == 302
    assert is_in(client)


def test_by_the_alias_domain_it_is_the_same_person(secret_of: dict[str, str]) -> None:
    secret, _codes = enrol_app(sign_in(ANNA, PASSWORD))
    client = sign_in("Anna@Example.NET", PASSWORD)
    assert not is_in(client)
    client.post(STEP, {"code": code_of(secret, 1)})
    assert is_in(client)


@pytest.mark.stores("sqlite")
def test_a_password_that_changes_ends_what_was_half_open(secret_of: dict[str, str]) -> None:
    from accounts import services

    enrol_app(sign_in(ANNA, PASSWORD))
    client = sign_in(ANNA, PASSWORD)
    assert client.get(STEP).status_code == 200
    services.change_password(actor=None, domain="example.com", name="anna", password="Other-Horse-8")
    assert client.get(STEP)["Location"].startswith("/sign-in/?next=")


@pytest.mark.stores("sqlite")
def test_no_secret_is_in_any_session(secret_of: dict[str, str]) -> None:
    from base64 import b32encode

    from django.contrib.sessions.models import Session

    client = sign_in("ada", "ada-password")
    secret, codes = enrol_app(client)
    sign_in("ada", "ada-password").post(STEP, {"recovery": codes[0]})
    held = str([row.get_decoded() for row in Session.objects.all()])
    assert held.count("app-") == 2
    for one in (*codes, secret.hex(), b32encode(secret).decode(), code_of(secret)):
        assert one not in held

"""The owner's page: its own password and name, what leads to it, and nothing else."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts import services
from aliasdomains import services as aliasdomains
from audit.models import Entry
from domains import services as domains
from domains.services import change_limits
from tests.accounts.base import DOMAIN, PASSWORD
from tests.store import Store
from vpopmail import flags, passwords
from vpopmail.models import find_account

NEW = "Copper-Window-77"


@pytest.fixture
def anna(example: Store) -> Client:
    return sign_in("anna@example.com")


def sign_in(address: str, password: str = PASSWORD) -> Client:
    client = Client()
    answer = client.post("/sign-in/", {"username": address, "password": password})
    assert answer.status_code == 302, answer.content.decode()
    return client


def test_the_page(anna: Client, admin: Any, add_alias: Callable[..., None]) -> None:
    aliasdomains.add_alias_domain(actor=admin, real=DOMAIN, alias="example.net")
    add_alias("office", "&anna@example.com")
    assert anna.get("/")["Location"] == "/me/"
    page = anna.get("/me/")
    text = page.content.decode()
    assert page.status_code == 200
    for address in ("anna@example.com", "anna@example.net", "office@example.com"):
        assert address.replace("@", "<wbr>@").replace(".", ".<wbr>") in text, address
    assert 'class="places"' not in text and 'role="search"' not in text and "/domains/" not in text
    assert "Last mail sign-in" in text and find_account(DOMAIN, "anna").passwd not in text


def test_a_new_password_ends_every_other_session(anna: Client) -> None:
    other = sign_in("anna@example.com")
    assert anna.post("/me/password/", {"password": NEW})["Location"] == "/me/"
    assert anna.get("/me/").status_code == 200
    assert other.get("/me/")["Location"].startswith("/sign-in/")
    assert passwords.verify(NEW, find_account(DOMAIN, "anna").passwd)
    entry = Entry.objects.latest("id")
    assert (entry.action, entry.actor_name, entry.changes) == (
        "vpasswd",
        "anna@example.com",
        {"password": "changed"},
    )
    assert sign_in("anna@example.com", NEW).get("/me/").status_code == 200


@pytest.mark.stores("sqlite")
def test_passwords_that_are_refused(anna: Client) -> None:
    before = find_account(DOMAIN, "anna").passwd
    for wrong in ("", "a\0b"):
        page = anna.post("/me/password/", {"password": wrong})
        assert page.status_code == 200 and "password" in page.context["form"].errors, wrong
    assert find_account(DOMAIN, "anna").passwd == before


@pytest.mark.stores("sqlite")
def test_where_new_passwords_are_forbidden(anna: Client, admin: Any) -> None:
    services.change_account(actor=admin, domain=DOMAIN, name="anna", set_flags=flags.NO_PASSWORD_CHANGE)
    assert "cannot change it here" in anna.get("/me/").content.decode()
    assert anna.get("/me/password/").status_code == 403
    assert anna.post("/me/password/", {"password": NEW}).status_code == 403
    services.change_account(actor=admin, domain=DOMAIN, name="anna", clear_flags=flags.NO_PASSWORD_CHANGE)
    assert anna.get("/me/password/").status_code == 200
    change_limits(actor=admin, domain=DOMAIN, changes={"disable_passwordchanging": 1})
    assert anna.post("/me/password/", {"password": NEW}).status_code == 403
    assert passwords.verify(PASSWORD, find_account(DOMAIN, "anna").passwd)


@pytest.mark.stores("sqlite")
def test_the_password_is_asked_again_when_the_last_proof_is_old(anna: Client) -> None:
    session = anna.session
    session["vqweb.confirmed"] = 1
    session.save()
    for answer in (anna.get("/me/password/"), anna.post("/me/password/", {"password": NEW})):
        assert answer["Location"].startswith("/sign-in/again/")
    assert passwords.verify(PASSWORD, find_account(DOMAIN, "anna").passwd)


def test_the_name(anna: Client) -> None:
    assert anna.post("/me/name/", {"gecos": "Anna B.", "seen": "Anna"})["Location"] == "/me/"
    assert find_account(DOMAIN, "anna").gecos == "Anna B."
    page = anna.post("/me/name/", {"gecos": "Anna C.", "seen": "Anna"})
    assert "is now: Anna B." in page.content.decode()
    assert find_account(DOMAIN, "anna").gecos == "Anna B."
    assert anna.post("/me/name/", {"gecos": "a:b", "seen": "Anna B."}).context["form"].errors


@pytest.mark.stores("sqlite")
def test_nothing_else(anna: Client, signed_in: Client, admin: Any) -> None:
    domains.add_domain(actor=admin, domain="other.org", password=PASSWORD)
    for path in ("", "aliases/", "accounts/anna/", "accounts/add/", "activity/"):
        for domain in (DOMAIN, "other.org", "nowhere.example"):
            assert anna.get(f"/domains/{domain}/{path}").status_code == 404
    for path in ("/domains/", "/accounts/", "/aliasdomains/", "/activity/", "/search/", "/server/"):
        assert anna.get(path).status_code == 403, path
    for path in ("/me/", "/me/name/", "/me/password/"):
        assert signed_in.get(path).status_code == 403  # an administrator has no mailbox

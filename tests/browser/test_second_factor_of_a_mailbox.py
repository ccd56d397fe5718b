"""A postmaster and an owner with an authenticator app, on every kind of store; their successors have none."""

import re
from base64 import b32decode

import pytest
from django_otp.oath import totp

from accounts import services as accounts
from accounts.second_factor.models import AuthenticatorApp
from domains import services as domains
from tests.browser.person import Person
from tests.store import Store

PASSWORD, NEW = "Tulip-Harbour-42", "Copper-Window-77"


@pytest.fixture(autouse=True)
def server(store: Store) -> None:
    domains.add_domain(actor=None, domain="example.com", password=PASSWORD)
    accounts.add_account(actor=None, domain="example.com", name="anna", password=PASSWORD)


def add_app(person: Person) -> bytes:
    """The secret that the page shows."""
    person.go("/me/second-factor/")
    person.follow("Add an app")
    person.page.get_by_text("Without a camera").click()
    secret = b32decode(person.page.locator(".secret").inner_text().replace(" ", ""))
    person.fill(code=f"{totp(secret):06d}")
    person.press("Add the app")
    person.follow("I have written them down")
    return secret


def sign_out(person: Person) -> None:
    person.page.get_by_role("button", name="Sign out").locator("visible=true").first.click()
    person.page.wait_for_url("**/sign-in/")


@pytest.mark.parametrize("address", ["postmaster@example.com", "anna@example.com"])
@pytest.mark.timeout(300)
def test_the_code_is_asked_before_anything_else(person: Person, address: str) -> None:
    person.sign_in(address, PASSWORD)
    secret = add_app(person)
    sign_out(person)
    person.sign_in(address, PASSWORD)
    person.page.wait_for_url(re.compile("/sign-in/second-factor/"))
    for closed in ("/domains/example.com/", "/me/"):
        person.go(closed)
        person.page.wait_for_url(re.compile("/sign-in/second-factor/"))
    AuthenticatorApp.objects.update(last_t=-1, drift=0)  # as half a minute later
    person.fill(code=f"{totp(secret):06d}")
    person.press("Go on")
    person.page.wait_for_url("**/me/")


@pytest.mark.timeout(300)
def test_who_gets_the_name_anew_has_no_part_in_it(person: Person) -> None:
    person.sign_in("anna@example.com", PASSWORD)
    add_app(person)
    accounts.delete_account(actor=None, domain="example.com", name="anna")
    person.go("/me/")
    person.page.wait_for_url(re.compile("/sign-in/"))
    accounts.add_account(actor=None, domain="example.com", name="anna", password=NEW)
    person.go("/me/")
    person.page.wait_for_url(re.compile("/sign-in/"))
    person.sign_in("anna@example.com", PASSWORD)
    person.sees("do not fit together")
    person.sign_in("anna@example.com", NEW)
    person.page.wait_for_url("**/me/")
    person.go("/me/second-factor/")
    person.page.get_by_role("link", name="Add an app").wait_for()
    assert not AuthenticatorApp.objects.filter(user__username="anna@example.com").exists()

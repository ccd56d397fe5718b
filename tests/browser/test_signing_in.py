"""Signing in by address, the list of one's own sessions, and being asked again, in Chromium."""

import time

import pytest
from playwright.sync_api import Browser

from accounts import services as accounts
from accounts.models import SignedIn
from aliasdomains import services as aliasdomains
from domains import services as domains
from tests.browser.person import Person
from tests.panel import Panel
from tests.store import Store

PASSWORD = "Tulip-Harbour-42"


@pytest.fixture(autouse=True)
def server(store: Store) -> None:
    domains.add_domain(actor=None, domain="example.com", password=PASSWORD)
    aliasdomains.add_alias_domain(actor=None, real="example.com", alias="example.net")
    accounts.add_account(actor=None, domain="example.com", name="ann", password=PASSWORD)


def grow_old() -> None:
    """As if everybody had proved itself eleven minutes ago."""
    from django.contrib.sessions.backends.db import SessionStore

    for key in SignedIn.objects.values_list("session_key", flat=True):
        session = SessionStore(key)
        session["vqweb.confirmed"] = int(time.time()) - 11 * 60
        session.save()


def test_a_mailbox_signs_in_and_ends_another_session(person: Person, chromium: Browser, panel: Panel) -> None:
    person.sign_in("Ann@Example.net", "wrong")
    person.sees("do not fit together")
    person.look("sign-in-refused")
    person.sign_in("Ann@Example.net", PASSWORD)
    other = chromium.new_context(base_url=panel.url)
    page = other.new_page()
    page.goto("/sign-in/")
    page.locator("[name=username]").fill("ann@example.com")
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_load_state()
    person.go("/me/sessions/")
    person.sees("This one")
    person.look("own-sessions")
    person.press("Sign out everywhere else")
    person.sees("1 session was ended.")
    page.goto("/me/sessions/")
    assert "/sign-in/" in page.url
    other.close()


@pytest.mark.stores("sqlite")
def test_too_many_attempts(person: Person) -> None:
    person.expected_status = {429}
    for _ in range(11):
        person.sign_in("ann@example.com", "wrong")
    person.sees("There were too many failed attempts. Try again in 15 minutes.")
    person.look("sign-in-wait")


@pytest.mark.stores("sqlite")
def test_the_password_is_asked_again_before_a_domain_goes(person: Person) -> None:
    person.sign_in()
    grow_old()
    person.go("/domains/example.com/delete/")
    person.sees("Give the password of admin once more.")
    person.look("sign-in-again")
    person.fill(password="wrong")
    person.press("Go on")
    person.sees("That is not your password.")
    person.fill(password="admin-pass")
    person.press("Go on")
    person.sees("What goes")


@pytest.mark.stores("sqlite")
def test_an_administrator_changes_its_password(person: Person) -> None:
    person.sign_in()
    person.go("/me/sessions/")
    person.follow("Change password")
    person.look("own-administrator-password")
    person.fill(old_password="admin-pass", new_password1="Copper-Window-77", new_password2="Copper-Window-77")
    person.press("Change password")
    person.sees("Your password was changed.")

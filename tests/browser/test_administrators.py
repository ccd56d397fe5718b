"""Administrators in a browser: made, confined, given a domain; looking as the owner of an account."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts import services as accounts
from accounts.models import Grant, User
from domains import services as domains
from tests.browser.person import Person
from tests.store import Store

PASSWORD = "Tulip-Harbour-42"
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(autouse=True)
def server(store: Store) -> None:
    for domain in ("example.com", "a-very-long-domain-name-for-narrow-screens.example"):
        domains.add_domain(actor=None, domain=domain, password=PASSWORD)
    accounts.add_account(actor=None, domain="example.com", name="anna", password=PASSWORD)


def test_an_administrator_for_one_domain(store: Store, admin: Any, person: Person) -> None:
    person.sign_in()
    person.go("/server/administrators/")
    person.follow("Add administrator")
    person.look("administrator-add")
    person.fill(username="helen", email="helen@example.com")
    page = person.page
    for label in ("V: See accounts", "M: Change accounts", "D: Delete accounts"):
        page.get_by_label(label).check()
    page.get_by_label("Confined to domains").check()
    person.press("Add administrator")
    person.sees("It is shown this once")
    person.look("administrator-once")
    secret = page.locator("#secret").inner_text()
    person.follow("Open the administrator")
    person.sees("the rights hold nowhere")
    day = timezone.localdate() + timedelta(days=30)
    person.fill(domain="example.com", last_day=day.isoformat())
    person.press("Grant domain")
    person.sees("given by admin")
    Grant.objects.create(
        user=User.objects.get(username="helen"),
        domain="a-very-long-domain-name-for-narrow-screens.example",
        last_day=timezone.localdate() - timedelta(days=1),
        given_by="admin",
    )
    person.go("/server/administrators/helen/")
    person.sees("Ended")
    person.look("administrator")
    person.go("/server/administrators/helen/password/")
    person.look("administrator-password")
    person.go("/server/administrators/")
    person.look("administrators")
    page.get_by_role("button", name="Sign out").click()
    person.sign_in("helen", secret)
    person.go("/domains/example.com/accounts/anna/")
    person.sees("anna")
    person.expected_status |= {403, 404}
    person.go("/domains/a-very-long-domain-name-for-narrow-screens.example/")
    person.sees("There is no domain")
    person.go("/server/administrators/")
    person.sees("Not allowed")


def test_looking_as_the_postmaster(store: Store, admin: Any, person: Person) -> None:
    person.sign_in()
    person.go("/domains/example.com/accounts/postmaster/")
    person.follow("Look as the owner")
    person.look("look-as")
    person.press("Look as the owner")
    banner = person.page.locator(".looking")
    assert "postmaster@example.com" in banner.inner_text()
    person.go("/domains/example.com/accounts/anna/quota/")
    person.look("looking")
    person.fill(quota="1 GB")
    person.press("Save quota")
    person.sees("You are looking as somebody else, so nothing can be changed.")
    person.expected_status |= {403, 404}
    person.go("/me/sessions/")
    person.look("looking-closed")
    banner.get_by_role("button", name="Stop looking").click()
    person.sees("You are yourself again.")
    person.sees("Looked at by an administrator")
    assert banner.count() == 0

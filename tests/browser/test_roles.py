"""A postmaster and the owner of a mailbox do their work in Chromium, on every kind of store."""

import pytest
from playwright.sync_api import expect

from accounts import services as accounts
from domains import services as domains
from domains.services import change_limits
from tests.browser.person import Person
from tests.store import Store

PASSWORD = "Tulip-Harbour-42"
NEW = "Copper-Window-77"


@pytest.fixture(autouse=True)
def server(store: Store) -> None:
    for name in ("example.com", "other.org"):
        domains.add_domain(actor=None, domain=name, password=PASSWORD)
    accounts.add_account(actor=None, domain="example.com", name="anna", password=PASSWORD, gecos="Anna")
    accounts.add_alias(actor=None, domain="example.com", alias="office", line="&anna@example.com")
    change_limits(actor=None, domain="example.com", changes={"maxpopaccounts": 3})


def test_a_postmaster_looks_after_the_domain(person: Person, store: Store) -> None:
    person.sign_in("postmaster@example.com", PASSWORD)
    person.sees("2 of 3")
    person.look("postmaster-first")
    _add_accounts_up_to_the_limit(person, store)
    person.follow("Aliases")
    person.follow("Add alias")
    person.fill(alias="sales", line="|/bin/true")
    person.press("Add alias")
    person.sees("Programs cannot be entered here")
    person.fill(line="bob")
    person.press("Add alias")
    person.sees("bob@example.com")
    person.follow("Activity")
    person.sees("sales@example.com")
    person.look("postmaster-activity")
    person.expected_status = {404}
    person.go("/domains/other.org/")
    expect(person.page.locator("main")).to_contain_text("There is no domain")
    _change_and_delete(person, store)


def _add_accounts_up_to_the_limit(person: Person, store: Store) -> None:
    person.follow("Add account")
    person.fill(name="bob", password=PASSWORD)
    person.press("Add account")
    person.sees("bob@example.com")
    person.go("/domains/example.com/accounts/add/")
    person.fill(name="carol", password=PASSWORD)
    person.press("Add account")
    person.sees("may have 3 accounts")
    assert [row["pw_name"] for row in store.accounts("example.com")] == ["anna", "bob", "postmaster"]


def _change_and_delete(person: Person, store: Store) -> None:
    person.go("/domains/example.com/accounts/bob/")
    person.fill(gecos="Bob B.")
    person.press("Save display name")
    person.sees("was saved")
    person.look("postmaster-account")
    person.follow("Delete account")
    person.press("Delete account")
    person.page.wait_for_url("**/domains/example.com/")
    assert [row["pw_name"] for row in store.accounts("example.com")] == ["anna", "postmaster"]
    person.go("/domains/example.com/accounts/postmaster/")
    expect(person.page.get_by_role("link", name="Delete account")).to_have_count(0)


def test_an_owner_looks_after_its_mailbox(person: Person, store: Store) -> None:
    person.sign_in("anna@example.com", PASSWORD)
    expect(person.page.locator("h1")).to_have_text("My account")
    person.sees("office@example.com")
    person.look("owner")
    person.fill(gecos="Anna B.")
    person.press("Save name")
    person.sees("Your name was saved")
    person.follow("Change password")
    person.look("owner-password")
    person.fill(password=NEW)
    person.press("Change password")
    person.sees("Your password was changed")
    (row,) = [row for row in store.accounts("example.com") if row["pw_name"] == "anna"]
    assert row["pw_gecos"] == "Anna B."
    person.press("Sign out")
    person.sign_in("anna@example.com", NEW)
    expect(person.page.locator("h1")).to_have_text("My account")


@pytest.mark.stores("sqlite")
def test_the_table_of_who_may_do_what(person: Person, admin: object) -> None:
    person.sign_in()
    person.go("/server/who-may-do-what/")
    person.sees("Postmaster of another domain")
    person.look("who-may-do-what")

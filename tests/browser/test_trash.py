"""Somebody deletes an account by mistake and brings it back: in light, dark and on a phone."""

import pytest

from accounts import services as accounts
from domains import services as domains
from tests.browser.person import Person
from tests.store import Store

PASSWORD = "Tulip-Harbour-42"


@pytest.mark.stores("sqlite")
def test_what_was_deleted_comes_back(store: Store, person: Person) -> None:
    for domain in ("example.com", "a-very-long-domain-name-for-narrow-screens.example"):
        domains.add_domain(actor=None, domain=domain, password=PASSWORD)
    name = "a-quite-long-name-of-somebody"
    accounts.add_account(actor=None, domain="example.com", name=name, password=PASSWORD)
    domains.delete_domain(actor=None, domain="a-very-long-domain-name-for-narrow-screens.example")
    accounts.delete_account(actor=None, domain="example.com", name=name)
    person.sign_in()
    person.follow("Server")
    person.look("server")
    person.follow("Trash")
    person.look("trash")
    person.page.get_by_role("link", name=f"Bring back {name}@example.com").click()
    person.look("restore-account")
    person.press("Bring back")
    person.sees("was brought back.")
    person.page.get_by_role("link", name="Bring back a-very-long").click()
    person.look("restore-domain")
    person.press("Bring back")
    person.sees("The trash is empty")
    assert [row["pw_name"] for row in store.accounts("example.com")] == [name, "postmaster"]

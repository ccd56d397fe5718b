"""A domain deleted by mistake and made anew before anybody noticed: in light, dark and on a phone."""

import pytest

from accounts import services as accounts
from domains import services as domains
from tests.browser.person import Person
from tests.store import Store

PASSWORD = "Tulip-Harbour-42"
DOMAIN = "example.com"


@pytest.fixture
def allowed(store: Store) -> None:
    """The mail host lets the trash be emptied: the panel's process reads it from its environment."""
    store.environ["VPOPMAIL_EMPTY_TRASH"] = "1"


@pytest.mark.stores("sqlite")
def test_beside_a_new_domain_of_the_name(allowed: None, store: Store, person: Person) -> None:
    names = ["anna", "bernd", "somebody-with-a-long-name", *(f"person{number}" for number in range(15))]
    domains.add_domain(actor=None, domain="other.example", password=PASSWORD)
    alias_domains = ["a-very-long-domain-name-for-narrow-screens.example", "taken.example"]
    domains.add_domain(actor=None, domain=DOMAIN, password=PASSWORD, alias_domains=alias_domains)
    for name in names:
        accounts.add_account(actor=None, domain=DOMAIN, name=name, password=PASSWORD)
    domains.delete_domain(actor=None, domain=DOMAIN, with_alias_domains=True)
    domains.add_domain(actor=None, domain=DOMAIN, password=PASSWORD)
    accounts.add_account(actor=None, domain=DOMAIN, name="bernd", password=PASSWORD)
    domains.add_domain(actor=None, domain="taken.example", password=PASSWORD)
    person.sign_in()
    person.page.goto("/server/trash/")
    person.look("trash-with-domain")
    person.follow(DOMAIN)
    person.look("trash-domain-entry")
    person.page.get_by_role("link", name="Bring back anna").click()
    person.look("restore-one-account")
    person.press("Bring back")
    person.sees("was brought back.")
    person.page.get_by_role("link", name=f"Bring back {DOMAIN}").click()
    person.look("restore-beside")
    person.page.get_by_label("As a domain of another name").check()
    person.press("Bring back")
    person.sees("Say under which name.")
    person.look("restore-no-name")
    person.page.get_by_label("Merge it into the domain").check()
    person.press("Bring back")
    person.sees("has its former mail again.")
    person.look("merged")
    assert len(store.accounts(DOMAIN)) == len(names) + 1
    person.follow("Empty the trash")
    person.look("empty-everything")
    person.page.get_by_label("Number of entries").fill("1")
    person.press("Empty the trash")
    person.sees("The trash is empty")

"""Every page in light, dark and on a phone: no violation of WCAG 2.2 AA, nothing wider than the screen."""

import pytest

from accounts import services as accounts
from aliasdomains import services as aliasdomains
from audit.models import Entry
from domains import services as domains
from tests.browser.person import Person
from tests.store import Store

PASSWORD = "Tulip-Harbour-42"
LONG = "a-quite-long-name-of-somebody"
PAGES = {
    "dashboard": "/",
    "domains": "/domains/",
    "domains-found": "/domains/?q=exam",
    "add-domain": "/domains/add/",
    "domain": "/domains/example.com/",
    "domain-aliases": "/domains/example.com/aliases/",
    "domain-alias-domains": "/domains/example.com/aliasdomains/",
    "domain-activity": "/domains/example.com/activity/",
    "delete-domain": "/domains/example.com/delete/",
    "accounts": "/accounts/",
    "add-account": "/domains/example.com/accounts/add/",
    "account": f"/domains/example.com/accounts/{LONG}/",
    "change-flags": f"/domains/example.com/accounts/{LONG}/flags/",
    "change-password": f"/domains/example.com/accounts/{LONG}/password/",
    "change-quota": f"/domains/example.com/accounts/{LONG}/quota/",
    "delete-account": f"/domains/example.com/accounts/{LONG}/delete/",
    "add-alias": "/domains/example.com/aliases/add/",
    "alias": "/domains/example.com/aliases/office/",
    "delete-alias": "/domains/example.com/aliases/office/delete/",
    "alias-domains": "/aliasdomains/",
    "add-alias-domain": "/aliasdomains/add/",
    "delete-alias-domain": "/aliasdomains/example.net/delete/",
    "search": "/search/",
    "search-found": "/search/?q=a-quite",
    "activity": "/activity/",
}


@pytest.fixture(autouse=True)
def server(store: Store) -> None:
    """A domain with a bit of everything, long names among them."""
    domains.add_domain(actor=None, domain="example.com", password=PASSWORD)
    domains.add_domain(
        actor=None, domain="a-very-long-domain-name-for-narrow-screens.example", password=PASSWORD
    )
    aliasdomains.add_alias_domain(actor=None, real="example.com", alias="example.net")
    accounts.add_account(actor=None, domain="example.com", name=LONG, password=PASSWORD, quota="2 GB")
    accounts.add_account(actor=None, domain="example.com", name="bob", password=PASSWORD, flags=0x1000)
    accounts.change_account(actor=None, domain="example.com", name="bob", set_flags=2)
    for line in (f"&{LONG}@example.com", "&somebody@elsewhere.example", "&nobody@example.com"):
        accounts.add_alias(actor=None, domain="example.com", alias="office", line=line)


@pytest.mark.stores("sqlite")
@pytest.mark.timeout(600)
def test_pages_for_everybody(person: Person) -> None:
    person.go("/sign-in/")
    person.look("sign-in")
    person.sign_in()
    pages = {**PAGES, "entry": f"/activity/{Entry.objects.latest('id').key}/"}
    for name, path in pages.items():
        person.go(path)
        assert "/sign-in/" not in person.page.url
        person.look(name)
    person.expected_status = {404}
    person.go("/domains/nowhere.example/")
    person.look("not-found")
    person.go("/domains/example.com/accounts/add/")
    person.fill(name="Ümlaut", password="x")
    person.press("Add account")
    person.look("add-account-wrong")


@pytest.mark.stores("sqlite")
def test_the_django_admin_runs_under_the_same_policy(person: Person) -> None:
    person.sign_in()
    for path in ("", "vpopmail/account/", "vpopmail/alias/", "audit/entry/", "vpopmail/account/add/"):
        person.go(f"/admin/{path}")
        assert "/sign-in/" not in person.page.url
        assert person.page.locator("h1").count()
    person.go("/admin/vpopmail/account/")
    person.page.get_by_role("link", name="bob").first.click()
    person.page.locator("[name=gecos]").wait_for()


@pytest.mark.stores("sqlite")
def test_empty_places_offer_the_next_step(person: Person) -> None:
    person.sign_in()
    for path in ("aliases/", "aliasdomains/"):
        person.go(f"/domains/a-very-long-domain-name-for-narrow-screens.example/{path}")
        person.sees("yet")
        person.look(f"empty-{path.rstrip('/')}")

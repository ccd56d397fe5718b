"""Limits at a browser: three values of a count, what is used beside it, the defaults; the postmaster."""

import pytest

from accounts import services as accounts
from domains import services as domains
from tests.browser.person import Person
from tests.store import Store
from vpopmail import limits

PASSWORD = "Tulip-Harbour-42"
URL = "/domains/example.com/limits/"


@pytest.fixture(autouse=True)
def everything_set(store: Store) -> None:
    (store.home / "etc" / "vlimits.default").write_text("# ours\nmaxpopaccounts 9\n")
    domains.add_domain(actor=None, domain="example.com", password=PASSWORD)
    accounts.add_account(actor=None, domain="example.com", name="anna", password=PASSWORD)
    values = {"maxforwards": 0, "defaultquota": 2**31, "diskquota": 1536, "disable_pop": 1}
    masks = {"perm_account": 5, "perm_autoresponder": 1, "perm_maillist": 19}
    domains.change_limits(actor=None, domain="example.com", changes=values | masks)


@pytest.mark.stores("many")
def test_changing_limits(person: Person, store: Store) -> None:
    person.sign_in()
    person.go(URL)
    person.sees("What vpopmail’s programs make of it")
    amount = person.page.locator("[name=maxaliases_number]")
    assert not amount.is_visible()
    person.page.locator("[name=maxaliases]").select_option("number")
    assert amount.is_visible()
    person.press("Save limits")
    person.sees("Type how many, or choose something else.")
    amount.fill("7")
    person.page.locator("[name=maxpopaccounts]").select_option("none")
    person.press("Save limits")
    person.sees("There are 2 accounts already and 0 allowed")
    person.look("limits")
    found = limits.read("example.com")
    assert (found["maxaliases"], found["maxpopaccounts"], found["perm_maillist"]) == (7, 0, 19)
    person.follow("Back to the defaults")
    person.look("delete-limits")
    person.press("Back to the defaults")
    person.sees("This domain has no limits of its own")
    person.follow("Limits for all domains")
    person.page.locator("[name=maxforwards]").select_option("none")
    person.press("Save limits for all domains")
    person.look("default-limits")
    text = (store.home / "etc" / "vlimits.default").read_text()
    assert text == "# ours\nmaxpopaccounts 9\nmaxforwards: 0\n"
    assert limits.read("example.com")["maxforwards"] == 0


@pytest.mark.stores("sqlite")
def test_the_postmaster_sees_them(person: Person) -> None:
    person.sign_in("postmaster@example.com", PASSWORD)
    person.go(URL)
    person.sees("None allowed")
    person.sees("may not add, delete")
    assert person.page.get_by_role("button", name="Save limits").count() == 0
    person.look("limits-of-postmaster")

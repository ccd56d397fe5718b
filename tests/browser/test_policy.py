"""Chromium finds nothing against the Content-Security-Policy on any page, whatever its texts hold."""

from typing import Any

import pytest

from tests.browser.person import Person
from tests.routes import ROUTES
from tests.scenery import PASSWORD, Scenery, canary
from tests.store import Store


@pytest.fixture(autouse=True)
def scenery(store: Store, admin: Any) -> Scenery:
    return Scenery(store, admin)


def walk(person: Person, scenery: Scenery) -> int:
    """Every page that this person may see; returns how many. `Person` hears every error of the console,
    refused scripts and styles among them.
    """
    person.expected_status = {403, 404, 405}
    page, dialogs, seen = person.page, [], 0
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    for route in ROUTES:
        address = route.address(scenery.arguments)
        if page.request.get(address).status != 200:
            continue
        person.go(address)
        assert page.locator("img[onerror]").count() == 0, route.name
        seen += 1
    person.go(f"/search/?q={canary('query')}")
    assert dialogs == []
    return seen


@pytest.mark.stores("sqlite")
@pytest.mark.timeout(600)
def test_no_page_violates_the_policy(person: Person, scenery: Scenery) -> None:
    person.sign_in()
    assert walk(person, scenery) > 50
    for path in ("", "vpopmail/account/", "vpopmail/alias/", "audit/entry/", "auth/group/", "accounts/user/"):
        person.go(f"/admin/{path}")
    person.go("/no/such/page/")


@pytest.mark.stores("many")
@pytest.mark.timeout(600)
def test_nor_on_mariadb_for_who_may_look(person: Person, scenery: Scenery) -> None:
    person.sign_in(scenery.user("viewer").username, PASSWORD)
    assert walk(person, scenery) > 20


@pytest.mark.stores("sqlite")
@pytest.mark.timeout(600)
@pytest.mark.parametrize("who, least", [("postmaster", 30), ("owner", 8)])
def test_nor_for_who_signs_in_with_a_mailbox(person: Person, scenery: Scenery, who: str, least: int) -> None:
    person.sign_in(scenery.user(who).username, PASSWORD)
    assert walk(person, scenery) >= least
    person.go("/server/")  # what a refusal looks like


@pytest.mark.stores("sqlite")
def test_the_policy_is_in_force(person: Person) -> None:
    """An element that hatched all the same would do nothing, and be heard of."""
    person.sign_in()
    hatch = """() => { document.querySelector("main").innerHTML = "<img src=data:, onerror='alert(1)'>" }"""
    with person.page.expect_console_message(lambda said: "Content Security Policy" in said.text):
        person.page.evaluate(hatch)
    person.complaints.clear()

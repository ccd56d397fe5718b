"""Chromium finds nothing against the Content-Security-Policy on any page, whatever its texts hold."""

from typing import Any

import pytest

from tests.browser.person import Person
from tests.routes import ROUTES
from tests.scenery import Scenery, canary
from tests.store import Store


@pytest.fixture(autouse=True)
def scenery(store: Store, admin: Any) -> Scenery:
    return Scenery(store, admin)


@pytest.mark.stores("sqlite")
@pytest.mark.timeout(600)
def test_no_page_violates_the_policy(person: Person, scenery: Scenery) -> None:
    """`Person` hears every error of the console, refused scripts and styles among them."""
    person.expected_status = {403, 404, 405}
    page, dialogs = person.page, []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    person.sign_in()
    for route in ROUTES:
        if page.request.get(route.address(scenery.arguments)).status == 405:  # takes forms only
            continue
        person.go(route.address(scenery.arguments))
        assert page.locator("img[onerror]").count() == 0, route.name
    person.go(f"/search/?q={canary('query')}")
    for path in ("", "vpopmail/account/", "vpopmail/alias/", "audit/entry/", "auth/group/", "accounts/user/"):
        person.go(f"/admin/{path}")
    assert dialogs == []


@pytest.mark.stores("sqlite")
def test_the_policy_is_in_force(person: Person) -> None:
    """An element that hatched all the same would do nothing, and be heard of."""
    person.sign_in()
    hatch = """() => { document.querySelector("main").innerHTML = "<img src=data:, onerror='alert(1)'>" }"""
    with person.page.expect_console_message(lambda said: "Content Security Policy" in said.text):
        person.page.evaluate(hatch)
    person.complaints.clear()

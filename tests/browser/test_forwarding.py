"""Forwarding at a browser: fields appear with their choice; a file with everything in it; the owner."""

import os

import pytest

from accounts import services as accounts
from domains import services as domains
from tests.browser.person import Person
from tests.store import GID, UID, Store

PASSWORD = "Tulip-Harbour-42"
LONG = "&somebody.with.a.long.name@a-rather-long-domain-name-for-narrow-screens.example"


@pytest.fixture(autouse=True)
def anna(store: Store) -> None:
    domains.add_domain(actor=None, domain="example.com", password=PASSWORD)
    accounts.add_account(actor=None, domain="example.com", name="anna", password=PASSWORD)


def _put(store: Store, *lines: str) -> None:
    file = store.directory("example.com") / "anna/.qmail"
    file.write_text("".join(f"{line}\n" for line in lines))
    if os.geteuid() == 0:
        os.chown(file, UID, GID)


@pytest.mark.stores("sqlite")
def test_everything_set(person: Person, store: Store) -> None:
    program = "|/usr/local/bin/filter --with --many --options --that --make --it --a --very --long --line"
    _put(store, program, LONG, "&nobody@example.com", "", "# by <b>hand</b>", "./Maildir/", "./Maildir/")
    person.sign_in()
    for name, path in (("account-forwards", ""), ("forwarding", "forwarding/")):
        person.go(f"/domains/example.com/accounts/anna/{path}")
        person.sees("each mail arrives twice")
        person.look(name)
    person.go("/domains/example.com/")
    person.look("domain-forwards")


@pytest.mark.stores("sqlite")
def test_an_owner_forwards(person: Person, store: Store) -> None:
    person.sign_in("anna@example.com", PASSWORD)
    person.sees("goes into the mailbox")
    person.follow("Change forwarding")
    addresses = person.page.locator("[name=destinations]")
    assert not addresses.is_visible()
    person.page.get_by_label("On to other addresses").check()
    assert addresses.is_visible()
    person.press("Save forwarding")
    person.sees("Type the address that mail goes on to.")
    assert addresses.evaluate("field => field === document.activeElement")
    person.look("own-forwarding-wrong")
    person.fill(destinations="bob@elsewhere.example")
    person.press("Save forwarding")
    person.sees("Keeps a copy and forwards to:")
    assert (store.directory("example.com") / "anna/.qmail").read_text().startswith("&bob@elsewhere.example\n")
    person.look("own-forwards")

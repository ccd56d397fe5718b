"""The whole main job in Chromium: what an administrator does from signing in to deleting it all again."""

import re

from playwright.sync_api import expect

from tests.browser.person import Person
from tests.store import Store

PASSWORD = "Tulip-Harbour-42"


def test_from_signing_in_to_deleting_it_all(person: Person, store: Store) -> None:
    person.sign_in()
    _add_a_domain(person)
    _add_accounts(person, store)
    _add_an_alias(person)
    _add_an_alias_domain(person)
    _change_the_account(person, store)
    _find_it_again(person)
    _read_the_journal(person)
    _delete_it_all(person, store)
    person.press("Sign out")
    expect(person.page).to_have_url(re.compile(r"/sign-in/"))


def _add_a_domain(person: Person) -> None:
    person.follow("Domains")
    person.follow("Add domain")
    person.fill(domain="Example.com")
    person.press("Generate")
    secret = person.page.locator("main [name=password]").input_value()
    assert len(secret) >= 12
    person.press("Add domain")
    person.sees("postmaster@example.com")
    assert secret not in person.page.content()


def _add_accounts(person: Person, store: Store) -> None:
    person.follow("Add account")
    person.fill(name="ann/baker", gecos="Ann Baker", quota="2 GB", password=PASSWORD)
    person.press("Add account")
    wrong = person.page.locator("main [name=name]")
    expect(wrong).to_have_attribute("aria-invalid", "true")
    expect(wrong).to_be_focused()
    expect(person.page.locator("main [name=gecos]")).to_have_value("Ann Baker")
    assert [row["pw_name"] for row in store.accounts("example.com")] == ["postmaster"]
    person.fill(name="ann", password=PASSWORD)
    person.press("Add account")
    person.sees("ann@example.com")
    (row,) = [row for row in store.accounts("example.com") if row["pw_name"] == "ann"]
    assert (row["pw_gecos"], row["pw_shell"]) == ("Ann Baker", "2147483648S")
    assert (store.directory("example.com") / "ann" / "Maildir" / "new").is_dir()


def _add_an_alias(person: Person) -> None:
    person.go("/domains/example.com/aliases/")
    person.follow("Add alias")
    person.fill(alias="office", line="ann")
    person.press("Add alias")
    person.go("/domains/example.com/aliases/office/")
    person.sees("ann@example.com")
    person.fill(line="ann@elsewhere.example")
    person.page.locator("main form:has([name=line]) button[type=submit]").last.click()
    person.sees("ann@elsewhere.example")
    person.press("Remove ann@elsewhere.example")
    expect(person.page.get_by_role("button", name="Remove ann@elsewhere.example")).to_have_count(0)


def _add_an_alias_domain(person: Person) -> None:
    person.go("/domains/example.com/aliasdomains/")
    person.follow("Add alias domain")
    person.fill(alias="bücher.example")
    person.press("Add alias domain")
    person.go("/aliasdomains/")
    person.sees("xn--bcher-kva.example")


def _change_the_account(person: Person, store: Store) -> None:
    def row() -> dict[str, object]:
        (found,) = [row for row in store.accounts("example.com") if row["pw_name"] == "ann"]
        return found

    before = row()
    person.go("/domains/example.com/accounts/ann/")
    person.fill(gecos="Ann B. Baker")
    person.press("Save display name")
    person.sees("Ann B. Baker")
    person.fill(quota="NOQUOTA")
    person.press("Save quota")
    person.fill(password="Copper-Window-77")
    person.press("Change password")
    person.page.locator("main .notice, main [role=status], main [role=alert]").first.wait_for()
    after = row()
    assert (after["pw_gecos"], after["pw_shell"]) == ("Ann B. Baker", "NOQUOTA")
    assert after["pw_passwd"] != before["pw_passwd"]


def _find_it_again(person: Person) -> None:
    person.go("/search/?q=ann")
    person.sees("ann@example.com")
    person.go("/domains/?q=exam")
    person.sees("example.com")


def _read_the_journal(person: Person) -> None:
    person.go("/activity/")
    for action in (
        "vadddomain",
        "vadduser",
        "valias",
        "vaddaliasdomain",
        "vmoduser",
        "vsetuserquota",
        "vpasswd",
    ):
        person.sees(action)
    assert "Copper-Window-77" not in person.page.content()


def _delete_it_all(person: Person, store: Store) -> None:
    person.go("/domains/example.com/aliases/office/delete/")
    person.press("Delete alias")
    person.go("/domains/example.com/accounts/ann/delete/")
    person.sees("kept until")
    person.press("Delete account")
    assert [row["pw_name"] for row in store.accounts("example.com")] == ["postmaster"]
    person.go("/domains/example.com/delete/")
    person.sees("xn--bcher-kva.example")
    person.page.locator("main [name=with_alias_domains]").check()
    person.fill(confirm="example.org")
    person.press("Delete domain")
    expect(person.page.locator("main [name=confirm]")).to_have_attribute("aria-invalid", "true")
    assert "example.com" in store.control("assign")
    person.fill(confirm="example.com")
    person.press("Delete domain")
    person.page.wait_for_url("**/domains/**")
    assert "example.com" not in store.control("assign")
    assert not store.directory("example.com").exists()
    assert "example" not in store.control("rcpthosts")

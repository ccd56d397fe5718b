"""What the frame does with JavaScript: search as you type, passwords, themes, the drawer, a session's end."""

import re
from typing import Any

import pytest

from accounts import services as accounts
from audit.models import Entry
from domains import services as domains
from tests.browser.person import Person
from tests.store import Store

PASSWORD = "Tulip-Harbour-42"
pytestmark = pytest.mark.stores("sqlite")


@pytest.fixture(autouse=True)
def server(store: Store, admin: Any) -> None:
    domains.add_domain(actor=None, domain="example.com", password=PASSWORD)
    for name in ("anna", "annette", "bob"):
        accounts.add_account(actor=None, domain="example.com", name=name, password=PASSWORD)


def test_search_as_you_type_by_keyboard_alone(person: Person) -> None:
    page = person.page
    person.sign_in()
    page.keyboard.press("/")
    page.keyboard.type("ann")
    links = page.locator("#suggestions a")
    links.first.wait_for()
    assert [text.split()[0] for text in links.all_inner_texts()] == [
        "anna@example.com",
        "annette@example.com",
    ]
    assert person.violations() == []
    page.keyboard.press("Escape")
    assert links.count() == 0
    page.keyboard.type("e")
    links.first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/domains/example.com/accounts/annette/")
    page.keyboard.press("/")
    page.keyboard.type("bob@example.com")
    page.keyboard.press("Enter")
    page.wait_for_url("**/domains/example.com/accounts/bob/")


def test_a_generated_password_is_shown_judged_and_sent(person: Person, store: Store) -> None:
    page = person.page
    (store.home / "etc" / "password_strength.conf").write_text("length >= 14\npolicy = Fourteen letters\n")
    person.sign_in()
    person.go("/domains/example.com/accounts/add/")
    field = page.locator("[name=password]")
    field.fill("Short-1")
    assert page.locator(".meter").inner_text().strip() == "Fourteen letters"
    page.get_by_role("button", name="Generate").click()
    made = field.input_value()
    assert re.fullmatch(r"(?:[a-zA-Z2-9]{4}-){3}[a-zA-Z2-9]{4}", made)
    assert field.get_attribute("type") == "text"
    assert page.locator(".meter").inner_text().strip() == "Strong"
    page.get_by_role("button", name="Show what is typed").click()
    assert field.get_attribute("type") == "password"
    person.fill(name="carla")
    person.press("Add account")
    person.sees("carla@example.com")
    assert made not in str(Entry.objects.values_list())


def test_the_first_wrong_field_has_the_focus_and_nothing_is_lost(person: Person) -> None:
    page = person.page
    person.sign_in()
    person.go("/domains/example.com/accounts/add/")
    person.fill(name="two words", gecos="Kept", password=PASSWORD, quota="rubbish")
    person.press("Add account")
    page.locator("[name=name].is-invalid").wait_for()
    assert page.evaluate("document.activeElement.name") == "name"
    assert page.locator("[name=gecos]").input_value() == "Kept"
    assert page.locator("[name=quota]").input_value() == "rubbish"
    assert page.locator("main [data-form] button[type=submit]").first.is_enabled()


def test_the_theme_is_kept_and_does_not_flash(person: Person) -> None:
    page = person.page
    person.sign_in()
    toggle = page.locator("[data-theme-toggle]")
    seen = [toggle.get_attribute("aria-label")]
    for _turn in range(2):
        toggle.click()
        seen.append(toggle.get_attribute("aria-label"))
    assert seen == ["Theme: as the system", "Theme: light", "Theme: dark"]
    page.reload()
    assert page.locator("html").get_attribute("data-bs-theme") == "dark"
    scripts = page.locator("head script").evaluate_all("all => all.map(one => [one.src, one.defer])")
    assert [src for src, defer in scripts if not defer] == [scripts[0][0]]  # before anything is painted
    assert "theme" in scripts[0][0]


def test_the_drawer_of_a_phone(person: Person) -> None:
    page = person.page
    page.set_viewport_size({"width": 390, "height": 844})
    person.sign_in()
    domains_link = page.get_by_role("navigation", name="Sections").get_by_role(
        "link", name="Domains", exact=True
    )
    assert not domains_link.is_visible()
    page.get_by_role("button", name="Open the navigation").click()
    domains_link.wait_for()
    assert person.violations() == []
    page.keyboard.press("Escape")
    domains_link.wait_for(state="hidden")
    page.get_by_role("button", name="Open the navigation").click()
    domains_link.click()
    page.wait_for_url("**/domains/")


def test_after_signing_out_nothing_is_left_to_see(person: Person) -> None:
    page = person.page
    person.sign_in()
    person.go("/domains/example.com/")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in/")
    page.go_back()
    page.wait_for_url("**/sign-in/**")
    assert "anna" not in page.content()


def test_a_session_that_ended_meanwhile_leads_to_signing_in_and_back(person: Person) -> None:
    """What htmx asks for must not put the sign-in page into a corner of the old one."""
    page = person.page
    person.sign_in()
    person.go("/domains/")
    page.context.clear_cookies()
    page.keyboard.press("/")
    page.keyboard.type("ann")
    page.wait_for_url("**/sign-in/?next=%2Fdomains%2F")
    person.fill(username="admin", password="admin-pass")
    person.press("Sign in")
    page.wait_for_url("**/domains/")

"""Whatever stands in a table, a file or a journal is shown as text: no page makes an element of it."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client

from tests.routes import ROUTES, Route
from tests.scenery import Scenery, canary
from tests.store import Store

pytestmark = pytest.mark.stores("sqlite")
# What each of them meets on its pages, some canaries of those that an administrator meets.
PEOPLE = {
    "viewer": {"gecos-anna", "gecos", "line", "program", "actor", "target", "reason"},
    "postmaster": {"gecos-anna", "gecos", "line", "program", "actor", "target", "reason"},
    "owner": {"gecos-anna", "remote-ip"},
}


class Elements(HTMLParser):
    """What a browser would make of the canaries: `hatched` are those that became elements or attributes."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.hatched: list[str] = []
        self.fields: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if any(name.startswith("on") for name in named) or named.get("src") == "x":
            self.hatched.append(str(self.get_starttag_text()))
        if tag in ("input", "select", "textarea") and named.get("type") != "submit" and named.get("name"):
            self.fields.add(str(named["name"]))


def look(answer: Any, where: str) -> Elements:
    assert answer.status_code < 500 or answer.status_code == 503, f"{where}: {answer.status_code}"
    body = answer.content if not answer.streaming else b"".join(answer.streaming_content)
    found = Elements(body.decode())
    assert found.hatched == [], f"{where}: {found.hatched}"
    return found


@pytest.fixture
def scenery(store: Store, admin: Any) -> Scenery:
    return Scenery(store, admin)


def ask(client: Client, route: Route, scenery: Scenery, query: str = "") -> Any:
    return client.get(route.address(scenery.arguments) + query, HTTP_USER_AGENT=canary("agent"))


def shown_on_all_pages(client: Client, scenery: Scenery) -> set[str]:
    """The names of the canaries that stood on some page, as text."""
    shown: set[str] = set()
    for route in ROUTES:
        answer = ask(client, route, scenery)
        look(answer, route.name)
        shown.update(re.findall(r"&lt;img (?:src=x )?onerror=([\w-]+)", answer.content.decode()))
    return shown


def test_every_page_shows_texts_as_texts(scenery: Scenery, signed_in: Client) -> None:
    look(signed_in.post("/server/doctor/examine/", follow=True), "the doctor")
    expected = {
        *("gecos-anna", "gecos", "shell", "line", "program", "alias", "name", "remote-ip"),  # tables
        *("log-user", "log-ip", "relay", "ip-domain", "map-ip"),
        *("policy", "vlimits"),  # files
        *("actor", "target", "action", "old", "new", "field", "command", "reason", "warning", "address"),
        "trash-actor",
    }
    shown = shown_on_all_pages(signed_in, scenery)
    assert expected - shown == set()


@pytest.mark.parametrize("who", PEOPLE)
def test_to_everybody_alike(scenery: Scenery, who: str) -> None:
    """Who may less sees other pages of the same texts: a viewer, a postmaster, the owner of a mailbox."""
    browser = Client()
    browser.force_login(scenery.user(who))
    shown = shown_on_all_pages(browser, scenery)
    assert PEOPLE[who] - shown == set()


@pytest.mark.stores("many")
def test_in_mariadb(scenery: Scenery, signed_in: Client) -> None:
    assert {"gecos-anna", "line", "policy", "actor", "reason"} - shown_on_all_pages(
        signed_in, scenery
    ) == set()


def test_aliases_in_files(configured: Callable[..., None], scenery: Scenery, signed_in: Client) -> None:
    configured(VPOPMAIL_ALIASES="files")
    assert {"file-line"} - shown_on_all_pages(signed_in, scenery) == set()


def test_what_is_asked_for_is_shown_as_text(scenery: Scenery, signed_in: Client) -> None:
    words = canary("query").replace(" ", "%20").replace('"', "%22").replace(">", "%3E").replace("<", "%3C")
    names = ("q", "after", "before", "letter", "next", "real", "alias", "actor", "action", "target", "domain")
    query = "?" + "&".join(f"{name}={words}" for name in names)
    for client in (signed_in, Client()):
        for route in ROUTES:
            look(ask(client, route, scenery, query), f"{route.name}{query}")


def test_an_address_that_does_not_exist_is_shown_as_text(scenery: Scenery, signed_in: Client) -> None:
    evil = dict.fromkeys(("domain", "name", "alias", "key"), "'><img src=x onerror=url>")
    for client in (signed_in, Client()):
        for route in ROUTES:
            if set(route.pattern.pattern.converters.values()) and all(
                name in evil for name in route.pattern.pattern.converters
            ):
                look(client.get(route.address(evil)), route.name)
        look(client.get("/<img src=x onerror=path>/"), "an unknown page")


def test_rejected_forms_show_what_was_typed_as_text(scenery: Scenery, signed_in: Client) -> None:
    """Each form is filled with canaries, once with everything and once with one after the other."""
    for route in ROUTES:
        if route.name in ("sign-out",):
            continue
        address = route.address(scenery.arguments)
        page = signed_in.get(address)
        if page.status_code != 200:
            continue
        fields = look(page, route.name).fields
        look(signed_in.post(address, dict.fromkeys(fields, canary("typed"))), f"POST {route.name}")

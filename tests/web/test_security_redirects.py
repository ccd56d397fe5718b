"""Nobody is led away from the panel by a link into it."""

from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from django.test import Client

from tests.routes import ROUTES
from tests.scenery import Scenery
from tests.store import Store

pytestmark = pytest.mark.stores("sqlite")
ELSEWHERE = [
    "https://evil.example/",
    "http://testserver.evil.example/",
    "http://testserver@evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example\\",
    "http:///evil.example/",
    "https:evil.example",
    "/\t/evil.example/",
    "\t//evil.example/",
    "javascript:alert(1)",
    "data:text/html,<b>evil.example</b>",
    "/%0d%0aLocation:%20https://evil.example/",
    "/ok\r\nLocation: https://evil.example/",
]
ODD = ["evil", "dashboard", "activity-entry", "\0", "", ".", "..", "?", "#", "/domains/\0", "x" * 5000]
PLACES = ("/sign-in/", "/sign-in/again/", "/sign-in/second-factor/", "/admin/login/")


def stays(answer: Any, where: str) -> None:
    """Where it leads to is this panel; a browser takes a backslash for a slash, and drops tabs."""
    assert answer.status_code < 500, (where, answer.status_code)
    for header in ("Location", "HX-Redirect", "HX-Location", "Refresh"):
        target = answer.get(header, "")
        assert not urlsplit(target.replace("\\", "/").replace("\t", "")).netloc, (where, target)
        assert not target.startswith(("//", "/\\", "\\")), (where, target)
        assert urlsplit(target).scheme == "", (where, target)


@pytest.mark.parametrize("target", ELSEWHERE + ODD)
def test_after_signing_in(admin: Any, target: str) -> None:
    client = Client()
    fields = {"username": "admin", "password": "admin-pass", "next": target}
    answer = client.post("/sign-in/", fields)
    stays(answer, target)
    assert answer.status_code == 302
    for place in PLACES:  # for who is in already
        for ask in (client.get, client.post):
            stays(ask(f"{place}?{urlencode({'next': target})}", {"next": target}), f"{place} {target}")
    again = client.post("/sign-in/again/", {"password": "admin-pass", "next": target})
    stays(again, target)
    assert again.status_code == 302


@pytest.mark.parametrize("target", ELSEWHERE)
def test_a_page_asked_for_by_htmx(store: Store, client: Client, target: str) -> None:
    answer = client.get(
        "/sign-in/", HTTP_HX_REQUEST="true", HTTP_HX_CURRENT_URL=target.replace("\r", "").replace("\n", "")
    )
    stays(answer, target)


def test_every_page(store: Store, admin: Any, signed_in: Client) -> None:
    scenery = Scenery(store, admin)
    names = ("next", "back", "url", "to", "return", "redirect", "q", "real", "another")
    for client in (signed_in, Client()):
        for route in ROUTES:
            for target in ELSEWHERE[:3]:
                fields = dict.fromkeys(names, target)
                for ask in (client.get, client.post):
                    answer = ask(route.address(scenery.arguments), fields, HTTP_REFERER=target)
                    stays(answer, f"{route.name} {target}")
            client = signed_in if client is signed_in else Client()
            if route.name == "sign-out" and client is signed_in:
                client.force_login(admin)


@pytest.mark.parametrize(
    "path", ["//evil.example/", "//evil.example", "/\\evil.example", "//evil.example/domains"]
)
def test_a_path_that_looks_like_a_host(store: Store, admin: Any, signed_in: Client, path: str) -> None:
    """Adding the slash at the end must not make an address elsewhere of it."""
    for client in (signed_in, Client()):
        stays(client.get(path), path)

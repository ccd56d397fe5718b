"""Signing in and out: generic answers, nothing typed lost, no way to lead people elsewhere."""

from typing import Any

import pytest
from django.test import Client

from tests.store import Store

pytestmark = pytest.mark.stores("sqlite")
URL = "/sign-in/"


def send(client: Client, username: str = "admin", password: str = "admin-pass", **more: str) -> Any:
    return client.post(URL, {"username": username, "password": password, **more})


def test_the_page_says_which_host_this_is(store: Store, client: Client) -> None:
    import platform

    page = client.get(URL)
    assert page.status_code == 200
    assert platform.node() in page.content.decode()


def test_in_and_out(store: Store, admin: Any, client: Client) -> None:
    assert send(client)["Location"] == "/"
    assert client.get("/").status_code == 200
    assert client.get(URL)["Location"] == "/"  # nothing to do there
    assert client.get("/sign-out/").status_code == 405  # no link or image signs anybody out
    assert client.get("/").status_code == 200
    assert client.post("/sign-out/")["Location"] == URL
    assert client.get("/")["Location"] == "/sign-in/?next=/"


def test_a_new_session_begins_with_signing_in(store: Store, admin: Any, client: Client) -> None:
    client.get(URL)
    session = client.session
    session["before"] = "1"
    session.save()
    before = client.cookies["sessionid"].value
    send(client)
    assert client.cookies["sessionid"].value != before


def test_every_failure_looks_the_same(store: Store, admin: Any, client: Client) -> None:
    """Wrong password, no such person, an inactive one: the same words, the name kept, the password not."""
    from accounts.models import User

    User.objects.create_user("sleeper", password="sleeper-pass", is_active=False)
    texts = set()
    for name, password in (("admin", "wrong"), ("nobody", "wrong"), ("sleeper", "sleeper-pass")):
        page = send(client, name, password)
        text = page.content.decode()
        assert page.status_code == 200
        assert f'value="{name}"' in text
        assert password not in text
        texts.add(str(page.context["form"].non_field_errors()))
    assert len(texts) == 1
    assert "do not fit together" in texts.pop()


@pytest.mark.parametrize(
    "wanted, to",
    [
        ("/domains/", "/domains/"),
        ("/search/?q=a%20b", "/search/?q=a%20b"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example/", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_next_leads_nowhere_else(store: Store, admin: Any, client: Client, wanted: str, to: str) -> None:
    assert send(client, next=wanted)["Location"] == to


def test_a_part_of_a_page_brings_the_whole_browser_to_sign_in(store: Store, client: Client) -> None:
    """htmx follows the redirect to this page; the answer must not land in a corner of the old one."""
    answer = client.get(
        URL, headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/domains/?q=a"}
    )
    assert answer["HX-Redirect"] == "/sign-in/?next=%2Fdomains%2F%3Fq%3Da"
    answer = client.get(URL, headers={"HX-Request": "true", "HX-Current-URL": "https://evil.example/x"})
    assert "evil" not in answer["HX-Redirect"]


@pytest.mark.parametrize("typed", ["", "a\x00b", "x" * 200, "ä", "<script>"])
def test_anything_may_be_typed(store: Store, client: Client, typed: str) -> None:
    page = send(client, typed, typed)
    assert page.status_code == 200
    assert "<script>" not in page.content.decode().split("</head>")[1]

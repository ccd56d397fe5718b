from typing import Any

import pytest
from django.test import Client

from domains import services
from tests.pages import state_of
from tests.store import Store

URL = "/domains/check/"
pytestmark = pytest.mark.stores("sqlite")


def check(client: Client, **fields: str) -> str:
    response = client.get(URL, fields, headers={"HX-Request": "true"})
    assert response.status_code == 200
    return str(response.content.decode())


def test_free(store: Store, signed_in: Client) -> None:
    before = state_of(store)
    page = check(signed_in, domain="Example.com", unknown="bounce")
    assert "is free." in page
    assert f"{store.home}/domains/example.com" in page
    assert "example.com:example.com" in page
    assert "bounce-no-mailbox" in page
    assert state_of(store) == before


def test_what_will_be_made_is_what_is_made(store: Store, signed_in: Client, admin: Any) -> None:
    fields = {
        "domain": "example.com",
        "alias_domains": "example.net",
        "unknown": "address",
        "catch_all": "a@b.example",
    }
    addition = signed_in.get(URL, fields).context["addition"]
    services.add_domain(
        actor=admin,
        domain="example.com",
        password="Correct-Horse-7",
        unknown="a@b.example",
        alias_domains=["example.net"],
    )
    assert (store.directory("example.com") / ".qmail-default").read_text() == f"{addition.default}\n"
    assert addition.directory == str(store.directory("example.com"))
    for file, lines in addition.lines:
        for line in lines:
            assert line in store.control(file.rpartition("/")[2]).splitlines()


def test_directory_of_the_hundredth_domain(store: Store, signed_in: Client, admin: Any) -> None:
    services.add_domain(actor=admin, domain="example.com", password="Correct-Horse-7")
    store.rows("UPDATE dir_control SET cur_users = 99 WHERE domain LIKE 'dom_%%'")
    page = check(signed_in, domain="example.net")
    assert f"{store.home}/domains/0/example.net" in page


def test_taken(example: Store, signed_in: Client) -> None:
    assert "exists already" in check(signed_in, domain="EXAMPLE.com")


@pytest.mark.parametrize("name", ["-a.com", "a..com", "exa mple.com", "a_b.com"])
def test_invalid(store: Store, signed_in: Client, name: str) -> None:
    page = check(signed_in, domain=name)
    assert "check-bad" in page
    assert "is free" not in page


def test_silent_while_nothing_can_be_said(store: Store, signed_in: Client) -> None:
    for name in ("", "exam"):
        page = check(signed_in, domain=name)
        assert "check-bad" not in page
        assert "is free" not in page


def test_not_signed_in_and_without_the_right(store: Store, client: Client, person: Client) -> None:
    assert client.get(URL)["Location"].startswith("/sign-in/")
    assert person.get(URL).status_code == 403

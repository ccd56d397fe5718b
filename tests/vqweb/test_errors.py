"""Error pages say what happened and have a way on."""

from collections.abc import Callable

import pytest
from django.test import Client

from tests.store import Store

pytestmark = pytest.mark.stores("sqlite")


def test_404_says_what_was_looked_for(example: Store, signed_in: Client) -> None:
    page = signed_in.get("/domains/nowhere.org/")
    assert page.status_code == 404
    assert "There is no domain nowhere.org" in page.content.decode()
    assert (
        "There is no account nobody@example.com"
        in signed_in.get("/domains/example.com/accounts/nobody/").content.decode()
    )
    page = signed_in.get("/no/such/<b>page</b>/")
    assert page.status_code == 404
    assert "/no/such/&lt;b&gt;page&lt;/b&gt;/" in page.content.decode()
    assert 'href="/domains/"' in page.content.decode()  # with navigation


def test_404_for_a_stranger_has_no_navigation(store: Store, client: Client) -> None:
    page = client.get("/no/such/page/")
    assert page.status_code == 404
    assert 'href="/domains/"' not in page.content.decode()


def test_403_names_the_right_that_is_missing(example: Store, allow: Callable[..., Client]) -> None:
    page = allow("view_domain").get("/domains/add/")
    assert page.status_code == 403
    text = page.content.decode()
    assert "vpopmail.add_domain" in text
    assert "administrator" in text


def test_a_mistake_of_ours_shows_no_traceback(
    example: Store, signed_in: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise ZeroDivisionError("a secret in a traceback")

    monkeypatch.setattr("vqweb.dashboard.problems", fail)
    signed_in.raise_request_exception = False
    page = signed_in.get("/")
    assert page.status_code == 500
    text = page.content.decode()
    assert "went wrong" in text
    assert "secret" not in text and "Traceback" not in text


def test_an_expired_form_says_so(store: Store) -> None:
    page = Client(enforce_csrf_checks=True).post("/sign-in/", {"username": "admin", "password": "x"})
    assert page.status_code == 403
    text = page.content.decode()
    assert "expired" in text
    assert "style=" not in text  # Django's own page would break the policy


def test_a_request_that_cannot_be_understood(store: Store, client: Client) -> None:
    page = client.get("/sign-in/", headers={"Host": "evil.example"})
    assert page.status_code == 400
    assert "cannot be understood" in page.content.decode()


def test_one_language_on_a_page(store: Store, client: Client) -> None:
    """Django's own texts are translated to many languages, the panel's are not yet."""
    page = client.post("/sign-in/", {}, headers={"Accept-Language": "de"})
    text = page.content.decode()
    assert '<html lang="en">' in text
    assert "This field is required." in text

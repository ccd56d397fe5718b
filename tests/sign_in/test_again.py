"""Signing in again before what is dangerous."""

import time
from typing import Any

import pytest
from django.test import Client

from tests.sign_in.people import ANNA, PASSWORD
from tests.store import Store
from vpopmail.models import find_account

pytestmark = pytest.mark.stores("sqlite")
PAGE = "/domains/example.com/accounts/anna/delete/"


def age(client: Client, minutes: int) -> None:
    session = client.session
    session["vqweb.confirmed"] = int(time.time()) - minutes * 60
    session.save()


def test_soon_after_signing_in_nothing_is_asked(mailboxes: Store, signed_in: Client) -> None:
    assert signed_in.get(PAGE).status_code == 200
    age(signed_in, 9)
    assert signed_in.get(PAGE).status_code == 200


def test_later_the_password_is_asked_for_and_the_page_comes_back(mailboxes: Store, signed_in: Client) -> None:
    age(signed_in, 11)
    answer = signed_in.get(f"{PAGE}?a=b")
    assert answer["Location"].startswith("/sign-in/again/?next=")
    page = signed_in.get(answer["Location"])
    assert page.status_code == 200 and page.context["next"] == f"{PAGE}?a=b"
    sent = {"password": "admin-pass", "next": page.context["next"]}
    assert signed_in.post("/sign-in/again/", sent)["Location"] == f"{PAGE}?a=b"
    assert signed_in.get(PAGE).status_code == 200


def test_what_is_sent_too_late_is_not_done(mailboxes: Store, signed_in: Client) -> None:
    age(signed_in, 11)
    answer = signed_in.post(PAGE, {"confirm": ANNA, "aliases": "keep"})
    assert answer["Location"].startswith("/sign-in/again/")
    assert "Nothing was done yet" in signed_in.get(answer["Location"]).content.decode()
    assert find_account("example.com", "anna") is not None


def test_a_wrong_password_is_said_and_changes_nothing(mailboxes: Store, signed_in: Client) -> None:
    age(signed_in, 11)
    page = signed_in.post("/sign-in/again/", {"password": "wrong", "next": PAGE})
    assert "not your password" in str(page.context["form"].errors)
    assert signed_in.get(PAGE).status_code == 302


def test_a_mailbox_gives_its_mail_password(mailboxes: Store, anna: Client) -> None:
    age(anna, 11)
    assert anna.post("/sign-in/again/", {"password": "wrong"}).status_code == 200
    assert anna.post("/sign-in/again/", {"password": PASSWORD}).status_code == 302
    assert time.time() - anna.session["vqweb.confirmed"] < 60


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil"]
)
def test_it_leads_nowhere_else(signed_in: Client, wanted: str) -> None:
    answer = signed_in.post("/sign-in/again/", {"password": "admin-pass", "next": wanted})
    assert answer["Location"] == "/"


def test_a_mark_of_the_future_is_none(mailboxes: Store, signed_in: Client) -> None:
    age(signed_in, -60)
    assert signed_in.get(PAGE).status_code == 302


def test_a_part_of_a_page_sends_the_whole_browser(mailboxes: Store, signed_in: Client) -> None:
    age(signed_in, 11)
    answer = signed_in.get(PAGE, headers={"HX-Request": "true"})
    assert answer["HX-Redirect"].startswith("/sign-in/again/")


@pytest.mark.parametrize(
    "name",
    ["delete-domain", "delete-account", "delete-alias-domain", "empty-trash", "empty-everything"],
)
def test_dangerous_views_ask(name: str) -> None:
    """The table of what is dangerous; grants and second factors are tested with their pages."""
    from django.urls import get_resolver

    from tests.web.test_permissions import views

    found: Any = next(pattern for pattern in views(get_resolver()) if pattern.name == name)
    assert getattr(found.callback, "needs_confirmation", False)


def test_deleting_a_domain_asks(mailboxes: Store, signed_in: Client) -> None:
    age(signed_in, 11)
    assert signed_in.post("/domains/other.org/delete/", {"confirm": "other.org"}).status_code == 302
    assert "other.org" in {str(domain) for domain in domains_now()}


def domains_now() -> Any:
    from vpopmail.assigned import domains as assigned

    return assigned()


ADMIN_PAGES = {
    "/admin/vpopmail/account/anna_40example.com/delete/": True,
    "/admin/accounts/user/add/": True,
    "/admin/auth/group/add/": True,
    "/admin/vpopmail/account/": False,
    "/admin/vpopmail/account/anna_40example.com/change/": False,
    "/admin/accounts/user/": False,
}


@pytest.mark.parametrize("page", ADMIN_PAGES)
def test_the_django_admin_asks_as_well(mailboxes: Store, signed_in: Client, page: str) -> None:
    assert signed_in.get(page).status_code == 200
    age(signed_in, 11)
    answer = signed_in.get(page)
    assert answer.status_code == (302 if ADMIN_PAGES[page] else 200)
    if ADMIN_PAGES[page]:
        assert answer["Location"].startswith("/sign-in/again/?next=%2Fadmin%2F")
        assert signed_in.post(page, {"post": "yes"})["Location"].startswith("/sign-in/again/")


def test_deleting_from_a_list_of_the_django_admin_asks(mailboxes: Store, signed_in: Client) -> None:
    age(signed_in, 11)
    sent = {"action": "delete_selected", "_selected_action": [ANNA], "post": "yes"}
    answer = signed_in.post("/admin/vpopmail/account/", sent)
    assert answer["Location"].startswith("/sign-in/again/")
    assert find_account("example.com", "anna") is not None

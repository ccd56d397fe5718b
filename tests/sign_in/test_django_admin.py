"""Django's admin has no sign-in and no change of password of its own."""

from typing import Any

import pytest
from django.test import Client

from tests.sign_in.people import is_in
from tests.store import Store

pytestmark = pytest.mark.stores("sqlite")


def test_it_leads_to_the_panels_sign_in_and_back(store: Store, admin: Any, client: Client) -> None:
    answer = client.get("/admin/vpopmail/account/", follow=True)
    assert [url.partition("?")[0] for url, _code in answer.redirect_chain] == ["/sign-in/"]
    assert answer.context["next"] == "/admin/vpopmail/account/"
    sent = {"username": "admin", "password": "admin-pass", "next": "/admin/vpopmail/account/"}
    assert client.post("/sign-in/", sent)["Location"] == "/admin/vpopmail/account/"
    assert client.get("/admin/vpopmail/account/").status_code == 200


def test_its_own_address_takes_no_password(store: Store, admin: Any, client: Client) -> None:
    sent = {"username": "admin", "password": "admin-pass"}
    assert client.post("/admin/login/", sent)["Location"].startswith("/sign-in/")
    assert not is_in(client)


def test_who_is_no_staff_is_refused_and_not_sent_in_circles(mailboxes: Store, anna: Client) -> None:
    answer = anna.get("/admin/", follow=True)
    assert answer.status_code == 403
    assert len(answer.redirect_chain) <= 2


def test_changing_the_password(store: Store, signed_in: Client, admin: Any) -> None:
    other = Client()
    other.force_login(admin)
    page = signed_in.get("/admin/password_change/")
    assert page.status_code == 200 and "old_password" in page.context["form"].fields
    new = {"new_password1": "Copper-Window-77", "new_password2": "Copper-Window-77"}
    wrong = signed_in.post("/admin/password_change/", {"old_password": "x", **new})
    assert "not your password" in str(wrong.context["form"].errors)
    answer = signed_in.post("/me/administrator/password/", {"old_password": "admin-pass", **new})
    assert answer["Location"] == "/me/sessions/"
    assert is_in(signed_in) and not is_in(other)
    assert len(signed_in.get("/me/sessions/").context["sessions"]) == 1
    admin.refresh_from_db()
    assert admin.check_password("Copper-Window-77")


def test_it_is_in_the_journal_without_the_password(store: Store, signed_in: Client) -> None:
    from audit.models import Entry

    new = {"new_password1": "Copper-Window-77", "new_password2": "Copper-Window-77"}
    signed_in.post("/me/administrator/password/", {"old_password": "admin-pass", **new})
    entry = Entry.objects.get()
    assert (entry.action, entry.target, entry.state) == ("change_own_password", "admin", "ok")
    assert "Copper" not in str(entry.changes)
    assert "Own password changed" in signed_in.get("/activity/").content.decode()


def test_a_mailbox_has_no_password_here(mailboxes: Store, anna: Client) -> None:
    assert anna.get("/me/administrator/password/").status_code == 404

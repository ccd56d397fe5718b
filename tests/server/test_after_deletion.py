"""After a deletion: how long somebody may stay signed in, and the way from the journal to the trash."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts import services as accounts
from audit.models import Entry
from domains import services as domains
from server import trash_services
from tests.pages import allow, person  # noqa: F401
from tests.store import Store, forget

PASSWORD = "Correct-Horse-7"
SAID = "Dovecot is not told of it here"


@pytest.fixture
def bob(store: Store, admin: Any) -> None:
    domains.add_domain(actor=admin, domain="example.com", password=PASSWORD)
    accounts.add_account(actor=admin, domain="example.com", name="bob", password=PASSWORD)


@pytest.mark.stores("sqlite")
@pytest.mark.parametrize("doveadm", ["", "/bin/true"])
def test_it_is_said_how_long_a_session_may_last(
    store: Store, bob: None, signed_in: Client, monkeypatch: pytest.MonkeyPatch, doveadm: str
) -> None:
    monkeypatch.setattr(settings, "VPOPMAIL_DOVEADM", doveadm)
    forget()
    page = signed_in.post("/domains/example.com/accounts/bob/delete/", follow=True).content.decode()
    assert "bob@example.com was deleted." in page
    assert (SAID in page) == (not doveadm)
    page = signed_in.post("/domains/example.com/delete/", {"confirm": "example.com"}, follow=True)
    assert (SAID in page.content.decode()) == (not doveadm)


def page_of(client: Client, key: str) -> str:
    answer = client.get(f"/activity/{key}/revert/")
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.stores("sqlite")
def test_the_journal_leads_to_the_trash_while_it_is_there(
    store: Store,
    bob: None,
    signed_in: Client,
    allow: Any,  # noqa: F811
) -> None:
    accounts.delete_account(actor=None, domain="example.com", name="bob")
    key = Entry.objects.get(action="vdeluser").key
    link = f"/server/trash/{key}/"
    assert link in page_of(signed_in, key)
    assert link not in page_of(allow("view_entry"), key)
    trash_services.restore(actor=None, key=key)
    page = page_of(signed_in, key)
    assert "cannot be taken back" in page and link not in page


@pytest.mark.stores("sqlite")
def test_the_same_for_a_domain(store: Store, bob: None, signed_in: Client) -> None:
    domains.delete_domain(actor=None, domain="example.com")
    key = Entry.objects.get(action="vdeldomain").key
    assert f"/server/trash/{key}/" in page_of(signed_in, key)

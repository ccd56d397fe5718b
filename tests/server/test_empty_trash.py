"""Emptying the whole trash on a page: what goes is shown, its number typed; nothing newer goes with it."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts import services as accounts
from audit.models import Entry
from domains import services as domains
from tests.pages import allow, person  # noqa: F401
from tests.store import Store, forget
from vpopmail import trash

PASSWORD = "Correct-Horse-7"
URL = "/server/trash/empty/"


@pytest.fixture
def full(store: Store, admin: Any, monkeypatch: pytest.MonkeyPatch) -> Store:
    """An account and a domain in the trash of a mail host that allows emptying."""
    for domain in ("example.com", "other.example"):
        domains.add_domain(actor=admin, domain=domain, password=PASSWORD)
    for name in ("alice", "bob"):
        accounts.add_account(actor=admin, domain="example.com", name=name, password=PASSWORD)
    (store.directory("example.com") / "bob/Maildir/new/1").write_text("precious")
    accounts.delete_account(actor=admin, domain="example.com", name="bob")
    domains.delete_domain(actor=admin, domain="other.example")
    monkeypatch.setattr(settings, "VPOPMAIL_EMPTY_TRASH", True)
    forget()
    return store


def seen(client: Client) -> dict[str, str]:
    """What the form sends beside what is typed."""
    return {"seen": client.get(URL).context["form"].digest}


@pytest.mark.stores("sqlite", "perdomain")
def test_everything_goes_once_its_number_is_typed(full: Store, signed_in: Client) -> None:
    assert URL in signed_in.get("/server/trash/").content.decode()
    page = signed_in.get(URL)
    assert (page.context["count"], page.context["whole"], page.context["mails"]) == (2, 1, 1)
    text = page.content.decode()
    assert text.index("Keep everything") < text.index("Empty the trash</button>")
    for typed in ("", "1", "all"):
        form = signed_in.post(URL, {**seen(signed_in), "confirm": typed}).context["form"]
        assert form.errors["confirm"]
    assert len(trash.page().rows) == 2
    answer = signed_in.post(URL, {**seen(signed_in), "confirm": "2"}, follow=True).content.decode()
    assert "2 entries were removed for good." in answer and "The trash is empty" in answer
    assert not trash.page().rows
    emptied = Entry.objects.filter(action="empty", state="ok").values_list("target", flat=True)
    assert sorted(emptied) == ["bob@example.com", "other.example"]
    assert "nothing to remove" in signed_in.get(URL).content.decode()


@pytest.mark.stores("sqlite")
def test_what_came_meanwhile_does_not_go(full: Store, signed_in: Client, admin: Any) -> None:
    old = seen(signed_in)
    accounts.delete_account(actor=admin, domain="example.com", name="alice")
    answer = signed_in.post(URL, {**old, "confirm": "3"})
    assert "changed meanwhile" in answer.content.decode()
    assert len(trash.page().rows) == 3
    assert signed_in.post(URL, {**seen(signed_in), "confirm": "3"}).status_code == 302


@pytest.mark.stores("sqlite")
def test_it_needs_its_permission_and_the_hosts_leave(
    full: Store,
    signed_in: Client,
    allow: Any,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = allow("view_trash", "change_trash")
    assert client.get(URL).status_code == 403
    assert client.post(URL, {**seen(signed_in), "confirm": "2"}).status_code == 403
    assert URL not in client.get("/server/trash/").content.decode()
    monkeypatch.setattr(settings, "VPOPMAIL_EMPTY_TRASH", False)
    forget()
    assert URL not in signed_in.get("/server/trash/").content.decode()
    assert "does not allow" in signed_in.get(URL).content.decode()
    assert signed_in.post(URL, {**seen(signed_in), "confirm": "2"}).context["form"].errors
    assert len(trash.page().rows) == 2

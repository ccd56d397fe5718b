"""Looking as the owner of an account: seen, marked, recorded, over in time, and nothing changed."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts import looking
from accounts import services as accounts
from audit.models import Entry
from tests.sign_in.people import ANNA, PASSWORD
from tests.store import Store

LOOK = "/domains/example.com/accounts/{}/look/"
BANNER = "You are looking as"


def look(client: Client, name: str = "postmaster") -> Client:
    assert client.post(LOOK.format(name)).status_code == 302
    return client


@pytest.fixture
def looker(mailboxes: Store, signed_in: Client) -> Client:
    """The superuser, looking as the postmaster of example.com."""
    return look(signed_in)


@pytest.mark.stores("sqlite", "perdomain")
def test_the_pages_are_the_owners(store: Store, looker: Client) -> None:
    answer = looker.get("/domains/example.com/")
    assert answer.status_code == 200
    assert answer.wsgi_request.user.get_username() == "postmaster@example.com"
    first = looker.get("/").content.decode()
    assert BANNER in first and "My domain" in first
    assert looker.get("/domains/other.org/").status_code == 404
    assert looker.get("/domains/add/").status_code == 403
    assert looker.get("/server/").status_code == 403


@pytest.mark.stores("sqlite")
def test_it_is_said_first_what_it_means(mailboxes: Store, signed_in: Client) -> None:
    page = signed_in.get(LOOK.format("anna")).content.decode()
    assert "15 minutes" in page and "your name" in page
    assert LOOK.format("anna") in signed_in.get("/domains/example.com/accounts/anna/").content.decode()
    assert not Entry.objects.filter(action="look-as").exists()
    assert BANNER not in signed_in.get("/domains/example.com/").content.decode()


@pytest.mark.stores("sqlite")
def test_every_page_is_marked(store: Store, looker: Client) -> None:
    for url in ("/domains/example.com/", "/nowhere/", "/domains/add/", "/domains/example.com/accounts/anna/"):
        page = looker.get(url).content.decode()
        assert BANNER in page and "postmaster@example.com" in page, url
        assert 'action="/looking/stop/"' in page, url


@pytest.mark.stores("sqlite", "many", "perdomain")
def test_nothing_is_changed(store: Store, looker: Client) -> None:
    before = store.accounts("example.com"), Entry.objects.count()
    base = "/domains/example.com/"
    changes = {
        "accounts/anna/change/": {"gecos": "Eve", "seen": "anna"},
        "accounts/anna/quota/": {"quota": "1 GB", "seen": "NOQUOTA"},
        "accounts/anna/password/": {"password": "Correct-Horse-8"},
        "accounts/anna/delete/": {"aliases": "keep", "confirm": "anna@example.com"},
        "accounts/add/": {"name": "eve", "password": PASSWORD, "services": ["imap"]},
        "aliases/add/": {"name": "info", "line": ANNA, "kind": "forward", "destination": ANNA},
    }
    for url, data in changes.items():
        answer = looker.post(base + url, data)
        assert answer.status_code == 200, (url, answer.status_code)
    assert (store.accounts("example.com"), Entry.objects.count()) == before
    answer = looker.post(base + "accounts/anna/password/", changes["accounts/anna/password/"])
    assert "looking as somebody else" in answer.content.decode()


@pytest.mark.stores("sqlite")
def test_the_gate_itself_refuses(store: Store, mailboxes: Store) -> None:
    """Whatever a page forgets."""
    from audit import origin
    from vpopmail.engines.base import Refused

    token = origin.current.set(origin.Origin("page", looker="admin"))
    try:
        with pytest.raises(Refused, match="looking as somebody else"):
            accounts.change_quota(actor=None, domain="example.com", name="anna", quota="1 GB")
    finally:
        origin.current.reset(token)
    accounts.change_quota(actor=None, domain="example.com", name="anna", quota="1 GB")


@pytest.mark.stores("sqlite")
def test_the_origin_does_not_stay(store: Store, looker: Client) -> None:
    """The next request of the same thread is somebody else's."""
    from audit import origin

    looker.get("/domains/example.com/")
    assert origin.current.get().looker == ""


@pytest.mark.stores("sqlite", "perdomain")
def test_the_entry_names_both(store: Store, looker: Client) -> None:
    entry = Entry.objects.get(action="look-as")
    assert (entry.actor_name, entry.target, entry.domain, entry.state) == (
        "admin", "postmaster@example.com", "example.com", "ok",
    )  # fmt: skip
    assert set(entry.changes) == {"looked_until"}
    page = looker.get("/domains/example.com/activity/").content.decode()
    assert "Looked at by an administrator" in page and "admin" in page


@pytest.mark.stores("sqlite")
def test_pages_of_signing_in_are_closed(store: Store, looker: Client) -> None:
    for url in (
        "/me/sessions/",
        "/me/second-factor/",
        "/admin/",
        "/sign-in/again/",
        "/sign-in/second-factor/",
    ):
        for ask in (looker.get, looker.post):
            answer = ask(url)
            assert answer.status_code == 403, (url, answer.status_code)
            assert BANNER in answer.content.decode()
    from accounts.models import SignedIn

    assert SignedIn.objects.filter(user__username="admin").exists()


def test_every_page_about_ones_sign_in_is_closed() -> None:
    """Also those that are written later: what counts is the right they declare."""
    from django.urls import URLPattern, get_resolver

    from tests.web.test_permissions import views

    patterns: list[URLPattern] = list(views(get_resolver()))
    own = [
        p for p in patterns if p.name and p.name.startswith(("own-", "second-factor", "add-app", "confirm"))
    ]
    assert len(own) > 3
    for pattern in own:
        needs = getattr(pattern.callback, "needs", ())
        if needs != ("accounts.own_mailbox",):
            assert looking.is_closed(pattern.callback), pattern.name


@pytest.mark.stores("sqlite")
def test_stopping(store: Store, looker: Client) -> None:
    assert looker.get("/looking/stop/").status_code == 405
    answer = looker.post("/looking/stop/")
    assert answer["Location"] == "/domains/example.com/accounts/postmaster/"
    page = looker.get("/domains/other.org/")
    assert page.status_code == 200 and BANNER not in page.content.decode()
    assert looker.post("/looking/stop/")["Location"] == "/"


@pytest.mark.stores("sqlite")
def test_it_ends_after_a_quarter_of_an_hour(
    store: Store, looker: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    now = time.time()
    monkeypatch.setattr(looking.time, "time", lambda: now + 14 * 60)
    assert looker.get("/domains/other.org/").status_code == 404
    monkeypatch.setattr(looking.time, "time", lambda: now + 15 * 60 + 1)
    page = looker.get("/domains/other.org/")
    assert page.status_code == 200 and BANNER not in page.content.decode()
    assert "You are yourself again" in page.content.decode()


@pytest.mark.stores("sqlite")
def test_it_ends_with_the_account(store: Store, looker: Client, admin: Any) -> None:
    look_at_anna = Client()
    look_at_anna.force_login(admin)
    look(look_at_anna, "anna")
    accounts.delete_account(actor=None, domain="example.com", name="anna")
    assert look_at_anna.get("/").status_code == 302
    assert BANNER not in look_at_anna.get("/domains/other.org/").content.decode()


@pytest.mark.stores("sqlite")
def test_it_ends_with_the_right(store: Store, looker: Client, admin: Any) -> None:
    admin.is_superuser = False
    admin.save()
    answer = looker.get("/domains/example.com/")
    assert answer.status_code == 404 and BANNER not in answer.content.decode()


@pytest.mark.stores("sqlite")
def test_others_may_not(store: Store, owner_of: Callable[[str], Client], allow: Any) -> None:
    everything_but = allow("view_domain", "view_account", "look_as", "change_user")
    for client in (everything_but, owner_of("postmaster@example.com")):
        assert client.get(LOOK.format("anna")).status_code == 403
        assert client.post(LOOK.format("anna")).status_code == 403
    assert owner_of(ANNA).post(LOOK.format("carol")).status_code == 404
    assert not Entry.objects.filter(action="look-as").exists()


@pytest.mark.stores("sqlite")
def test_a_session_that_says_so_of_itself(store: Store, owner_of: Callable[[str], Client]) -> None:
    """The keys mean nothing in the session of somebody who may not look."""
    client = owner_of(ANNA)
    session = client.session
    session[looking.AS], session[looking.UNTIL] = "postmaster@example.com", 2**40
    session.save()
    assert client.get("/domains/example.com/").status_code == 404
    assert looking.AS not in client.session


@pytest.mark.stores("sqlite")
def test_it_asks_who_is_there_first(store: Store, mailboxes: Store, signed_in: Client) -> None:
    from accounts import sessions

    session = signed_in.session
    session[sessions.CONFIRMED] -= 3600
    session.save()
    assert signed_in.post(LOOK.format("anna"))["Location"].startswith("/sign-in/again/")


@pytest.mark.stores("sqlite")
def test_signing_out_while_looking(store: Store, looker: Client) -> None:
    looker.post("/sign-out/")
    assert looker.get("/domains/example.com/")["Location"].startswith("/sign-in/")

"""A session ends with the next request after its account, its password, its domain or its right is gone."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import services as accounts
from accounts.models import SignedIn, User
from domains import services as domains
from tests.sign_in.people import ANNA, CAROL, PASSWORD, is_in, user_of
from tests.store import Store
from vpopmail import flags

EVENTS: dict[str, Callable[[], Any]] = {
    "the account is deleted": lambda: accounts.delete_account(actor=None, domain="example.com", name="anna"),
    "its password is changed": lambda: accounts.change_password(
        actor=None, domain="example.com", name="anna", password="Copper-Window-77"
    ),
    "its domain is deleted": lambda: domains.delete_domain(
        actor=None, domain="example.com", with_alias_domains=True
    ),
    "its services are taken": lambda: accounts.change_account(
        actor=None, domain="example.com", name="anna", set_flags=flags.SERVICES
    ),
    "the domain's services are taken": lambda: domains.change_limits(
        actor=None,
        domain="example.com",
        changes={"disable_pop": 1, "disable_imap": 1, "disable_webmail": 1, "disable_smtp": 1},
    ),
    "the panel's user is inactive": lambda: User.objects.filter(username=ANNA).update(is_active=False),
}


@pytest.mark.parametrize("event", EVENTS)
def test_at_once(mailboxes: Store, anna: Client, event: str) -> None:
    assert is_in(anna)
    EVENTS[event]()
    assert not is_in(anna)
    assert not Session.objects.exists() or event == "the panel's user is inactive"
    assert not User.objects.filter(username=ANNA, is_active=True, sessions__isnull=False).exists()


def test_an_account_made_anew_with_the_same_password_is_another(mailboxes: Store, anna: Client) -> None:
    accounts.delete_account(actor=None, domain="example.com", name="anna")
    accounts.add_account(actor=None, domain="example.com", name="anna", password=PASSWORD)
    assert not is_in(anna)


@pytest.mark.stores("sqlite")
def test_others_stay(mailboxes: Store, anna: Client, owner_of: Callable[[str], Client]) -> None:
    carol = owner_of(CAROL)
    accounts.change_password(actor=None, domain="example.com", name="anna", password="Copper-Window-77")
    assert not is_in(anna)
    assert is_in(carol)


@pytest.mark.stores("sqlite")
def test_who_no_longer_administers_the_domain_stays_as_owner(
    mailboxes: Store, owner_of: Callable[[str], Client]
) -> None:
    carol = owner_of(CAROL)
    assert carol.get("/domains/example.com/accounts/add/").status_code == 200
    accounts.change_account(actor=None, domain="example.com", name="carol", clear_flags=flags.DOMAIN_ADMIN)
    assert carol.get("/domains/example.com/accounts/add/").status_code == 404
    assert is_in(carol)


def test_one_query_asks(mailboxes: Store, anna: Client) -> None:
    assert is_in(anna)
    with CaptureQueriesContext(connections["vpopmail"]) as captured:
        assert is_in(anna)
    assert len(captured) == 1, captured.captured_queries


@pytest.mark.stores("sqlite")
def test_administrators_ask_vpopmail_nothing(mailboxes: Store, signed_in: Client) -> None:
    assert is_in(signed_in)
    with CaptureQueriesContext(connections["vpopmail"]) as captured:
        assert is_in(signed_in)
    assert len(captured) == 0


@pytest.mark.stores("sqlite")
@pytest.mark.parametrize("key, seconds", [("vqweb.seen", 61 * 60), ("vqweb.started", 12 * 3600 + 60)])
def test_idle_and_old_sessions(signed_in: Client, key: str, seconds: int) -> None:
    assert is_in(signed_in)
    session = signed_in.session
    session[key] = int(time.time()) - seconds
    session.save()
    assert not is_in(signed_in)
    assert not SignedIn.objects.exists() and not Session.objects.exists()


@pytest.mark.stores("sqlite")
def test_using_it_keeps_it(signed_in: Client) -> None:
    session = signed_in.session
    session["vqweb.seen"] = int(time.time()) - 50 * 60
    session.save()
    SignedIn.objects.update(seen_at=timezone.now() - timedelta(minutes=50))
    assert is_in(signed_in)
    assert time.time() - signed_in.session["vqweb.seen"] < 60
    assert timezone.now() - SignedIn.objects.get().seen_at < timedelta(minutes=1)


@pytest.mark.stores("sqlite")
def test_the_session_knows_no_hash(mailboxes: Store, anna: Client) -> None:
    row = next(row for row in mailboxes.accounts("example.com") if row["pw_name"] == "anna")
    kept = dict(anna.session.items())
    assert row["pw_passwd"] not in str(kept)
    assert len(kept["vqweb.mark"]) == 64


@pytest.mark.stores("sqlite")
def test_the_mark_of_one_account_is_not_that_of_another(mailboxes: Store) -> None:
    """The same hash on two accounts: the session of one does not become the other's."""
    from accounts import standing

    stored = standing.row("example.com", "anna")
    assert stored is not None
    accounts.change_password(actor=None, domain="example.com", name="carol", password_hash=stored.passwd)
    other = user_of(CAROL).account
    assert other.passwd == stored.passwd and standing.mark_of(other) != standing.mark_of(stored)

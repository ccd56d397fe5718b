"""`manage.py unblock`: who waits because of too many wrong passwords may try again at once."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import Guess
from accounts.second_factor.models import AuthenticatorApp
from audit.models import Entry
from tests.commands.base import done, run
from tests.sign_in.people import ANNA, CAROL, PASSWORD, POSTMASTER, user_of
from tests.sign_in.test_throttle import ATTACKER, ELSEWHERE, HOME, IN, WAIT, WRONG, attempt
from tests.store import Store

pytestmark = pytest.mark.stores("sqlite")


@pytest.fixture(autouse=True)
def limits(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "SIGN_IN_TRIES", 3)
    monkeypatch.setattr(settings, "SIGN_IN_NETWORK_TRIES", 8)


def fail(name: str, times: int = 4, **where: Any) -> None:
    for _ in range(times):
        attempt(name, **where)


@pytest.mark.parametrize("spelled", [ANNA, "ANNA@example.com", "anna@example.net"])
def test_a_person_is_let_in_again(mailboxes: Store, spelled: str) -> None:
    fail(ANNA)
    fail(CAROL)
    assert attempt(ANNA, PASSWORD) == WAIT
    said = done("unblock", spelled)
    assert "anna@example.com: what was counted is forgotten" in said.out
    assert attempt(ANNA, PASSWORD) == IN
    assert attempt(CAROL, PASSWORD) == WAIT  # nobody else
    entry = Entry.objects.latest("id")
    assert (entry.action, entry.target, entry.domain) == ("unblock", ANNA, "example.com")
    assert (entry.changes, entry.via) == ({"blocked": [True, False]}, "command")


def test_on_all_lanes_of_the_person(mailboxes: Store) -> None:
    """From elsewhere, from its own network, and with its own browser."""
    browser = Client()
    assert attempt(POSTMASTER, PASSWORD, HOME, browser) == IN
    browser.post("/sign-out/")
    for where in ({"client": browser}, {"address": HOME}, {"address": ATTACKER}):
        fail(POSTMASTER, **where)
    ways = [(HOME, browser), (HOME, None), (ATTACKER, None)]
    assert [attempt(POSTMASTER, PASSWORD, *way) for way in ways] == [WAIT] * 3
    done("unblock", POSTMASTER)
    known = Guess.objects.filter(known_until__isnull=False).count()
    assert [attempt(POSTMASTER, PASSWORD, *way) for way in ways] == [IN] * 3
    assert known == 1, "the network it is known by stays known"


@pytest.mark.parametrize("spelled", ["203.0.113.0/24", "203.0.113.77", "203.0.113.0/26"])
def test_a_network(mailboxes: Store, spelled: str) -> None:
    for number in range(9):
        attempt(f"user{number}@example.com")
    assert attempt(ANNA, PASSWORD) == WAIT
    assert done("unblock", "--json", spelled).json["target"] == "203.0.113.0/24"
    assert attempt(ANNA, PASSWORD) == IN
    assert Entry.objects.filter(action="unblock", target="203.0.113.0/24").exists()


def test_an_administrator_and_a_name_that_nobody_has(mailboxes: Store, admin: Any) -> None:
    for name, unblocked in (("admin", "Admin"), ("nobody@example.com", "nobody@example.com")):
        fail(name)
        assert attempt(name, "wrong") == WAIT
        done("unblock", unblocked)
        assert attempt(name, "wrong", ELSEWHERE) == WRONG


def test_an_authenticator_app_that_waits(mailboxes: Store) -> None:
    from django.utils import timezone

    app = AuthenticatorApp.objects.create(
        user=user_of(ANNA),
        name="app",
        throttling_failure_count=9,
        throttling_failure_timestamp=timezone.now(),
    )
    assert app.seconds_to_wait > 200
    done("unblock", ANNA)
    app.refresh_from_db()
    assert app.seconds_to_wait == 0


def test_where_nobody_waits_nothing_is_done(mailboxes: Store) -> None:
    for target in (ANNA, "198.51.100.7", "2001:db8::1", "admin"):
        entries = Entry.objects.count()
        said = done("unblock", "--json", target)
        assert said.json["unblocked"] is False
        assert Entry.objects.count() == entries


@pytest.mark.parametrize("target", ["10.0.0.0/8", "0.0.0.0/0", "2001:db8::/32", "", "  "])
def test_what_is_refused(mailboxes: Store, target: str) -> None:
    assert run("unblock", "--", target).status == 1

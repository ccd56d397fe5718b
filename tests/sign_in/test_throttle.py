"""Guessing is slowed down: per person, per network, before anything is looked at, in all workers."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django.db.models import F
from django.test import Client

from accounts import throttle
from accounts.models import Guess
from tests.sign_in.people import ANNA, CAROL, PASSWORD, POSTMASTER
from tests.store import Store

pytestmark = pytest.mark.stores("sqlite")
HOME, ATTACKER, ELSEWHERE = "198.51.100.7", "203.0.113.9", "192.0.2.1"
IN, WRONG, WAIT = 302, 200, 429


@pytest.fixture(autouse=True)
def limits(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "SIGN_IN_TRIES", 3)
    monkeypatch.setattr(settings, "SIGN_IN_NETWORK_TRIES", 8)


def attempt(name: str, password: str = "wrong", address: str = ATTACKER, client: Any = None) -> int:
    client = client or Client()
    sent = {"username": name, "password": password}
    return int(client.post("/sign-in/", sent, REMOTE_ADDR=address).status_code)


def minutes_pass(minutes: int) -> None:
    past = timedelta(minutes=minutes)
    for column in ("since", "blocked_until", "known_until"):
        Guess.objects.filter(**{f"{column}__isnull": False}).update(**{column: F(column) - past})


def test_after_too_many_even_the_right_password_waits(mailboxes: Store) -> None:
    assert [attempt(ANNA) for _ in range(5)] == [WRONG, WRONG, WRONG, WAIT, WAIT]
    client = Client()
    answer = client.post("/sign-in/", {"username": ANNA, "password": PASSWORD})
    assert answer.status_code == WAIT
    assert "Try again in 15 minutes" in answer.content.decode()
    assert 14 * 60 < int(answer["Retry-After"]) <= 15 * 60 + 1
    assert attempt(CAROL, PASSWORD) == IN  # others are not concerned
    minutes_pass(16)
    assert attempt(ANNA, PASSWORD) == IN


def test_trying_on_does_not_make_it_longer(mailboxes: Store) -> None:
    for _ in range(4):
        attempt(ANNA)
    before = set(Guess.objects.values_list("key", "blocked_until", "failures"))
    for _ in range(5):
        assert attempt(ANNA) == WAIT
    assert set(Guess.objects.values_list("key", "blocked_until", "failures")) == before


@pytest.mark.parametrize("unknown", ["nobody@example.com", "x@nowhere.example", "nobody"])
def test_who_does_not_exist_waits_alike(mailboxes: Store, unknown: str) -> None:
    assert [attempt(unknown) for _ in range(4)] == [WRONG, WRONG, WRONG, WAIT]


def test_all_spellings_of_an_address_are_one(mailboxes: Store) -> None:
    names = ("anna@example.com", "ANNA@example.com", "anna@example.net", " anna@EXAMPLE.net")
    assert [attempt(name) for name in names] == [WRONG, WRONG, WRONG, WAIT]


def test_an_administrator_waits_too(mailboxes: Store, admin: Any) -> None:
    assert [attempt("admin") for _ in range(4)] == [WRONG, WRONG, WRONG, WAIT]


def test_many_names_from_one_network(mailboxes: Store) -> None:
    """Each address of the /24 counts for the network; the next network is another."""
    codes = [attempt(f"user{n}@example.com", address=f"203.0.113.{n}") for n in range(9)]
    assert codes == [WRONG] * 8 + [WAIT]
    assert attempt(ANNA, PASSWORD, address="203.0.113.200") == WAIT
    assert attempt(ANNA, PASSWORD, address="203.0.114.1") == IN


@pytest.mark.parametrize(
    "address, network",
    [
        ("203.0.113.9", "203.0.113.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.0/24"),
        ("", ""),
        ("rubbish", "rubbish"),
    ],
)
def test_networks(address: str, network: str) -> None:
    assert throttle.network_of(address) == network


def test_success_clears_ones_own_failures(mailboxes: Store) -> None:
    for _ in range(5):
        assert attempt(ANNA, address=HOME) == WRONG
        assert attempt(ANNA, address=HOME) == WRONG
        assert attempt(ANNA, PASSWORD, address=HOME) == IN
    assert not Guess.objects.filter(failures__gt=0).exists()


def test_an_own_mailbox_does_not_clear_what_was_tried_on_others(mailboxes: Store) -> None:
    for number in range(7):
        assert attempt(f"user{number}@example.com") == WRONG
        if number % 2:
            assert attempt(CAROL, PASSWORD) == IN
    assert attempt("user8@example.com") == WRONG
    assert attempt("user9@example.com") == WAIT


def test_nobody_elsewhere_locks_a_postmaster_out(mailboxes: Store) -> None:
    """From the network it signed in from before, and with its own browser from anywhere, it gets in."""
    browser = Client()
    assert attempt(POSTMASTER, PASSWORD, HOME, browser) == IN
    browser.post("/sign-out/")
    for number in range(6):
        attempt(POSTMASTER, address=f"203.0.{number}.1")
    assert attempt(POSTMASTER, PASSWORD, ATTACKER) == WAIT
    assert attempt(POSTMASTER, PASSWORD, ELSEWHERE) == WAIT
    assert attempt(POSTMASTER, PASSWORD, "198.51.100.99") == IN
    assert attempt(POSTMASTER, PASSWORD, ELSEWHERE, browser) == IN


def test_its_own_browser_gets_in_beside_an_attacker_in_the_same_network(mailboxes: Store) -> None:
    browser = Client()
    assert attempt(POSTMASTER, PASSWORD, HOME, browser) == IN
    browser.post("/sign-out/")
    for number in range(9):
        attempt(f"user{number}@example.com", address=HOME)
    assert attempt(POSTMASTER, PASSWORD, HOME) == WAIT
    assert attempt(POSTMASTER, PASSWORD, HOME, browser) == IN


def test_the_browser_of_one_opens_no_lane_for_another(mailboxes: Store) -> None:
    browser = Client()
    assert attempt(CAROL, PASSWORD, ATTACKER, browser) == IN
    browser.post("/sign-out/")
    assert [attempt(ANNA, address=ATTACKER, client=browser) for _ in range(4)][-1] == WAIT


def test_a_browser_that_is_known_may_not_guess_on(mailboxes: Store) -> None:
    browser = Client()
    assert attempt(ANNA, PASSWORD, HOME, browser) == IN
    browser.post("/sign-out/")
    assert [attempt(ANNA, address=HOME, client=browser) for _ in range(4)] == [WRONG, WRONG, WRONG, WAIT]


def test_a_network_is_not_known_for_ever(mailboxes: Store) -> None:
    assert attempt(ANNA, PASSWORD, HOME) == IN
    minutes_pass(91 * 24 * 60)
    for _ in range(4):
        attempt(ANNA, address=ATTACKER)
    assert attempt(ANNA, PASSWORD, HOME) == WAIT


def test_the_own_password_asked_again_is_counted(mailboxes: Store, signed_in: Client) -> None:
    url = "/me/administrator/password/"
    new = {"new_password1": "Copper-Window-77", "new_password2": "Copper-Window-77"}
    codes = [signed_in.post("/sign-in/again/", {"password": "wrong"}).status_code for _ in range(2)]
    codes += [signed_in.post(url, {"old_password": "wrong", **new}).status_code for _ in range(2)]
    assert codes == [WRONG, WRONG, WRONG, WAIT]
    assert signed_in.post(url, {"old_password": "admin-pass", **new}).status_code == WAIT
    assert signed_in.post("/sign-in/again/", {"password": "admin-pass"}).status_code == WAIT


def test_what_was_typed_is_not_stored(mailboxes: Store) -> None:
    attempt("My-Secret-Password")
    assert all(len(key) == 64 and int(key, 16) >= 0 for key in Guess.objects.values_list("key", flat=True))


def test_old_counts_are_removed(mailboxes: Store) -> None:
    for number in range(3):
        attempt(f"user{number}@example.com", address=f"203.0.{number}.1")
    minutes_pass(25 * 60)
    assert attempt(ANNA, PASSWORD, HOME) == IN
    assert Guess.objects.count() == 3  # anna's own


def test_callers_at_once_get_no_more_than_one_after_another(
    mailboxes: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vpopmail import passwords

    looked: list[str] = []
    verify = passwords.verify
    monkeypatch.setattr(passwords, "verify", lambda *args: looked.append("x") or verify(*args))
    barrier, codes = threading.Barrier(12), []

    def guess() -> None:
        barrier.wait()
        codes.append(attempt(ANNA))
        connections.close_all()

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(looked) == 3
    assert sorted(codes) == [WRONG] * 3 + [WAIT] * 9


def test_what_is_down_is_not_counted(mailboxes: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from accounts import standing
    from vpopmail.engines.base import Unavailable

    def down(*args: object) -> None:
        raise Unavailable("down")

    with monkeypatch.context() as patch:
        patch.setattr(standing, "find", down)
        assert [attempt(ANNA, PASSWORD) for _ in range(5)] == [503] * 5
    assert attempt(ANNA, PASSWORD) == IN


@pytest.fixture
def served(mailboxes: Store, admin: Any, static_files: Any) -> Iterator[Callable[[], Any]]:
    """Visitors of a panel with several workers."""
    from tests.panel import Panel

    (mailboxes.state / "static").symlink_to(static_files)
    environ = {**mailboxes.environ, "SIGN_IN_TRIES": "3"}
    panel = Panel(environ, mailboxes.root / "gunicorn.log").start()
    yield panel.visitor
    panel.stop()


def test_all_workers_count_together(served: Callable[[], Any]) -> None:
    codes = [served().sign_in(ANNA, "wrong").status for _ in range(8)]
    assert codes == [WRONG] * 3 + [WAIT] * 5

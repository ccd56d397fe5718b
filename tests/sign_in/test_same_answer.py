"""Whatever is wrong, the answer is one and the same, and takes as long."""

import re
import time
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client

from tests.sign_in.people import ANNA, PASSWORD
from tests.store import Store

pytestmark = pytest.mark.stores("sqlite", "many")

WRONG = {
    "wrong password": (ANNA, "wrong"),
    "unknown account": ("nobody@example.com", PASSWORD),
    "unknown domain": ("anna@nowhere.example", PASSWORD),
    "unknown user name": ("nobody", PASSWORD),
    "spaces inside": ("an na@exam ple.com", PASSWORD),
    "upper case": ("ANNA@EXAMPLE.COM", "wrong"),
    "a megabyte of password": (ANNA, "x" * 1024 * 1024),
    "a megabyte for an administrator": ("admin", "x" * 1024 * 1024),
    "a long name": ("x" * 5000, PASSWORD),
    "a long address": ("x" * 5000 + "@example.com", PASSWORD),
    "NUL in the password": (ANNA, f"{PASSWORD}\0"),
    "NUL in the name": ("anna\0@example.com", PASSWORD),
    "no name before the @": ("@example.com", PASSWORD),
    "nothing but @": ("@", PASSWORD),
    "wildcards": ("%@example.com", PASSWORD),
    "quotes": ("anna'--@example.com", PASSWORD),
    "letters of elsewhere": ("ännä@exämple.com", PASSWORD),
    "half a surrogate": (ANNA, "\udc80"),
}


def send(client: Client, username: str, password: str) -> Any:
    body = f"username={quoted(username)}&password={quoted(password)}"
    return client.post("/sign-in/", body, content_type="application/x-www-form-urlencoded")


def quoted(text: str) -> str:
    from urllib.parse import quote

    return quote(text, safe="", errors="surrogatepass")


def words(page: Any, username: str) -> str:
    """The page without what was typed for a name, and without its token."""
    from django.utils.html import escape

    text = page.content.decode().replace(f'value="{escape(username.strip())}"', "")
    return re.sub(r'value="\w{64}"', "", text)


@pytest.mark.parametrize("case", WRONG)
def test_the_answer(mailboxes: Store, admin: Any, client: Client, case: str) -> None:
    expected = words(send(client, "anna@example.com", "never"), "anna@example.com")
    username, password = WRONG[case]
    page = send(client, username, password)
    assert page.status_code == 200
    assert words(page, username) == expected
    assert password not in page.content.decode() or len(password) < 6
    assert not Session.objects.exists()


@pytest.mark.parametrize("typed", ["anna@example.com", "nobody@example.com", "nobody", "x@nowhere.example"])
def test_it_takes_its_time(mailboxes: Store, monkeypatch: pytest.MonkeyPatch, typed: str) -> None:
    """Never less than the floor; what is above it is a matter of `make bench`."""
    monkeypatch.setattr(settings, "SIGN_IN_FLOOR_MS", 900)
    began = time.monotonic()
    send(Client(), typed, "wrong")
    assert time.monotonic() - began >= 0.9


def test_slower_hashes_end_at_the_next_step(monkeypatch: pytest.MonkeyPatch) -> None:
    from accounts import proof

    slept: list[float] = []
    clock = iter([100.0, 100.75])
    monkeypatch.setattr(settings, "SIGN_IN_FLOOR_MS", 500)
    monkeypatch.setattr(proof.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(proof.time, "sleep", slept.append)
    with proof.floor():
        pass
    assert slept == [0.25]


def test_the_cookie_of_another(mailboxes: Store, client: Client) -> None:
    """A session that was made for somebody else, or by nobody, opens nothing."""
    client.cookies["sessionid"] = "x" * 32
    answer = client.get("/me/sessions/")
    assert answer.status_code == 302 and answer["Location"].startswith("/sign-in/")

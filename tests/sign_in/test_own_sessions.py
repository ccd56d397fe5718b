"""The list of one's own sessions, and ending them."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import SignedIn
from tests.sign_in.people import ANNA, CAROL, is_in, user_of

pytestmark = pytest.mark.stores("sqlite")
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
URL, END = "/me/sessions/", "/me/sessions/end/"


@pytest.fixture
def three(owner_of: Callable[[str], Client]) -> list[Client]:
    clients = [owner_of(ANNA) for _ in range(3)]
    SignedIn.objects.filter(session_key=clients[1].session.session_key).update(
        agent=FIREFOX, address="203.0.113.7"
    )
    return clients


def test_the_list(three: list[Client], owner_of: Callable[[str], Client]) -> None:
    owner_of(CAROL)
    page = three[0].get(URL)
    text = page.content.decode()
    assert len(page.context["sessions"]) == 3
    assert "Firefox on Linux" in text and "203.0.113.7" in text
    assert text.count("This one") == 1


def test_ending_one(three: list[Client]) -> None:
    other = SignedIn.objects.get(session_key=three[1].session.session_key)
    assert three[0].post(END, {"session": other.pk})["Location"] == URL
    assert [is_in(client) for client in three] == [True, False, True]


def test_ending_all_others(three: list[Client]) -> None:
    three[0].post(END, {"session": "others"})
    assert [is_in(client) for client in three] == [True, False, False]
    assert SignedIn.objects.count() == 1


def test_nobody_ends_anothers(three: list[Client], owner_of: Callable[[str], Client]) -> None:
    carol = owner_of(CAROL)
    theirs = SignedIn.objects.filter(user=user_of(ANNA)).first()
    assert theirs is not None
    carol.post(END, {"session": theirs.pk})
    carol.post(END, {"session": "others"})
    assert all(is_in(client) for client in [*three, carol])


@pytest.mark.parametrize("number", ["", "0", "-1", "99999999999999999999", "x", "²"])
def test_rubbish_ends_no_session_by_number(three: list[Client], number: str) -> None:
    assert three[0].post(END, {"session": number}).status_code == 302
    assert is_in(three[0])


def test_signing_out_takes_the_line_away(three: list[Client]) -> None:
    three[2].post("/sign-out/")
    assert SignedIn.objects.count() == 2
    assert len(three[0].get(URL).context["sessions"]) == 2


def test_a_session_that_django_has_dropped_is_not_shown(three: list[Client]) -> None:
    from django.contrib.sessions.models import Session

    Session.objects.filter(session_key=three[1].session.session_key).delete()
    assert len(three[0].get(URL).context["sessions"]) == 2


def test_no_get_ends_anything(three: list[Client]) -> None:
    assert three[0].get(END).status_code == 405

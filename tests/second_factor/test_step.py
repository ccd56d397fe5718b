"""Between the password and the panel: codes work once, guessing is slow, and there is no way around."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connections
from django.test import Client
from django.urls import reverse

from accounts.second_factor import factors
from accounts.second_factor.models import AuthenticatorApp
from tests.second_factor.base import STEP, code_of, enrol_app, half_in, may_try_again
from tests.store import Store
from tests.web.test_permissions import PATTERNS, address_of

pytestmark = pytest.mark.stores("sqlite")


@pytest.fixture
def enrolled(browser: Client) -> tuple[bytes, list[str]]:
    return enrol_app(browser)


def test_every_page_leads_to_the_step(person: Any, enrolled: Any) -> None:
    client = half_in(person)
    open_to_all = {"sign-in", "sign-out", "health", "second-factor-step"}
    for pattern in PATTERNS:
        if pattern.name in open_to_all or not getattr(pattern.callback, "login_required", True):
            continue
        for ask in (client.get, client.post):
            answer = ask(address_of(pattern))
            assert answer.status_code == 302, pattern.name
            assert answer["Location"].startswith(f"{STEP}?next="), pattern.name


@pytest.mark.parametrize("path", ["/admin/", "/admin/accounts/user/"])
def test_the_django_admin_too(person: Any, enrolled: Any, path: str) -> None:
    assert half_in(person).get(path)["Location"].startswith(STEP)


def test_htmx_brings_the_whole_browser_there(person: Any, enrolled: Any) -> None:
    answer = half_in(person).get("/search/?q=a&part=1", headers={"HX-Request": "true"})
    assert answer["HX-Redirect"].startswith(STEP)


def test_to_open_pages_the_half_signed_in_are_nobody(person: Any, enrolled: Any) -> None:
    client = half_in(person)
    assert client.get("/sign-in/").status_code == 200
    assert client.get("/health/").content == Client().get("/health/").content


def test_a_code_lets_in_and_leads_back(person: Any, enrolled: Any) -> None:
    client = half_in(person)
    page = client.get("/search/?q=a%20b", follow=True)
    answer = client.post(STEP, {"code": code_of(enrolled[0], 1), "next": page.context["next"]})
    assert answer["Location"] == "/search/?q=a%20b"
    assert client.get("/").status_code == 200
    assert client.get(STEP)["Location"] == "/"


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil"]
)
def test_next_leads_nowhere_else(person: Any, enrolled: Any, wanted: str) -> None:
    answer = half_in(person).post(STEP, {"code": code_of(enrolled[0], 1), "next": wanted})
    assert answer["Location"] == "/"


def test_the_session_gets_a_new_key(person: Any, enrolled: Any) -> None:
    client = half_in(person)
    before = client.session.session_key
    client.post(STEP, {"code": code_of(enrolled[0], 1)})
    assert client.session.session_key != before
    assert client.session.session_key in person.sessions.values_list("session_key", flat=True)
    assert before not in person.sessions.values_list("session_key", flat=True)


def test_the_code_of_enrolling_is_spent(person: Any, enrolled: Any) -> None:
    client = half_in(person)
    assert client.post(STEP, {"code": code_of(enrolled[0])}).status_code == 200
    assert client.get("/").status_code == 302


def test_a_code_is_not_taken_twice(person: Any, enrolled: Any) -> None:
    code = code_of(enrolled[0], 1)
    assert half_in(person).post(STEP, {"code": code}).status_code == 302
    again = half_in(person)
    assert again.post(STEP, {"code": code}).status_code == 200
    assert again.get("/").status_code == 302


def test_a_recovery_code_works_once_in_any_spelling(person: Any, enrolled: Any) -> None:
    code = enrolled[1][3]
    client = half_in(person)
    typed = f"  {code.upper().replace('-', ' ')} "
    assert client.post(STEP, {"recovery": typed}).status_code == 302
    assert client.get("/").status_code == 200
    assert factors.codes_left(person) == factors.CODES - 1
    assert "9 recovery codes are left" in mail.outbox[0].body
    again = half_in(person)
    assert again.post(STEP, {"recovery": code}).status_code == 200
    assert again.get("/").status_code == 302


@pytest.mark.stores("sqlite", "many")
def test_of_two_at_once_one_gets_in(store: Store, person: Any, enrolled: Any) -> None:
    """The same app code and the same recovery code, from several threads at the same moment."""
    found: list[bool] = []
    at_once = threading.Barrier(4)

    def attempt(use: Any, code: str) -> None:
        at_once.wait(30)
        try:
            found.append(bool(use(person, code)))
        finally:
            connections.close_all()

    for use, code in (
        (factors.use_app_code, code_of(enrolled[0], 1)),
        (factors.use_recovery_code, enrolled[1][0]),
    ):
        found.clear()
        threads = [threading.Thread(target=attempt, args=(use, code)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert sorted(found) == [False, False, False, True], use


def test_after_a_wrong_code_the_next_has_to_wait(person: Any, enrolled: Any) -> None:
    client = half_in(person)
    client.post(STEP, {"code": code_of(enrolled[0], 7)})
    page = client.post(STEP, {"code": code_of(enrolled[0], 1)})
    assert page.status_code == 200
    may_try_again(person)
    assert client.post(STEP, {"code": code_of(enrolled[0], 1)}).status_code == 302


def test_the_wait_grows_to_an_hour_and_no_further(person: Any, enrolled: Any) -> None:
    from django.utils import timezone

    app = factors.app_of(person)
    waits = []
    for failures in (1, 2, 3, 10, 12, 13, 60):
        app.throttling_failure_count, app.throttling_failure_timestamp = failures, timezone.now()
        waits.append(app.seconds_to_wait)
    assert waits == [1, 2, 4, 512, 2048, 3600, 3600]
    app.throttling_failure_timestamp = timezone.now() - timedelta(seconds=3601)
    assert app.seconds_to_wait == 0
    app.save()
    assert factors.use_app_code(person, code_of(enrolled[0], 1))


def test_nobody_locks_the_owner_out_for_good(person: Any, enrolled: Any) -> None:
    """Whoever knows the password may fail as often as they like: a recovery code works at once."""
    from django.utils import timezone

    AuthenticatorApp.objects.update(throttling_failure_count=500, throttling_failure_timestamp=timezone.now())
    client = half_in(person)
    assert "3600 seconds" in client.get(STEP).content.decode()
    assert client.post(STEP, {"recovery": enrolled[1][0]}).status_code == 302


def test_five_failures_end_the_session_and_are_told(
    person: Any, enrolled: Any, caplog: pytest.LogCaptureFixture
) -> None:
    client = half_in(person)
    for _ in range(4):
        assert client.post(STEP, {"recovery": "aaaa-bbbb-cccc-dddd"}).status_code == 200
    assert client.post(STEP, {"code": "123"})["Location"] == reverse("sign-in")
    assert client.get("/")["Location"].startswith("/sign-in/?next=")
    assert "failed at the second factor several times" in mail.outbox[0].body
    assert caplog.text.count("failed from 127.0.0.1: wrong second factor, ada") == 5
    assert "aaaa" not in caplog.text


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"code": ""},
        {"code": "a\x00b"},
        {"code": "9" * 100_000},
        {"recovery": "x" * 100_000},
        {"answer": "{}"},
        {"answer": "[" * 10_000},
        {"recovery": "' OR 1=1 --"},
    ],
)
def test_rubbish_gets_the_same_answer(person: Any, enrolled: Any, sent: dict[str, str]) -> None:
    page = half_in(person).post(STEP, sent)
    assert page.status_code == 200
    assert page.context["error"] == "That did not fit. Try again."


def test_who_has_none_is_not_asked(person: Any, browser: Client) -> None:
    assert browser.get(STEP)["Location"] == "/"
    assert browser.get("/").status_code == 200

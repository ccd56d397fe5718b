"""The pages of the automatic answer: of an account for those who look after it, of one's own mailbox."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts import vacation_due
from accounts.models import Vacation
from audit.models import Entry
from tests.accounts.base import ACCOUNTS, DOMAIN, PASSWORD, check_rights, error_of, state_of
from tests.accounts.vacation import answer, files, install, now
from tests.store import Store

URL = f"{ACCOUNTS}anna/vacation/"


@pytest.fixture
def anna(example: Store) -> Client:
    client = Client()
    reply = client.post("/sign-in/", {"username": "anna@example.com", "password": PASSWORD})
    assert reply.status_code == 302
    return client


def form(page: Any, **changes: str) -> dict[str, str]:
    """The fields as a browser would send them back."""
    shown = page.context["form"]
    values = {name: shown[name].value() for name in shown.fields}
    days = {name: value.isoformat() for name, value in values.items() if isinstance(value, date)}
    return {name: "" if value is None else value for name, value in (values | days).items()} | changes


@pytest.mark.parametrize("url", [URL, "/me/vacation/"])
def test_on_changed_and_off(example: Store, program: str, signed_in: Client, anna: Client, url: str) -> None:
    person = anna if url.startswith("/me/") else signed_in
    back = "/me/" if url.startswith("/me/") else f"{ACCOUNTS}anna/"
    page = person.get(url)
    assert "Start answering" in page.content.decode()
    reply = person.post(url, form(page, subject="Im Urlaub", text="Grüße\r\n\r\nAnna"))
    assert reply["Location"] == back, reply.content.decode()
    assert now().state == "on" and now().texts.text == "Grüße\n\nAnna"
    assert "until somebody switches it off" in person.get(back).content.decode()
    page = person.get(url)
    text = page.content.decode()
    assert "Im Urlaub" in text and "Save answer" in text and "Answer no more" in text
    assert person.post(url, form(page, text="Andere")).status_code == 302
    assert now().texts.text == "Andere"
    assert person.post(f"{url}end/", {"seen": now().token})["Location"] == back
    assert files(example) == {} and now().state == "off"
    assert Entry.objects.latest("id").changes == {"vacation": ["on", "off"]}


def test_saving_what_is_shown_changes_nothing(example: Store, program: str, signed_in: Client) -> None:
    day = timezone.localdate() + timedelta(days=3)
    for more in ({}, {"last_day": day}, {"first_day": day, "last_day": day, "time_zone": "Asia/Tokyo"}):
        answer("Weg – %s", "Grüße\n\n  Anna", **more)
        before, row = state_of(example), Vacation.objects.values().get()
        assert signed_in.post(URL, form(signed_in.get(URL))).status_code == 302
        assert state_of(example) == before and Vacation.objects.values().get() == row


@pytest.mark.stores("sqlite")
def test_the_second_writer_is_told(example: Store, program: str, signed_in: Client) -> None:
    answer("Mine", "First")
    page = signed_in.get(URL)
    # Webmail writes between view and save.
    (example.directory(DOMAIN) / "anna/vacation/message").write_text("Subject: Theirs\n\nSecond\n")
    sent = form(page, text="Third")
    reply = signed_in.post(URL, sent)
    assert "by somebody else" in reply.content.decode() and "Theirs: Second" in reply.content.decode()
    assert "Second" in files(example)["vacation/message"]
    # Who has seen it may overwrite it.
    assert signed_in.post(URL, form(reply, text="Third")).status_code == 302
    assert now().texts.text == "Third"
    # Switching off is no different.
    token = now().token
    answer("Mine", "Fourth")
    reply = signed_in.post(f"{URL}end/", {"seen": token})
    assert reply.status_code == 200 and now().state == "on"
    assert "by somebody else" in reply.content.decode()


@pytest.mark.stores("sqlite")
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"subject": ""}, "subject"),
        ({"subject": "x" * 201}, "subject"),
        ({"text": "x" * 1024 * 1024}, "text"),
        ({"text": "nul \0"}, "text"),
        ({"last_day": "2020-01-01"}, "last_day"),
        ({"last_day": "soon"}, "last_day"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
    ],
)
def test_bad_input_is_told_beside_the_field(
    example: Store, program: str, signed_in: Client, changes: dict[str, str], field: str
) -> None:
    before = state_of(example)
    reply = signed_in.post(URL, form(signed_in.get(URL)) | {"subject": "Away", "text": "Text"} | changes)
    error_of(reply, field)
    assert state_of(example) == before


@pytest.mark.stores("sqlite")
def test_it_ends_before_it_begins(example: Store, program: str, signed_in: Client) -> None:
    today = timezone.localdate()
    days = {"first_day": str(today + timedelta(days=5)), "last_day": str(today + timedelta(days=4))}
    reply = signed_in.post(URL, form(signed_in.get(URL), subject="a", text="b", **days))
    assert "before the first" in error_of(reply, "last_day")


@pytest.mark.stores("sqlite")
def test_planned_late_and_done(example: Store, program: str, anna: Client, monkeypatch: Any) -> None:
    today = timezone.localdate()
    days = {"first_day": str(today + timedelta(days=2)), "last_day": str(today + timedelta(days=4))}
    anna.post("/me/vacation/", form(anna.get("/me/vacation/"), subject="Away", text="Back soon", **days))
    assert "Mail will be answered from" in anna.get("/me/").content.decode() and files(example) == {}
    clock = timezone.now() + timedelta(days=3)
    Vacation.objects.update(due_at=timezone.now() - timedelta(hours=1))
    assert "timer" in anna.get("/me/vacation/").content.decode()
    list(vacation_due.run(clock))
    assert now().state == "on" and "timer" not in anna.get("/me/vacation/").content.decode()


@pytest.mark.stores("sqlite")
def test_without_a_program(example: Store, signed_in: Client, anna: Client) -> None:
    assert "has no program that answers" in signed_in.get(URL).content.decode()
    assert "Automatic answer" not in signed_in.get(f"{ACCOUNTS}anna/").content.decode()
    assert 'id="vacation"' not in anna.get("/me/").content.decode()
    reply = signed_in.post(URL, {"subject": "a", "text": "b", "time_zone": "UTC"})
    assert "no program" in reply.content.decode() and files(example) == {}


@pytest.mark.stores("sqlite")
def test_what_is_sent_is_shown_escaped(example: Store, program: str, signed_in: Client) -> None:
    answer("<script>alert(1)</script>", "</textarea><script>alert(2)</script>")
    for url in (URL, f"{ACCOUNTS}anna/"):
        assert "<script>alert" not in signed_in.get(url).content.decode()


@pytest.mark.stores("sqlite")
def test_rights(example: Store, program: str, person: Any) -> None:
    check_rights(URL, person)


@pytest.mark.stores("sqlite")
def test_a_switched_program_is_named(example: Store, signed_in: Client) -> None:
    install(example, "qmail-autoresponder")
    assert "one answer an hour" in signed_in.get(URL).content.decode()

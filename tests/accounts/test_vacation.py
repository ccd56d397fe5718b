"""Answering while somebody is away: what stands on disk and in the journal."""

from datetime import date
from typing import Any

import pytest
from django.test import override_settings

from accounts.forwarding_services import change_forwarding
from accounts.models import Vacation
from accounts.vacation_services import set_vacation
from accounts.vacation_state import Wanted
from audit.models import Entry
from tests.accounts.base import DOMAIN, last_entry
from tests.accounts.vacation import answer, end, files, install, lines, now
from tests.store import Store
from vpopmail.engines.base import Changed, NotFound, Refused


def test_on_and_off(example: Store, program: str) -> None:
    assert now().state == "off" and files(example) == {}
    answer("Away", "Back in May.\r\n")
    assert files(example) == {
        ".qmail": lines(example, program),
        "vacation/message": "From: anna@example.com\nSubject: Away\n\nBack in May.\n",
    }
    entry = last_entry()
    assert (entry.action, entry.target, entry.state) == ("vacation", "anna@example.com", "ok")
    assert entry.changes == {
        "vacation": ["off", "on"],
        "subject": [None, "Away"],
        "text": [None, "Back in May."],
    }
    assert entry.command == "manage.py vacation --subject Away anna@example.com"
    assert now().state == "on"
    end()
    assert files(example) == {} and now().state == "off"
    assert last_entry().changes == {"vacation": ["on", "off"]}
    assert now().texts.text == "Back in May."  # for the next time


def test_qmail_autoresponder(example: Store) -> None:
    path = install(example, "qmail-autoresponder")
    answer("Weg", "Grüße, 100%sicher %S")
    top = example.directory(DOMAIN) / "anna"
    found = files(example)
    assert found[".qmail"] == f"{top}/Maildir/\n| {path} {top}/vacation\n"
    assert "Content-Transfer-Encoding: quoted-printable" in found["vacation/message.txt"]
    assert "%S" not in found["vacation/message.txt"]
    assert now().texts.text == "Grüße, 100%sicher %S"
    end()
    assert files(example) == {}


def test_the_setting_says_which_program(example: Store) -> None:
    first, second = install(example, "autorespond"), install(example, "qmail-autoresponder")
    for setting, path in (
        ("auto", first),
        ("qmail-autoresponder", second),
        ("autorespond", first),
        ("off", ""),
    ):
        with override_settings(VACATION_PROGRAM=setting):
            assert now().program.path == path
    # Another program than the one that answers now: the line changes with the next message.
    answer("One", "First")
    with override_settings(VACATION_PROGRAM="qmail-autoresponder"):
        answer("Two", "Second")
        assert second in files(example)[".qmail"] and first not in files(example)[".qmail"]
        assert "Subject: Two" in files(example)["vacation/message.txt"]
    with override_settings(VACATION_PROGRAM="off"):
        with pytest.raises(Refused, match="no program"):
            answer("Three", "Third")
        end()  # switching off is always possible
    assert ".qmail" not in files(example)


def test_nothing_is_written_without_a_change(example: Store, program: str) -> None:
    answer()
    before = (
        files(example),
        Entry.objects.count(),
        {path: path.stat().st_mtime_ns for path in (example.directory(DOMAIN) / "anna").rglob("*")},
    )
    answer("Away ", "Back in May.\n\n")
    assert before == (
        files(example),
        Entry.objects.count(),
        {path: path.stat().st_mtime_ns for path in (example.directory(DOMAIN) / "anna").rglob("*")},
    )
    end()
    count = Entry.objects.count()
    end()
    assert Entry.objects.count() == count


def test_forwarding_stays(example: Store, program: str) -> None:
    change_forwarding(
        actor=None, domain=DOMAIN, name="anna", destinations=["bob@elsewhere.example"], keeps_copy=False
    )
    answer()
    assert files(example)[".qmail"].splitlines()[0] == "&bob@elsewhere.example"
    assert "Maildir/\n" not in files(example)[".qmail"]
    end()
    assert files(example)[".qmail"] == "&bob@elsewhere.example\n"


def test_the_second_of_two_is_told(example: Store, program: str) -> None:
    seen = now().token
    answer("Mine", "First")
    with pytest.raises(Changed):
        answer("Theirs", "Second", expected=seen)
    with pytest.raises(Changed):
        end(expected=seen)
    token = now().token
    (example.directory(DOMAIN) / "anna/vacation/message").write_text("Subject: Webmail's\n\nThird\n")
    with pytest.raises(Changed):
        answer("Mine again", "Fourth", expected=token)
    assert "Webmail's" in files(example)["vacation/message"]


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"subject": ""}, "subject"),
        ({"text": " \n"}, "text"),
        ({"text": "x" * 1024 * 1024}, "text"),
        ({"first_day": date(2027, 3, 12), "last_day": date(2027, 3, 11)}, "last_day"),
        ({"last_day": date(2027, 3, 9)}, "last_day"),
        ({"first_day": date(2027, 3, 1), "last_day": date(2027, 3, 9)}, "last_day"),
        ({"first_day": date(2037, 3, 12)}, "first_day"),
        ({"last_day": date(2027, 3, 12), "time_zone": "Mars/Olympus"}, "time_zone"),
    ],
)
@pytest.mark.stores("sqlite")
def test_what_makes_no_sense_is_refused(
    example: Store, program: str, at: Any, wanted: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused) as caught:
        answer(**wanted)
    assert caught.value.field == field
    assert files(example) == {} and not Vacation.objects.exists()


@pytest.mark.stores("sqlite")
def test_eleven_kilobytes_are_sent(example: Store, program: str) -> None:
    answer(text="word " * 2200 + "end")
    assert now().texts.text == "word " * 2200 + "end"


@pytest.mark.stores("sqlite")
def test_unknown(example: Store) -> None:
    with pytest.raises(NotFound):
        set_vacation(actor=None, domain=DOMAIN, name="nobody", wanted=Wanted("a", "b"))


@pytest.mark.stores("sqlite")
def test_files_that_may_not_be_read_are_left_alone(example: Store, program: str) -> None:
    top = example.directory(DOMAIN) / "anna"
    (top / ".qmail").symlink_to("/etc/passwd")
    with pytest.raises(Refused):
        answer()
    (top / ".qmail").unlink()
    (top / "vacation").mkdir()
    (top / "vacation/message").write_text("Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b--\n")
    with pytest.raises(Refused, match="more than plain text"):
        answer()
    (top / "vacation/message").write_bytes(b"From: a@b.test\nSubject: Gr\xfc\xdfe\n\n\xdc\n")
    assert now().texts.subject == "Grüße"

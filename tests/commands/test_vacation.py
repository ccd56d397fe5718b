"""`manage.py vacation` and `manage.py vacations_due`."""

from pathlib import Path

import pytest

from accounts.models import Vacation
from tests.commands.base import ROOT, done, run
from tests.store import Store

TEXT = "Zurück im Mai.\n\nBob\n"


@pytest.fixture
def program(store: Store, bob: str) -> Path:
    path = store.qmail / "bin" / "autorespond"
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def mailbox(store: Store) -> Path:
    return store.directory("example.com") / "bob"


def test_on_shown_and_off(store: Store, bob: str, program: Path) -> None:
    assert done("vacation", bob).out == "Mail is not answered.\n"
    done("vacation", "--subject", "Weg", "bob@example.net", stdin=TEXT)
    assert str(program) in (mailbox(store) / ".qmail").read_text()
    assert (mailbox(store) / "vacation/message").read_text().endswith(f"\n\n{TEXT}")
    assert "Subject: Weg\n\nZurück im Mai." in done("vacation", bob).out
    shown = done("vacation", "--json", bob).json
    assert (shown["state"], shown["subject"], shown["program"]) == ("on", "Weg", str(program))
    done("vacation", "--off", bob)
    assert not (mailbox(store) / ".qmail").exists() and not (mailbox(store) / "vacation").exists()


@pytest.mark.stores("sqlite")
def test_planned(store: Store, bob: str, program: Path) -> None:
    days = ("--first", "2027-03-01", "--last", "2027-03-31", "--zone", "Europe/Rome")
    done("vacation", "--subject", "Weg", *days, bob, stdin=TEXT)
    row = Vacation.objects.get()
    assert (str(row.due_at), row.state) == ("2027-02-28 23:00:00+00:00", "planned")
    assert done("vacations_due").out == "" and not (mailbox(store) / ".qmail").exists()
    Vacation.objects.update(due_at="2020-01-01T00:00Z", first_day="2020-01-01")
    answer = done("vacations_due", "--json").json
    assert answer["accounts"] == [{"address": bob, "said": "answers from today", "ok": True}]
    assert (mailbox(store) / ".qmail").exists()


@pytest.mark.stores("sqlite")
@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("--first", "tomorrow"), "tomorrow is no day"),
        (("--last", "2020-01-01"), "over already"),
        (("--last", "2027-01-01", "--zone", "Mars"), "no time zone"),
    ],
)
def test_what_makes_no_sense(store: Store, bob: str, program: Path, argv: tuple[str, ...], said: str) -> None:
    ran = run("vacation", "--subject", "x", *argv, bob, stdin=TEXT)
    assert ran.status == 1 and said in ran.err
    assert run("vacation", "--subject", "x", bob, stdin="").status == 1
    assert not (mailbox(store) / ".qmail").exists()


@pytest.mark.stores("sqlite")
def test_one_that_is_in_the_way_is_told(store: Store, bob: str, program: Path) -> None:
    done("vacation", "--subject", "Weg", "--first", "2027-03-01", bob, stdin=TEXT)
    Vacation.objects.update(due_at="2020-01-01T00:00Z")
    (mailbox(store) / "vacation").mkdir()
    (mailbox(store) / "vacation/message").write_text("Subject: Theirs\n\nx\n")
    ran = run("vacations_due")
    assert ran.status == 1 and "Somebody else" in ran.out


def test_the_timer() -> None:
    assert "manage.py vacations_due\n" in (ROOT / "deploy" / "vqweb-vacations.service").read_text()
    assert "OnCalendar=*:0/5" in (ROOT / "deploy" / "vqweb-vacations.timer").read_text()


@pytest.mark.stores("sqlite")
def test_health_tells_of_a_late_timer(store: Store, bob: str, program: Path) -> None:
    from django.test import Client

    from vqweb import health

    assert Client().get("/health/").json()["vacations"] == "ok"
    done("vacation", "--subject", "Weg", "--first", "2027-03-01", bob, stdin=TEXT)
    Vacation.objects.update(due_at="2020-01-01T00:00Z", first_day="2020-01-01")
    answer = Client().get("/health/")
    assert (answer.status_code, answer.json()["vacations"]) == (200, "late")
    assert "late" in health.problems()[0].message
    done("vacations_due")
    assert Client().get("/health/").json()["vacations"] == "ok"

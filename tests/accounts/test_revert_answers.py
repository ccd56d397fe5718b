"""Taking changes of automatic answers back from the journal."""

from datetime import date, timedelta
from typing import Any

import pytest

from accounts import robot_services, vacation_due
from accounts.models import Vacation
from accounts.robot_services import Wanted
from audit.models import Entry
from tests.accounts.base import DOMAIN, last_entry
from tests.accounts.vacation import NOON, answer, end, files, now
from tests.store import Store
from vpopmail.engines.base import Changed, Refused
from vqweb.revert import revert


def taken_back(entry: Entry) -> Entry:
    revert(actor=None, key=entry.key)
    return last_entry()


def test_words_and_days_come_back(example: Store, program: str) -> None:
    answer("Away", "Back in May.")
    first, before = last_entry(), files(example)
    answer("Gone", "Back in June.", last_day=date.today() + timedelta(9))
    made = taken_back(last_entry())
    assert files(example) == before and now().last_day is None
    assert (made.action, made.changes["subject"]) == ("vacation", ["Gone", "Away"])
    taken_back(first)
    assert files(example) == {} and now().state == "off"
    # An answer that was switched off comes back, with what it said.
    answer("Away", "Back in May.")
    end()
    taken_back(last_entry())
    assert files(example) == before


@pytest.mark.stores("sqlite")
def test_what_was_planned_comes_back_as_planned(example: Store, program: str) -> None:
    day = date.today() + timedelta(5)
    answer("Away", "Back in May.", first_day=day, last_day=day)
    end()
    taken_back(last_entry())
    assert (now().state, now().first_day, now().last_day) == ("planned", day, day) and files(example) == {}


@pytest.mark.stores("sqlite")
def test_what_was_changed_since_stays(example: Store, program: str) -> None:
    answer("Away", "Back in May.")
    entry = last_entry()
    answer("Away", "Back in June.")
    with pytest.raises(Changed):
        revert(actor=None, key=entry.key)
    assert now().texts.text == "Back in June."


@pytest.mark.stores("sqlite")
def test_no_old_line_comes_back(example: Store, program: str, at: Any) -> None:
    answer("Away", "Back in May.", last_day=NOON.date())
    end()
    entry = last_entry()
    at(NOON + timedelta(days=3))
    with pytest.raises(Refused, match="over already"):
        revert(actor=None, key=entry.key)
    answer("Away", "Back in May.", last_day=(NOON + timedelta(days=3)).date())
    at(NOON + timedelta(days=5))
    list(vacation_due.run())
    with pytest.raises(Refused, match="had come"):
        revert(actor=None, key=last_entry().key)
    assert files(example) == {} and Vacation.objects.get().state == "over"


@pytest.mark.stores("sqlite", "many")
def test_an_autoresponder_says_its_former_words(example: Store, program: str) -> None:
    where: dict[str, Any] = {"actor": None, "domain": DOMAIN, "name": "help"}
    robot_services.add_autoresponder(**where, wanted=Wanted("One", "First", ("a@x.example",)))
    added = last_entry()
    robot_services.change_autoresponder(**where, wanted=Wanted("Two", "First", ()))
    changed = last_entry()
    made = taken_back(changed)
    assert robot_services.present(robot_services.find_robot(DOMAIN, "help")) == Wanted(
        "One", "First", ("a@x.example",)
    )
    assert made.changes["subject"] == ["Two", "One"]
    with pytest.raises(Changed):
        revert(actor=None, key=changed.key)
    with pytest.raises(Refused, match="deleted"):
        revert(actor=None, key=added.key)
    robot_services.delete_autoresponder(**where)
    with pytest.raises(Refused, match="added again"):
        revert(actor=None, key=last_entry().key)

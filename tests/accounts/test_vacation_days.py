"""First and last day: the timer puts lines in and takes them out, and nothing brings an old one back."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from accounts import services, vacation_due, vacations
from accounts.models import Vacation
from audit.models import Entry
from tests.accounts.base import DOMAIN, PASSWORD, last_entry
from tests.accounts.vacation import NOON, answer, end, files, lines, now
from tests.store import Store
from vpopmail.engines.base import Refused, VpopmailError


def test_days_by_the_owners_calendar(example: Store, program: str, at: Any) -> None:
    answer(first_day=date(2027, 3, 12), last_day=date(2027, 3, 13), time_zone="Pacific/Auckland")
    assert files(example) == {} and now().state == "planned"
    assert last_entry().changes["vacation"] == ["off", "planned"]
    # In Auckland the 12th begins at 11:00 UTC of the 11th.
    at(datetime(2027, 3, 11, 10, 59, tzinfo=UTC))
    assert list(vacation_due.run()) == [] and now().state == "planned"
    at(datetime(2027, 3, 11, 11, 0, tzinfo=UTC))
    [step] = vacation_due.run()
    assert (step.address, step.failed) == ("anna@example.com", False) and now().state == "on"
    assert (last_entry().actor_name, last_entry().changes) != ("", {}) and last_entry().action == "vacation"
    assert files(example)[".qmail"] == lines(example, program)
    at(datetime(2027, 3, 13, 10, 59, tzinfo=UTC))
    assert list(vacation_due.run()) == [] and now().state == "on"
    at(datetime(2027, 3, 13, 11, 0, tzinfo=UTC))
    assert len(list(vacation_due.run())) == 1
    assert files(example) == {} and now().state == "off"
    count = Entry.objects.count()
    at(datetime(2027, 4, 13, tzinfo=UTC))
    assert list(vacation_due.run()) == [] and Entry.objects.count() == count


@pytest.mark.stores("sqlite")
def test_a_last_day_alone(example: Store, program: str, at: Any) -> None:
    answer(last_day=date(2027, 3, 10))
    assert now().state == "on"
    at(NOON + timedelta(days=1))
    assert len(list(vacation_due.run())) == 1 and files(example) == {}


@pytest.mark.stores("sqlite")
def test_midnight_where_clocks_change(example: Store, at: Any) -> None:
    # Havana's clocks skip midnight of 14 March 2027; Apia is a day ahead of UTC's evening.
    assert vacations.midnight(date(2027, 3, 14), "America/Havana") == datetime(2027, 3, 14, 5, tzinfo=UTC)
    assert vacations.midnight(date(2027, 3, 14), "Pacific/Apia") == datetime(2027, 3, 13, 11, tzinfo=UTC)
    assert vacations.today_in("Pacific/Apia", NOON) == date(2027, 3, 11)


@pytest.mark.stores("sqlite")
def test_editing_never_revives_an_old_line(example: Store, program: str, at: Any) -> None:
    answer(last_day=date(2027, 3, 12))
    at(NOON + timedelta(days=4))
    list(vacation_due.run())
    assert files(example) == {}
    # What was planned anew lies ahead: nothing is answered until then.
    answer("Again", "Next month", first_day=date(2027, 4, 1), last_day=date(2027, 4, 2))
    assert files(example) == {} and now().state == "planned"
    answer("Again", "Other words", first_day=date(2027, 4, 1), last_day=date(2027, 4, 2))
    assert files(example) == {} and now().state == "planned"
    end()
    at(datetime(2027, 4, 1, 12, tzinfo=UTC))
    assert list(vacation_due.run()) == [] and files(example) == {} and now().state == "off"


@pytest.mark.stores("sqlite")
def test_one_that_is_on_can_be_put_off(example: Store, program: str, at: Any) -> None:
    answer()
    answer(first_day=date(2027, 4, 1))
    assert files(example) == {} and now().state == "planned"


@pytest.mark.stores("sqlite")
def test_a_line_that_somebody_took_out_stays_out(example: Store, program: str, at: Any) -> None:
    answer(last_day=date(2027, 3, 12))
    (example.directory(DOMAIN) / "anna/.qmail").unlink()
    assert now().state == "off"
    at(NOON + timedelta(days=4))
    [step] = vacation_due.run()
    assert "somebody" in step.said and ".qmail" not in files(example)
    assert Vacation.objects.get().state == "over"


@pytest.mark.stores("sqlite")
def test_what_somebody_else_wrote_meanwhile_is_not_overwritten(example: Store, program: str, at: Any) -> None:
    answer(first_day=date(2027, 3, 12))
    folder = example.directory(DOMAIN) / "anna/vacation"
    folder.mkdir()
    (folder / "message").write_text("Subject: Webmail's\n\nTheirs\n")
    at(NOON + timedelta(days=3))
    [step] = vacation_due.run()
    assert step.failed and ".qmail" not in files(example) and "Theirs" in files(example)["vacation/message"]
    assert "Somebody else" in Vacation.objects.get().problem
    assert not vacations.overdue().exists()  # its page tells, monitoring need not


@pytest.mark.stores("sqlite")
def test_a_timer_that_came_too_late_says_so(example: Store, program: str, at: Any) -> None:
    answer(first_day=date(2027, 3, 11), last_day=date(2027, 3, 12))
    at(datetime(2027, 3, 11, 0, 15, tzinfo=UTC))
    assert not vacations.overdue().exists()
    at(datetime(2027, 3, 11, 0, 25, tzinfo=UTC))
    assert vacations.overdue().count() == 1 and vacations.is_late(now().row)
    at(datetime(2027, 3, 20, tzinfo=UTC))
    [step] = vacation_due.run()
    assert "did not run" in step.said and files(example) == {}


@pytest.mark.stores("sqlite")
def test_a_failed_change_leaves_the_former_days(
    example: Store, program: str, at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vpopmail.engines.native import NativeEngine

    answer(first_day=date(2027, 4, 1))

    def fail(*_args: Any, **_more: Any) -> None:
        raise VpopmailError("No room.")

    with monkeypatch.context() as patch:
        patch.setattr(NativeEngine, "vacation", fail)
        with pytest.raises(VpopmailError, match="No room"):
            answer("Now", "At once")
    row = Vacation.objects.get()
    assert (row.state, row.first_day, row.subject) == ("planned", date(2027, 4, 1), "Away")


# --- accounts come and go ---


@pytest.mark.stores("sqlite", "many")
def test_who_gets_the_name_next_begins_without(example: Store, program: str, admin: Any, at: Any) -> None:
    answer(first_day=date(2027, 3, 12))
    services.delete_account(actor=admin, domain=DOMAIN, name="anna")
    at(NOON + timedelta(days=3))
    assert list(vacation_due.run()) == []
    services.add_account(actor=admin, domain=DOMAIN, name="anna", password=PASSWORD)
    assert not Vacation.objects.exists() and now().texts.text == ""


@pytest.mark.stores("sqlite", "perdomain")
def test_one_that_comes_back_from_the_trash_ends_when_it_was_to_end(
    example: Store, program: str, admin: Any, at: Any
) -> None:
    from server import trash_services
    from vpopmail import trash

    answer(last_day=date(2027, 3, 12))
    services.delete_account(actor=admin, domain=DOMAIN, name="anna")
    list(vacation_due.run())
    at(NOON + timedelta(days=5))
    assert list(vacation_due.run()) == []
    [found] = [row.source for row in trash.page().rows if row.target == "anna@example.com"]
    trash_services.restore(actor=admin, key=found)
    assert now().state == "on"
    assert len(list(vacation_due.run())) == 1 and now().state == "off" and files(example) == {}


@pytest.mark.stores("sqlite")
def test_accounts_that_another_program_made_anew_begin_without(example: Store, program: str, at: Any) -> None:
    answer(first_day=date(2027, 3, 12))
    Vacation.objects.update(name="berta")
    list(vacation_due.run())
    assert Vacation.objects.get().gone_at is not None
    Vacation.objects.update(name="anna")  # as if it were there again, and not from the trash
    list(vacation_due.run())
    assert not Vacation.objects.exists()


@pytest.mark.stores("sqlite", "many")
def test_a_disabled_account_is_seen_to_when_it_is_enabled_again(
    example: Store, program: str, admin: Any, at: Any
) -> None:
    answer(last_day=date(2027, 3, 12))
    services.disable_account(actor=admin, domain=DOMAIN, name="anna")
    at(NOON + timedelta(days=4))
    assert list(vacation_due.run()) == [] and not vacations.overdue().exists()
    with pytest.raises(Refused, match="is disabled"):
        answer("Again", "Now")
    services.enable_account(actor=admin, domain=DOMAIN, name="anna")
    assert now().state == "on"
    assert len(list(vacation_due.run())) == 1 and files(example) == {}
    assert Vacation.objects.get().problem == ""

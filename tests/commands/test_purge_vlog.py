"""`manage.py purge_vlog` and `blank_vlog_passwords`: in pieces, journalled, nothing else touched."""

from typing import Any

import pytest

from audit.models import Entry
from server import sign_in_services
from tests.commands.base import ROOT, done, run
from tests.store import Store
from tests.vpopmail.sign_in_log import log, make
from vpopmail.engines import get_engine

DAY = 86_400
EVERYWHERE = pytest.mark.stores("sqlite", "many", "perdomain", "handmade", "old")


def rows(store: Store) -> list[dict[str, Any]]:
    return store.rows("SELECT * FROM vlog ORDER BY id")


@EVERYWHERE
def test_old_entries_go_in_pieces(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    make(store, "vlog")
    for number in range(7):
        log(f"u{number}@example.com", 3, ago=40 * DAY - number)
    log("new@example.com", 3, ago=20 * DAY)
    monkeypatch.setattr(sign_in_services, "PIECE", 3)
    sums: list[int] = []
    assert sign_in_services.purge_vlog(actor=None, days=30, progress=sums.append) == 7
    assert sums == [3, 6, 7]
    assert [row["user"] for row in rows(store)] == ["new"]
    entry = Entry.objects.get()
    assert (entry.action, entry.state, entry.target, entry.changes) == (
        "purge_vlog",
        "ok",
        "vlog",
        {"days": 30, "rows": 7},
    )
    assert entry.command == "manage.py purge_vlog --older-than 30"


@EVERYWHERE
def test_passwords_are_emptied_in_pieces(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    make(store, "vlog")
    for number in range(5):
        log(f"u{number}@example.com", 3)
    told = "vchkpw-imap: password fail (pass: 'it''s %s Secret') anna@example.com:192.0.2.1"
    log("anna@example.com", 3, message=told)
    log("bob@example.com", 2, password="", message="vchkpw-imap: (PLAIN) login success")
    before = rows(store)
    monkeypatch.setattr(sign_in_services, "PIECE", 2)
    assert done("blank_vlog_passwords").out == "The passwords of 6 entries were emptied.\n"
    after = rows(store)
    assert "Secret" not in repr(after)
    assert after[5]["message"] == "vchkpw-imap: password fail"
    for row in (*before, *after):
        row.pop("passwd")
    assert after[:5] + after[6:] == before[:5] + before[6:]
    assert Entry.objects.get().changes == {"rows": 6}
    assert done("blank_vlog_passwords").out == "The passwords of 0 entries were emptied.\n"
    assert Entry.objects.count() == 1, "nothing to empty leaves no entry"


def test_nothing_old_leaves_no_entry(store: Store) -> None:
    make(store, "vlog")
    log("new@example.com", 3)
    assert done("purge_vlog", "--older-than", "1").out == "0 entries were removed.\n"
    assert done("purge_vlog", "--older-than", "1", "--json").json["rows"] == 0
    assert Entry.objects.count() == 0


@pytest.mark.stores("sqlite")
def test_refusals(store: Store) -> None:
    for command in (("purge_vlog", "--older-than", "30"), ("blank_vlog_passwords",)):
        ran = run(*command)
        assert ran.status == 3 and "no log of sign-ins" in ran.err
    make(store, "vlog")
    log("old@example.com", 3, ago=40 * DAY)
    for days in ("0", "-1", "99999999999"):
        ran = run("purge_vlog", f"--older-than={days}")
        assert ran.status == 1 and "number of days" in ran.err
    assert len(rows(store)) == 1


@pytest.mark.stores("many")
def test_a_failure_keeps_what_was_done_and_says_so(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    make(store, "vlog")
    for number in range(4):
        log(f"u{number}@example.com", 3, ago=40 * DAY)
    engine, calls = type(get_engine()), []
    former = engine.purge_vlog

    def fail(self: Any, *args: Any, **kwargs: Any) -> int:
        calls.append(args)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return former(self, *args, **kwargs)

    monkeypatch.setattr(engine, "purge_vlog", fail)
    monkeypatch.setattr(sign_in_services, "PIECE", 2)
    with pytest.raises(KeyboardInterrupt):
        sign_in_services.purge_vlog(actor=None, days=30)
    assert len(rows(store)) == 2
    entry = Entry.objects.get()
    assert (entry.state, entry.changes["rows"]) == ("failed", 2)


def test_the_timer_runs_both() -> None:
    service = (ROOT / "deploy" / "vqweb-vlog.service").read_text()
    assert "manage.py blank_vlog_passwords\n" in service
    assert "manage.py purge_vlog --older-than 90\n" in service
    assert "OnCalendar" in (ROOT / "deploy" / "vqweb-vlog.timer").read_text()

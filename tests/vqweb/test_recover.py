"""Recovery settles what was interrupted, says so, and never touches what is still running."""

import json
import os
import signal
import subprocess
import sys
import time
from typing import Any
from unittest import mock

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts import services as accounts
from audit.log import audit
from audit.models import Entry
from domains import services
from mailhost.errors import HelperError
from tests.engines.cast import MD5, add_domain, names
from tests.fidelity import snapshot
from tests.helper_process import ROOT
from tests.store import Store
from vpopmail import helper, underway
from vpopmail.engines.base import Incomplete, Unavailable
from vqweb.recover import recover

CHILD = """
import os, sys, time, signal
import django
os.environ["DJANGO_SETTINGS_MODULE"] = "vqweb.settings"
django.setup()
from mailhost import control, trash
from vpopmail import helper
from accounts import services as accounts
from domains import services as domains
"""
SLOW_DELETION = """
real = helper.call
def call(verb, **args):
    if verb == "park_domain":
        print("under way", flush=True)
        time.sleep(10)
    return real(verb, **args)
helper.call = call
domains.delete_domain(actor=None, domain="example.com")
print("deleted", flush=True)
"""
KILLED_DELETION = SLOW_DELETION.replace("time.sleep(10)", "os.kill(os.getpid(), signal.SIGKILL)")
KILLED_ADDITION = """
real = helper.call
def call(verb, **args):
    if verb == "make_mailboxes":
        real(verb, **args)
        os.kill(os.getpid(), signal.SIGKILL)
    return real(verb, **args)
helper.call = call
accounts.add_account(actor=None, domain="example.com", name="alice", password_hash=sys.argv[1])
"""


def child(store: Store, script: str) -> subprocess.Popen[str]:
    environment = {**os.environ, **store.environ}
    argv = [sys.executable, "-c", CHILD + script, MD5]
    return subprocess.Popen(
        argv, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )


def settle() -> dict[str, str]:
    return {f"{report.action} {report.target}": report.state for report in recover()}


@pytest.mark.stores("sqlite", "many", "perdomain", "handmade")
def test_a_half_done_addition_is_taken_back(store: Store) -> None:
    add_domain()
    before = snapshot.take(store)
    assert child(store, KILLED_ADDITION).wait(60) == -signal.SIGKILL
    assert (store.directory("example.com") / "alice").exists()
    assert settle() == {"vadduser alice@example.com": "failed"}
    assert snapshot.take(store) == before
    assert "taken back" in Entry.objects.get(action="vadduser").reason
    assert settle() == {} and underway.keys() == []


@pytest.mark.stores("sqlite", "many", "perdomain", "handmade")
def test_a_half_done_deletion_is_finished(store: Store) -> None:
    add_domain("example.com", "alice")
    (store.directory("example.com") / "alice/Maildir/new/1").write_text("precious")
    assert child(store, KILLED_DELETION).wait(60) == -signal.SIGKILL
    assert settle() == {"vdeldomain example.com": "ok"}
    assert not store.directory("example.com").exists()
    [parked] = (store.home / "domains/.vqweb-trash").glob("*/example.com/alice/Maildir/new/1")
    assert parked.read_text() == "precious"
    assert settle() == {}


@pytest.mark.stores("sqlite", "many")
def test_a_deletion_of_ten_seconds_is_left_alone(store: Store) -> None:
    add_domain("example.com", "alice")
    started = time.monotonic()
    with child(store, SLOW_DELETION) as process:
        assert process.stdout is not None and process.stdout.readline() == "under way\n"
        looked = 0
        while process.poll() is None and time.monotonic() - started < 8:
            before = snapshot.take(store)
            assert settle() == {"vdeldomain example.com": "running"}
            assert snapshot.take(store) == before
            looked += 1
            time.sleep(1)
        assert process.stdout.read() == "deleted\n" and process.wait() == 0
    assert looked >= 3 and time.monotonic() - started > 10
    assert Entry.objects.get().state == "ok" and settle() == {}


@pytest.mark.stores("sqlite")
def test_nobody_settles_a_change_of_the_same_process(store: Store) -> None:
    with audit(None, "vadduser", "x@example.com"):
        assert settle() == {"vadduser x@example.com": "running"}
    assert underway.keys() == []


def vanishing(verb: str, begun: bool) -> Any:
    """The helper is gone whenever it is asked for the verb, done (`begun`) or not."""
    client = helper.client()
    real = client.call

    def call(asked: str, **args: Any) -> dict[str, Any]:
        if asked != verb:
            return real(asked, **args)
        if begun:
            real(asked, **args)
        raise HelperError("gone", "No answer.", {"begun": begun})

    return mock.patch.object(client, "call", call)


@pytest.mark.stores("sqlite", "many")
def test_what_a_vanished_helper_may_have_done_is_looked_at(store: Store) -> None:
    add_domain()
    before = snapshot.take(store)
    with vanishing("make_mailboxes", begun=True), pytest.raises(Incomplete, match="not known"):
        accounts.add_account(actor=None, domain="example.com", name="alice", password_hash=MD5)
    assert snapshot.take(store) != before
    assert settle() == {"vadduser alice@example.com": "failed"}
    assert snapshot.take(store) == before and settle() == {}


@pytest.mark.stores("sqlite")
def test_a_helper_that_was_never_reached_has_done_nothing(store: Store) -> None:
    add_domain()
    before = snapshot.take(store)
    with vanishing("make_mailboxes", begun=False), pytest.raises(Unavailable):
        accounts.add_account(actor=None, domain="example.com", name="alice", password_hash=MD5)
    assert snapshot.take(store) == before


@pytest.mark.stores("sqlite")
def test_the_size_file_follows_the_row_that_stands(store: Store) -> None:
    """The helper wrote it, and was gone before it said so."""
    add_domain("example.com", "alice")
    before = snapshot.take(store)
    with vanishing("set_quota", begun=True), pytest.raises(Incomplete):
        accounts.change_quota(actor=None, domain="example.com", name="alice", quota="2MB")
    file = store.directory("example.com") / "alice/Maildir/maildirsize"
    assert file.read_text().startswith("2097152S")
    assert settle() == {"vsetuserquota alice@example.com": "failed"}
    assert snapshot.take(store) == before


@pytest.mark.stores("sqlite")
def test_what_could_not_be_taken_back_is_tried_again(store: Store) -> None:
    with pytest.raises(Incomplete), audit(None, "vadduser", "x@example.com"):
        raise Incomplete("It is left.")
    assert Entry.objects.get().state == "failed" and len(underway.keys()) == 1
    assert settle() == {"vadduser x@example.com": "failed"} and underway.keys() == []


@pytest.mark.stores("sqlite")
def test_the_notes_hold_neither_password_nor_hash(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(underway, "forget", lambda key: None)
    services.add_domain(actor=None, domain="example.com", password_hash=MD5)
    services.delete_domain(actor=None, domain="example.com")
    files = list((store.state / "underway").iterdir())
    text = "".join(path.read_text() for path in files)
    assert len(files) == 2 and "vdeldomain" in text and "rows" in text
    assert MD5 not in text and all(path.stat().st_mode & 0o777 == 0o600 for path in files)


def _left(store: Store) -> Entry:
    return Entry.objects.create(
        key="a" * 32,
        started_at=timezone.now(),
        actor_name="admin",
        via="page",
        action="vadduser",
        target="alice@example.com",
        domain="example.com",
    )


@pytest.mark.stores("sqlite")
def test_the_command_tells_entry_by_entry(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    _left(store)
    call_command("recover", "--json")
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert [entry["state"] for entry in answer["entries"]] == ["failed"]
    assert answer["ok"] and answer["entries"][0]["target"] == "alice@example.com"


@pytest.mark.stores("sqlite")
def test_the_button_is_there_when_something_was_left(store: Store, signed_in: Client) -> None:
    assert "/activity/recover/" not in signed_in.get("/activity/").content.decode()
    _left(store)
    assert "/activity/recover/" in signed_in.get("/activity/").content.decode()
    page = signed_in.post("/activity/recover/", follow=True).content.decode()
    assert "vadduser alice@example.com" in page and "before anything was changed" in page
    assert Entry.objects.get(key="a" * 32).state == "failed"


@pytest.mark.stores("sqlite")
def test_starting_recovers(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    _left(store)
    from vqweb.management.commands import prepare

    prepare._recover()
    assert "vadduser alice@example.com: failed" in capsys.readouterr().out
    assert names(store) == [] if store.kind != "sqlite" else True

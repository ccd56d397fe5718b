"""check_park, record, park_mailbox, park_domain."""

import json
import os
import time

import pytest

DAY = 24 * 60 * 60


def near(stamp, days):
    return abs(stamp - time.time() - days * DAY) < 60


@pytest.fixture
def boxed(any_host):
    D = any_host.add_domain()
    any_host.add_mailbox("alice", "0")
    any_host.mail(D / "0/alice")
    return any_host


def test_a_mailbox_is_moved_whole(boxed):
    host = boxed
    kept = host.call(
        "check_park", entry="e", domain="example.com", mailboxes=[{"name": "alice", "hash": "0"}]
    )
    assert near(kept["kept_until"], 30)
    answer = host.call("park_mailbox", entry="e", domain="example.com", name="alice", hash="0")
    trash = host.domains / ".vqweb-trash"
    assert answer["parked"] and answer["trash"] == str(trash / "e") and near(answer["kept_until"], 30)
    assert not (host.domains / "example.com/0/alice").exists() and (host.domains / "example.com/0").is_dir()
    assert (trash / "e/alice@example.com/Maildir/new/1.host,S=5").read_text() == "hello"
    assert host.entry(trash) == host.entry(trash / "e") == ["d", "0o700", "vpopmail"]
    assert host.call("park_mailbox", entry="e", domain="example.com", name="alice", hash="0") == answer
    again = host.call("park_mailbox", entry="f", domain="example.com", name="alice", hash="0")
    assert again == {"parked": False, "trash": "", "kept_until": None}


def test_a_directory_made_anew_by_a_delivery_is_parked_too(host, monkeypatch):
    from mailhost import trash

    D = host.add_domain()
    host.add_mailbox("alice")
    rename, seen = os.rename, []

    def rename_and_deliver(source, target, **fds):
        rename(source, target, **fds)
        if not seen:
            seen.append(target)
            host.add_again = (D / "alice/Maildir/new").mkdir(parents=True)
            host.mail(D / "alice")

    monkeypatch.setattr(trash.os, "rename", rename_and_deliver)
    assert host.call("park_mailbox", entry="e", domain="example.com", name="alice", hash="")["parked"]
    assert not (D / "alice").exists()
    assert (host.domains / ".vqweb-trash/e/alice@example.com.1/Maildir/new/1.host,S=5").exists()


def test_a_repeated_entry_parks_a_directory_that_came_back(host):
    D = host.add_domain()
    for _ in range(2):
        host.add_mailbox("alice")
        host.call("park_mailbox", entry="e", domain="example.com", name="alice", hash="")
        assert not (D / "alice").exists()
    assert (host.domains / ".vqweb-trash/e/alice@example.com.1").is_dir()


def test_a_domain_is_moved_whole_after_it_is_disconnected(boxed):
    host = boxed
    D = host.domains / "example.com"
    assert near(host.call("check_park", entry="e", domain="example.com")["kept_until"], 30)
    assert host.error("park_domain", entry="e", domain="example.com").code == "refused"
    host.call("disconnect_domain", entry="e", domains=["example.com"])
    host.call("record", entry="e", domain="example.com", text=json.dumps({"pw_name": "alice"}) + "\n")
    host.call("record", entry="e", domain="example.com", text=json.dumps({"pw_name": "bob"}) + "\n")
    answer = host.call("park_domain", entry="e", domain="example.com")
    assert answer["parked"] and not D.exists() and near(answer["kept_until"], 30)
    place = host.domains / ".vqweb-trash/e"
    assert (place / "example.com/0/alice/Maildir/new/1.host,S=5").exists()
    assert host.entry(place / "record.jsonl") == [
        "f",
        "0o600",
        "vpopmail",
        '{"pw_name": "alice"}\n{"pw_name": "bob"}\n',
    ]
    assert host.call("park_domain", entry="e", domain="example.com") == answer
    assert host.error("park_domain", entry="other", domain="example.com").code == "missing"


def test_a_repeated_record_is_written_once(host):
    host.add_domain()
    for _ in range(2):
        host.call("record", entry="e", domain="example.com", text="row\n")
    assert (host.domains / ".vqweb-trash/e/record.jsonl").read_text() == "row\n"


def test_without_retention_nothing_is_left(make_host):
    for way in ("in-process", "command"):
        host = make_host(way, trash_days=0)
        D = host.add_domain()
        host.add_mailbox("alice")
        assert host.call("check_park", entry="e", domain="example.com")["kept_until"] is None
        host.call("record", entry="e", domain="example.com", text="row\n")
        answer = host.call("park_mailbox", entry="e", domain="example.com", name="alice", hash="")
        assert answer == {"parked": True, "trash": "", "kept_until": None}
        assert not (D / "alice").exists() and not list((host.domains / ".vqweb-trash").iterdir())


def test_a_trash_of_ones_own(make_host, tmp_path):
    host = make_host()
    place = tmp_path / "own-trash"
    place.mkdir(mode=0o700)
    host.own(place)
    host.configure(trash=place)
    host.add_domain()
    host.add_mailbox("alice")
    answer = host.call("park_mailbox", entry="e", domain="example.com", name="alice", hash="")
    assert answer["trash"] == str(place / "e") and (place / "e/alice@example.com").is_dir()
    assert not (host.domains / ".vqweb-trash").exists()


@pytest.mark.skipif(
    not os.path.isdir("/dev/shm") or os.stat("/dev/shm").st_dev == os.stat("/tmp").st_dev,
    reason="one file system",
)
def test_another_file_system_is_refused_before_anything(make_host, tmp_path):
    import shutil
    import tempfile
    from pathlib import Path

    host = make_host()
    host.add_domain()
    host.add_mailbox("alice")
    place = Path(tempfile.mkdtemp(dir="/dev/shm"))
    try:
        host.own(place)
        host.configure(trash=place)
        error = host.error("check_park", entry="e", domain="example.com")
        assert error.code == "refused" and "another file system" in error.message
        box = [{"name": "alice", "hash": ""}]
        assert host.error("check_park", entry="e", domain="example.com", mailboxes=box).code == "refused"
        assert host.error("plan_park", domain="example.com").code == "refused"
    finally:
        shutil.rmtree(place)


def test_a_plan_makes_nothing(boxed):
    before = boxed.tree()
    box = [{"name": "alice", "hash": "0"}]
    assert near(boxed.call("plan_park", domain="example.com", mailboxes=box)["kept_until"], 30)
    assert near(boxed.call("plan_park", domain="example.com")["kept_until"], 30)
    assert boxed.tree() == before


def test_only_an_entry_can_park(host):
    host.add_domain()
    host.add_mailbox("alice")
    assert host.error("park_mailbox", domain="example.com", name="alice", hash="").code == "refused"
    assert host.error("check_park", domain="example.com").code == "refused"
    assert host.error("record", domain="example.com", text="x").code == "refused"


def test_removals_per_hour(make_host):
    host = make_host(removals_per_hour=2)
    host.add_domain()
    for name in ("aa", "bb", "cc"):
        host.add_mailbox(name)
    box = [{"name": "aa", "hash": ""}]
    host.call("check_park", entry="e1", domain="example.com", mailboxes=box)
    host.call("park_mailbox", entry="e1", domain="example.com", name="aa", hash="")
    host.call("park_mailbox", entry="e2", domain="example.com", name="bb", hash="")
    error = host.error("park_mailbox", entry="e3", domain="example.com", name="cc", hash="")
    assert error.code == "refused" and "2 removals per hour" in error.message
    assert host.error("disconnect_domain", entry="e3", domains=["example.com"]).code == "refused"
    assert (host.domains / "example.com/cc").is_dir() and "example.com" in host.control("rcpthosts")
    host.call("park_mailbox", entry="e1", domain="example.com", name="aa", hash="")


@pytest.mark.parametrize("verb", ["check_park", "plan_park"])
def test_a_linked_domain_directory_is_left_alone(host, verb, tmp_path):
    D = host.add_domain()
    D.rename(tmp_path / "moved")
    os.symlink(tmp_path / "moved", D)
    error = host.error(verb, entry="e", domain="example.com")
    assert error.code == "refused" and "by hand" in error.message


def test_a_linked_mailbox_is_left_alone(any_host):
    D = any_host.add_domain()
    any_host.add_mailbox("alice")
    (D / "alice").rename(D / "real")
    os.symlink("real", D / "alice")
    box = [{"name": "alice", "hash": ""}]
    assert any_host.error("check_park", entry="e", domain="example.com", mailboxes=box).code == "refused"
    assert (
        any_host.error("park_mailbox", entry="e", domain="example.com", name="alice", hash="").code
        == "refused"
    )
    assert (D / "alice").is_symlink()


def test_a_trash_that_belongs_to_somebody_else_is_refused(host):
    if os.geteuid() != 0:
        pytest.skip("needs root")
    host.add_domain()
    place = host.domains / ".vqweb-trash"
    place.mkdir()
    os.chown(place, 4321, 4321)
    assert host.error("check_park", entry="e", domain="example.com").code == "refused"

"""list_trash, look_trash, trash_record, restore_mailbox and its inverse, settle_trash, forget."""

import time

import pytest

from mailhost.config import GROUPS

DAY = 24 * 60 * 60
BOX = {"domain": "example.com", "name": "alice", "hash": "0"}
BACK = {**BOX, "source": "e", "was": "alice"}


@pytest.fixture
def parked(any_host):
    """alice with a message, in the trash under the entry "e"."""
    any_host.add_domain()
    any_host.add_mailbox("alice", "0")
    any_host.mail(any_host.domains / "example.com/0/alice")
    any_host.write(any_host.domains / "example.com/0/alice/.qmail", "&bob@elsewhere.example\n")
    any_host.before = any_host.tree()
    any_host.call("record", entry="e", domain="example.com", text='{"a": 1}\n')
    any_host.call("park_mailbox", entry="e", **BOX)
    return any_host


def without_trash(host):
    return {path: entry for path, entry in host.tree().items() if not path.startswith(".vqweb-trash")}


def test_it_is_listed_with_its_size_and_time(parked):
    answer = parked.call("list_trash")
    [entry] = answer["entries"]
    assert entry["source"] == "e" and entry["parked"] == ["alice@example.com"] and entry["recorded"]
    assert entry["messages"] == 1 and entry["bytes"] > 0 and entry["complete"]
    assert abs(entry["until"] - time.time() - 30 * DAY) < 60
    assert answer["next"] == "" and answer["may_forget"] is False
    looked = parked.call("look_trash", source="e")
    assert looked["place"] == f"{parked.domains}/.vqweb-trash/e"


def test_pages_go_from_the_newest_to_the_oldest(host):
    host.add_domain()
    for number in range(5):
        host.add_mailbox(f"a{number}")
        host.call("park_mailbox", entry=f"e{number}", domain="example.com", name=f"a{number}", hash="")
    seen, after = [], ""
    while True:
        answer = host.call("list_trash", after=after, limit=2)
        seen += [entry["source"] for entry in answer["entries"]]
        after = answer["next"]
        if not after:
            break
    assert sorted(seen) == [f"e{n}" for n in range(5)] and len(seen) == 5


def test_the_record_comes_in_parts(parked, monkeypatch):
    from mailhost import verbs_parked

    assert parked.call("trash_record", source="e") == {"text": '{"a": 1}\n', "next": None}
    monkeypatch.setattr(verbs_parked, "_CHUNK", 3)
    parked.call("record", entry="e", domain="example.com", text='{"b": 2}\n')
    if parked.way != "in-process":
        return
    first = parked.call("trash_record", source="e")
    assert first["text"] == '{"a": 1}\n'
    assert parked.call("trash_record", source="e", offset=first["next"])["text"] == '{"b": 2}\n'


def test_a_mailbox_comes_back_as_it_was_with_its_forwarding(parked):
    answer = parked.call("restore_mailbox", entry="r", **BACK)
    assert answer == {"restored": True, "messages": 0, "left": []}
    assert without_trash(parked) == parked.before
    assert parked.call("restore_mailbox", entry="r", **BACK) == answer
    parked.call("settle_trash", entry="r", domain="example.com", source="e")
    assert parked.call("list_trash")["entries"] == []


def test_it_goes_back_into_the_trash_when_a_later_step_fails(parked):
    trashed = parked.tree()
    parked.call("restore_mailbox", entry="r", **BACK)
    parked.call("unrestore_mailbox", entry="r", **BACK)
    assert parked.tree().keys() | {"example.com/0"} == trashed.keys() | {"example.com/0"}
    assert parked.call("restore_mailbox", entry="r2", **BACK)["restored"]
    assert without_trash(parked) == parked.before


def test_an_existing_one_is_refused_and_nothing_moves(parked):
    D = parked.domains / "example.com"
    parked.add_mailbox("alice", "0")
    parked.mail(D / "0/alice", "new.host")
    before = parked.tree()
    assert parked.error("restore_mailbox", entry="r", **BACK).code == "exists"
    assert parked.tree() == before


def test_merging_moves_every_message_and_overwrites_none(parked):
    D = parked.domains / "example.com"
    trash = parked.domains / ".vqweb-trash/e/alice@example.com"
    for path in (trash / "Maildir/.Sent", trash / "Maildir/.Sent/cur"):
        path.mkdir()
        parked.own(path)
    parked.mail(trash, "sent.host", "sent", ".Sent/cur")
    parked.add_mailbox("alice", "0", "1000000S")
    parked.mail(D / "0/alice", "1.host,S=5", "other")
    answer = parked.call("restore_mailbox", entry="r", merge=True, **BACK)
    assert answer["messages"] == 2
    texts = sorted(path.read_text() for path in (D / "0/alice").rglob("*.host*"))
    assert texts == ["hello", "other", "sent"]
    assert (D / "0/alice/Maildir/new/1.host,S=5").read_text() == "other"
    assert not (D / "0/alice/Maildir/maildirsize").exists()
    assert not (D / "0/alice/.qmail").exists()  # the new person's mail is not forwarded by the old one's wish
    assert (trash / ".qmail").exists() and answer["left"] == ["alice@example.com"]
    assert parked.entry(D / "0/alice/Maildir/.Sent/cur")[:3] == ["d", "0o700", "vpopmail"]


def test_what_a_delivery_made_anew_comes_back_too(parked):
    trash = parked.domains / ".vqweb-trash/e"
    for path in ("", "/Maildir", "/Maildir/new", "/Maildir/cur", "/Maildir/tmp"):
        (trash / f"alice@example.com.1{path}").mkdir()
        parked.own(trash / f"alice@example.com.1{path}")
    parked.mail(trash / "alice@example.com.1", "late.host", "late")
    answer = parked.call("restore_mailbox", entry="r", **BACK)
    assert answer == {"restored": True, "messages": 1, "left": []}
    assert (parked.domains / "example.com/0/alice/Maildir/new/late.host").read_text() == "late"


def test_under_another_name(parked):
    parked.call("restore_mailbox", entry="r", **{**BACK, "name": "alice2", "hash": ""})
    assert (parked.domains / "example.com/alice2/Maildir/new/1.host,S=5").exists()


def test_unknown_and_foreign_entries(parked):
    assert parked.error("look_trash", source="unknown").code == "missing"
    for bad in ("", "..", "../e", "e/..", "-x", "."):
        assert parked.error("look_trash", source=bad).code == "refused"
        assert parked.error("restore_mailbox", entry="r", **{**BACK, "source": bad}).code == "refused"


def test_emptying_now_is_off_unless_the_configuration_names_it(parked):
    before = parked.tree()
    assert parked.error("forget", entry="f", source="e").code == "refused"
    assert parked.tree() == before
    parked.configure(groups=GROUPS)
    assert parked.call("list_trash")["may_forget"] is True
    parked.call("forget", entry="f", source="e")
    assert not (parked.domains / ".vqweb-trash/e").exists()
    assert (parked.domains / ".vqweb-trash").is_dir()
    assert parked.error("forget", entry="f", source="e").code == "missing"

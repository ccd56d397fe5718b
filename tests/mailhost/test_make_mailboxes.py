"""make_mailboxes and unmake_mailboxes."""

import os
import time

import pytest

SKELETON = ("", "/Maildir", "/Maildir/cur", "/Maildir/new", "/Maildir/tmp")


def box(name, hash="", quota=""):
    return {"name": name, "hash": hash, "quota": quota}


def no_quota(boxes):
    return [{"name": b["name"], "hash": b["hash"]} for b in boxes]


def expected(name, *more):
    return {f"{name}{part}": ["d", "0o700", "vpopmail"] for part in (*SKELETON, *more)}


def test_mailboxes_are_what_vadduser_makes(any_host):
    D = any_host.add_domain()
    boxes = [box("alice", quota="10485760S"), box("bob", "0"), box("carol", "0/z", "NOQUOTA")]
    made = any_host.call("make_mailboxes", entry="e", domain="example.com", mailboxes=boxes)
    assert made["directories"] == [str(D / "alice"), str(D / "0/bob"), str(D / "0/z/carol")]
    tree = any_host.tree(D)
    del tree[".qmail-default"]
    assert tree == {
        **expected("alice"),
        "alice/Maildir/maildirsize": ["f", "0o600", "vpopmail", "10485760S\n0 0\n"],
        **expected("0/bob"),
        **expected("0/z/carol"),
        "0": ["d", "0o700", "vpopmail"],
        "0/z": ["d", "0o700", "vpopmail"],
    }


def test_a_junk_folder_where_the_build_has_one(make_host):
    host = make_host(junk_folder=True)
    D = host.add_domain()
    host.add_mailbox("alice")
    tree = host.tree(D / "alice/Maildir/.Junk")
    assert tree == {name: ["d", "0o700", "vpopmail"] for name in ("cur", "new", "tmp")}


def test_twice_is_once_and_the_quota_follows(any_host):
    D = any_host.add_domain()
    for entry, quota in (("", "1S"), ("e", "2S"), ("e", "2S"), ("f", "3S")):
        any_host.call(
            "make_mailboxes", entry=entry, domain="example.com", mailboxes=[box("alice", "0", quota)]
        )
    assert (D / "0/alice/Maildir/maildirsize").read_text() == "3S\n0 0\n"


@pytest.mark.parametrize("leftover", ["mail", "file", "symlink", "plain"])
def test_what_exists_is_never_taken_over_and_nothing_else_is_made(any_host, leftover):
    D = any_host.add_domain()
    any_host.add_mailbox("bob")
    if leftover == "mail":
        any_host.mail(D / "bob")
    elif leftover == "file":
        any_host.write(D / "bob/.qmail", "&former@owner.test\n")
    else:
        (D / "bob").rename(D / "elsewhere")
        os.symlink("elsewhere", D / "bob") if leftover == "symlink" else any_host.write(D / "bob")
    before = any_host.tree(D)
    error = any_host.error(
        "make_mailboxes", entry="e", domain="example.com", mailboxes=[box("alice", "0"), box("bob")]
    )
    assert error.code == "exists" and "bob" in error.message
    assert error.details.get("mail", [False]) == [leftover == "mail"]
    assert any_host.tree(D) == before


def test_an_existing_one_is_parked_when_told_so(any_host):
    D = any_host.add_domain()
    any_host.add_mailbox("bob")
    any_host.mail(D / "bob")
    any_host.call(
        "make_mailboxes", entry="e", domain="example.com", mailboxes=[box("bob")], park_existing=True
    )
    assert not list((D / "bob/Maildir/new").iterdir())
    parked = any_host.domains / ".vqweb-trash/e/bob@example.com/Maildir/new/1.host,S=5"
    assert parked.read_text() == "hello"
    any_host.mail(D / "bob")
    error = any_host.error("make_mailboxes", domain="example.com", mailboxes=[box("bob")], park_existing=True)
    assert error.code == "refused" and "journal entry" in error.message


def test_a_failure_halfway_takes_back_all_of_it(host, monkeypatch):
    from mailhost import mailboxes

    D = host.add_domain()
    host.add_mailbox("former")
    host.mail(D / "former")
    before = host.tree(D)
    rename, seen = os.rename, []

    def fail_at_third(source, target, **fds):
        if source.isdigit():
            seen.append(source)
            if len(seen) == 3:
                raise OSError(28, "No space left on device")
        return rename(source, target, **fds)

    monkeypatch.setattr(mailboxes.os, "rename", fail_at_third)
    boxes = [box("alice", "0"), box("bob", "0/z"), box("carol"), box("former")]
    error = host.error("make_mailboxes", entry="e", domain="example.com", mailboxes=boxes, park_existing=True)
    monkeypatch.undo()
    assert error.code == "io" and "the disk is full" in error.message
    assert host.tree(D) == before


def test_mail_that_arrived_during_a_failure_is_told(host, monkeypatch):
    from mailhost import mailboxes

    D = host.add_domain()
    rename = os.rename

    def deliver_then_fail(source, target, **fds):
        if source == "1":
            host.mail(D / "alice")
            raise OSError(30, "Read-only file system")
        return rename(source, target, **fds)

    monkeypatch.setattr(mailboxes.os, "rename", deliver_then_fail)
    error = host.error("make_mailboxes", domain="example.com", mailboxes=[box("alice"), box("bob")])
    assert error.code == "incomplete" and error.details["left"] == ["the mailbox alice"]
    assert "read-only" in error.message


def test_unmake_takes_back_everything(any_host):
    D = any_host.add_domain()
    before = any_host.tree(D)
    boxes = [box("alice", "0/z", "1S"), box("bob")]
    any_host.call("make_mailboxes", entry="e", domain="example.com", mailboxes=boxes)
    answer = any_host.call("unmake_mailboxes", entry="e", domain="example.com", mailboxes=no_quota(boxes))
    assert answer == {"trash": "", "kept_until": None, "parked": []} and any_host.tree(D) == before
    any_host.call("unmake_mailboxes", entry="f", domain="example.com", mailboxes=no_quota(boxes))


def test_unmake_parks_what_has_mail(any_host):
    D = any_host.add_domain()
    boxes = [box("alice", "0"), box("bob")]
    any_host.call("make_mailboxes", entry="e", domain="example.com", mailboxes=boxes)
    any_host.mail(D / "0/alice")
    answer = any_host.call("unmake_mailboxes", entry="e", domain="example.com", mailboxes=no_quota(boxes))
    assert answer["parked"] == ["alice@example.com"] and answer["kept_until"] > time.time()
    assert not (D / "0/alice").exists() and not (D / "bob").exists()
    assert (any_host.domains / ".vqweb-trash/e/alice@example.com/Maildir/new/1.host,S=5").exists()


def test_make_unmake_make_under_one_entry(host):
    D = host.add_domain()
    boxes = [box("alice"), box("bob")]
    for _ in range(2):
        host.call("make_mailboxes", entry="e", domain="example.com", mailboxes=boxes)
        assert (D / "alice/Maildir/cur").is_dir()
        host.call("unmake_mailboxes", entry="e", domain="example.com", mailboxes=no_quota(boxes[:1]))
        host.call("unmake_mailboxes", entry="e", domain="example.com", mailboxes=no_quota(boxes))
        assert not (D / "alice").exists() and not (D / "bob").exists()


def test_leftovers_of_a_died_process_go_with_unmake(host):
    D = host.add_domain()
    (D / ".vqweb-new--0123456789abcdef/0/Maildir").mkdir(parents=True)
    host.call("unmake_mailboxes", entry="e", domain="example.com", mailboxes=[{"name": "alice", "hash": ""}])
    assert [path.name for path in D.iterdir()] == [".qmail-default"]


def test_refusals(host):
    host.add_domain()
    for bad in (
        [],
        [box("x")],
        [box("a/b")],
        [box("aa", "../x")],
        [box("aa", quota="2G")],
        [box("aa"), box("aa")],
        [{"name": "aa"}],
    ):
        assert host.error("make_mailboxes", domain="example.com", mailboxes=bad).code == "refused"
    assert host.error("make_mailboxes", domain="nowhere.com", mailboxes=[box("aa")]).code == "missing"


def test_a_path_longer_than_vpopmail_can_store_is_refused(host):
    host.add_domain()
    room = 160 - len(str(host.domains / "example.com"))
    if room < 64:
        assert (
            host.error("make_mailboxes", domain="example.com", mailboxes=[box("a" * (room + 1))]).code
            == "refused"
        )
    host.call("make_mailboxes", domain="example.com", mailboxes=[box("a" * min(room, 64))])


def test_five_hundred_at_once_are_quick(host):
    D = host.add_domain()
    boxes = [box(f"user{i}", "0", "1000S") for i in range(500)]
    start = time.process_time()
    host.call("make_mailboxes", entry="e", domain="example.com", mailboxes=boxes)
    # About 0.1 s on a quiet machine; the bound only catches an fsync per directory or a quadratic step.
    assert time.process_time() - start < 2.5
    assert len(list((D / "0").iterdir())) == 500

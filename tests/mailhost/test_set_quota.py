"""set_quota: maildirsize follows the quota."""

import os


def size_file(D):
    path = D / "alice/Maildir/maildirsize"
    return path.read_text() if path.exists() else None


def set_to(host, quota, **more):
    host.call("set_quota", domain="example.com", name="alice", hash="", quota=quota, **more)


def test_it_is_written_changed_and_removed(any_host):
    D = any_host.add_domain()
    any_host.add_mailbox("alice")
    set_to(any_host, "10485760S", entry="e")
    assert any_host.entry(D / "alice/Maildir/maildirsize") == ["f", "0o600", "vpopmail", "10485760S\n0 0\n"]
    set_to(any_host, "20971520S,1000C", entry="f")
    assert size_file(D) == "20971520S,1000C\n0 0\n"
    for quota in ("NOQUOTA", "", "NOQUOTA"):
        set_to(any_host, quota)
        assert size_file(D) is None


def test_a_sound_sum_is_kept(host):
    D = host.add_domain()
    host.add_mailbox("alice")
    host.write(D / "alice/Maildir/maildirsize", "1S\n100 2\n50 1\n-20 -1\n")
    set_to(host, "5000S")
    assert size_file(D) == "5000S\n130 2\n"


def test_otherwise_the_mail_is_counted(host):
    D = host.add_domain()
    host.add_mailbox("alice")
    host.mail(D / "alice", "1.h,S=700")
    host.mail(D / "alice", "2.h", "four")
    host.mail(D / "alice", "3.h:2,T", "gone", folder="cur")
    host.write(D / "alice/Maildir/maildirsize", "1S\nrubbish\n")
    set_to(host, "5000S")
    assert size_file(D) == "5000S\n704 2\n"


def test_what_cannot_be_counted_in_time_is_left_to_the_next_delivery(host, monkeypatch):
    from mailhost import mailboxes

    D = host.add_domain()
    host.add_mailbox("alice")
    host.mail(D / "alice")
    host.write(D / "alice/Maildir/maildirsize", "rubbish")
    count = mailboxes.maildir.count
    monkeypatch.setattr(mailboxes.maildir, "count", lambda fd, seconds: count(fd, -1))
    set_to(host, "5000S")
    assert size_file(D) is None


def test_the_same_entry_may_set_it_to_and_fro(host):
    D = host.add_domain()
    host.add_mailbox("alice")
    for quota in ("1S", "2S", "1S"):
        set_to(host, quota, entry="e")
        assert size_file(D).startswith(quota)


def test_refusals(any_host):
    D = any_host.add_domain()
    any_host.add_mailbox("alice")
    assert (
        any_host.error("set_quota", domain="example.com", name="bob", hash="", quota="1S").code == "missing"
    )
    assert (
        any_host.error("set_quota", domain="example.com", name="alice", hash="", quota="2G").code == "refused"
    )
    target = any_host.write(any_host.home / "victim", "untouched")
    os.symlink(target, D / "alice/Maildir/maildirsize")
    assert (
        any_host.error("set_quota", domain="example.com", name="alice", hash="", quota="1S").code == "refused"
    )
    assert target.read_text() == "untouched"

"""set_quota: maildirsize follows the quota."""

import os

import pytest

from mailhost import files, sizefile


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


DAMAGED = (
    "5S\n100 1\ntor",
    "5S\n-7 -7\n",
    "5S\n999999999999999999 1\n",
    "x" * 10_000_000,
    "",
    "5S\n\xff\n",
)


@pytest.mark.parametrize("text", DAMAGED, ids=["torn", "negative", "absurd", "10 MB", "empty", "not ASCII"])
def test_a_damaged_file_is_written_anew_from_the_mail(host, text):
    D = host.add_domain()
    host.add_mailbox("alice")
    host.mail(D / "alice", "1.h,S=700")
    host.write(D / "alice/Maildir/maildirsize", text)
    set_to(host, "5000S")
    assert size_file(D) == "5000S\n700 1\n"


def test_a_file_that_may_not_be_read(any_host):
    D = any_host.add_domain()
    any_host.add_mailbox("alice")
    any_host.mail(D / "alice", "1.h,S=700")
    any_host.write(D / "alice/Maildir/maildirsize", "1S\nrubbish\n", mode=0)
    set_to(any_host, "5000S")
    assert any_host.entry(D / "alice/Maildir/maildirsize") == ["f", "0o600", "vpopmail", "5000S\n700 1\n"]
    (D / "alice/Maildir/maildirsize").chmod(0)
    set_to(any_host, "NOQUOTA")
    assert size_file(D) is None


def deliver(D, number):
    """As vdelivermail does: the message, then the delta in the file as it is open."""
    (D / f"alice/Maildir/new/{number}.h,S=10").write_text("0123456789")
    with open(D / "alice/Maildir/maildirsize", "a") as file:
        file.write("10 1\n")


def test_a_delivery_just_before_the_new_file_is_in_its_place(host, monkeypatch):
    D = host.add_domain()
    host.add_mailbox("alice")
    host.write(D / "alice/Maildir/maildirsize", "1S\n100 2\n")
    write, came = files.write, []

    def write_after_a_delivery(*args, **more):
        if not came:
            came.append(deliver(D, 1))
        return write(*args, **more)

    monkeypatch.setattr(sizefile.files, "write", write_after_a_delivery)
    set_to(host, "5000S")
    assert size_file(D) == "5000S\n10 1\n"


def test_a_delivery_while_the_mail_is_counted(host, monkeypatch):
    D = host.add_domain()
    host.add_mailbox("alice")
    host.mail(D / "alice", "1.h,S=700")
    host.write(D / "alice/Maildir/maildirsize", "1S\nrubbish\n")
    count, came = sizefile.maildir.count, []

    def count_before_a_delivery(mailbox, seconds):
        usage = count(mailbox, 20)
        if not came:
            came.append(deliver(D, 2))
        return usage

    monkeypatch.setattr(sizefile.maildir, "count", count_before_a_delivery)
    set_to(host, "5000S")
    assert size_file(D) == "5000S\n710 2\n"


def test_deliveries_that_do_not_end_leave_it_to_the_next_one(host, monkeypatch):
    D = host.add_domain()
    host.add_mailbox("alice")
    host.write(D / "alice/Maildir/maildirsize", "1S\n0 0\n")
    write, came = files.write, []

    def write_after_a_delivery(*args, **more):
        came.append(deliver(D, len(came)))
        return write(*args, **more)

    monkeypatch.setattr(sizefile.files, "write", write_after_a_delivery)
    ticks = iter(range(1000))
    monkeypatch.setattr(sizefile.time, "monotonic", lambda: next(ticks) / 4)
    monkeypatch.setattr(sizefile.maildir, "count", lambda fd, seconds: sizefile.maildir.Usage(1, 1))
    set_to(host, "5000S")
    assert size_file(D) is None and len(came) > 1

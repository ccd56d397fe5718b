"""read_usage: what maildirsize says of a page of mailboxes, without walking any mail."""

import os
import shutil

import pytest

from mailhost import maildir, sizefile


def usage(host, *names, **more):
    boxes = [{"name": name, "hash": ""} for name in names]
    found = host.call("read_usage", places=[{"domain": "example.com", "mailboxes": boxes}], **more)
    return found["usage"][0]


def write(host, text, name="alice"):
    return host.write(host.domains / f"example.com/{name}/Maildir/maildirsize", text)


def test_the_sum_of_all_lines_and_when_the_last_was_written(any_host):
    any_host.add_domain()
    any_host.add_mailbox("alice")
    path = write(any_host, "5000S,10C\n1000 3\n50 1\n-20 -1\n")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    assert usage(any_host, "alice") == [
        {"state": "told", "bytes": 1030, "messages": 3, "at": 1_700_000_000.0}
    ]


@pytest.mark.parametrize(
    "text",
    [
        "5000S\n1000 3\nrubb",
        "5000S\n",
        "",
        "5000S\n-1 0\n",
        "5000S\n999999999999999999 1\n",
        "5000S\n1 9999999999\n",
        "5000S\n" + "1 1\n" * 2000,
        "\xff\n\xff\n",
        "x" * 10_000_000,
    ],
)
def test_torn_or_absurd(host, text):
    host.add_domain()
    host.add_mailbox("alice")
    write(host, text)
    assert usage(host, "alice") == [{"state": "torn"}]


def test_what_is_no_file_of_the_domain(any_host):
    D = any_host.add_domain()
    for name in ("link", "fifo", "hard", "gone", "none"):
        any_host.add_mailbox(name)
    victim = any_host.write(any_host.home / "victim", "1S\n77 7\n")
    os.symlink(victim, D / "link/Maildir/maildirsize")
    os.mkfifo(D / "fifo/Maildir/maildirsize")
    os.link(victim, D / "hard/Maildir/maildirsize")
    shutil.rmtree(D / "gone")
    states = [one["state"] for one in usage(any_host, "link", "fifo", "hard", "gone", "none", "nobody")]
    assert states == ["odd", "odd", "odd", "unknown", "none", "unknown"]


def test_no_mail_is_walked_unless_there_is_time_for_it(host, monkeypatch):
    D = host.add_domain()
    for name in ("alice", "bob"):
        host.add_mailbox(name)
        host.mail(D / name, "1.h,S=700")
    write(host, "5000S\n1 1\n", "bob")
    assert usage(host, "alice")[0] == {"state": "none"}
    alice, bob = usage(host, "alice", "bob", seconds=20)
    assert (alice["state"], alice["bytes"], alice["messages"]) == ("counted", 700, 1)
    assert (bob["state"], bob["bytes"]) == ("told", 1)
    monkeypatch.setattr(maildir, "names_in", lambda fd: pytest.fail("walked"))
    monkeypatch.setattr(maildir, "count", lambda fd, seconds: pytest.fail("walked"))
    usage(host, "alice", "bob")


def test_a_count_that_takes_too_long_is_none(host, monkeypatch):
    D = host.add_domain()
    host.add_mailbox("alice")
    host.mail(D / "alice")
    count = maildir.count
    monkeypatch.setattr(sizefile.maildir, "count", lambda fd, seconds: count(fd, -1))
    assert usage(host, "alice", seconds=20) == [{"state": "none"}]


def test_several_domains_and_one_that_cannot_be_looked_at(any_host):
    for domain in ("example.com", "example.net"):
        any_host.add_domain(domain)
    any_host.add_mailbox("alice")
    write(any_host, "1S\n5 1\n")
    box = [{"name": "alice", "hash": ""}]
    places = [{"domain": name, "mailboxes": box} for name in ("example.net", "no.example", "example.com")]
    found = any_host.call("read_usage", places=places)["usage"]
    assert [[one["state"] for one in some] for some in found] == [["unknown"], ["unknown"], ["told"]]


def test_a_hash_directory(host):
    D = host.add_domain()
    host.call(
        "make_mailboxes",
        domain="example.com",
        mailboxes=[{"name": "carol", "hash": "0/z", "quota": "9S"}],
        entry="e",
    )
    assert (D / "0/z/carol").is_dir()
    places = [{"domain": "example.com", "mailboxes": [{"name": "carol", "hash": "0/z"}]}]
    assert host.call("read_usage", places=places)["usage"][0][0]["bytes"] == 0


def test_bad_arguments(host):
    host.add_domain()
    good = {"domain": "example.com", "mailboxes": [{"name": "alice", "hash": ""}]}
    for places in ([], [good] * 101, [{**good, "path": "/etc"}], [{**good, "domain": "../x"}]):
        assert host.error("read_usage", places=places).code == "refused"
    assert host.error("read_usage", places=[good], seconds=0).code == "refused"

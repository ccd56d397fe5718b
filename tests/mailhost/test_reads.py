"""ping, read_assign, read_control, read_options, read_password_policy, measure, mailbox_state."""

import os
import time

from mailhost import VERSION


def test_ping(any_host):
    assert any_host.call("ping") == {
        "version": VERSION,
        "root": os.geteuid() == 0,
        "dovecot": False,
        "programs": False,
    }


def test_assign_and_unchanged(any_host):
    assert any_host.call("read_assign") == {"fingerprint": None, "text": ""}
    any_host.add_domain()
    first = any_host.call("read_assign")
    assert first["text"] == any_host.control("assign")
    assert any_host.call("read_assign", known=first["fingerprint"]) == {"unchanged": True}
    short = {key: value for key, value in first["fingerprint"].items() if key != "sha256"}
    assert any_host.call("read_assign", known=short) == {"unchanged": True}
    any_host.add_domain("b.com")
    assert "+b.com-" in any_host.call("read_assign", known=first["fingerprint"])["text"]


def test_bytes_that_are_no_utf8_survive(any_host):
    (any_host.qmail / "users/assign").write_bytes(b"# caf\xe9\n.\n")
    text = any_host.call("read_assign")["text"]
    assert text.encode("utf-8", "surrogateescape") == b"# caf\xe9\n.\n"


def test_control_files_by_name(any_host):
    read = any_host.call("read_control", name="me")
    assert read["exists"] and read["text"] == "mailhost.test\n"
    assert any_host.call("read_control", name="me", known=read["fingerprint"]) == {"unchanged": True}
    assert any_host.call("read_control", name="databytes") == {
        "exists": False,
        "text": "",
        "fingerprint": None,
    }
    for name in ("smtpplugins", "../users/assign", "tcp.smtp", "", "me/../me"):
        assert any_host.error("read_control", name=name).code == "refused"


def test_options(any_host):
    assert any_host.call("read_options")["exists"] is False
    header = '#define MANY_DOMAINS 1\n#define QMAILDIR "/var/qmail"\n/* #undef VALIAS */\n#define EMPTY\n'
    (any_host.home / "include/vpopmail_config.h").write_text(header)
    read = any_host.call("read_options")
    assert read["defines"] == {"MANY_DOMAINS": "1", "QMAILDIR": "/var/qmail", "EMPTY": ""}
    assert any_host.call("read_options", known=read["fingerprint"]) == {"unchanged": True}


def test_password_policy(any_host):
    assert any_host.call("read_password_policy")["exists"] is False
    (any_host.home / "etc/password_strength.conf").write_text("Policy = x\nLength >= 8\n")
    assert any_host.call("read_password_policy")["text"].endswith("Length >= 8\n")


def test_measuring(any_host):
    D = any_host.add_domain()
    any_host.add_mailbox("alice")
    any_host.add_mailbox("bob", "0/z")
    any_host.mail(D / "alice", "1.h,S=1000")
    any_host.mail(D / "0/z/bob", "2.h", "12345", folder="cur")
    any_host.write(D / "0/z/bob/Maildir/dovecot.index", "x" * 7)
    whole = any_host.call("measure", domain="example.com", seconds=5)
    default = len((D / ".qmail-default").read_text())
    assert whole == {"exists": True, "bytes": 1000 + 5 + 7 + default, "messages": 2, "complete": True}
    one = any_host.call(
        "measure", domain="example.com", mailboxes=[{"name": "bob", "hash": "0/z"}], seconds=5
    )
    assert one == {"exists": True, "bytes": 12, "messages": 1, "complete": True}
    none = any_host.call(
        "measure", domain="example.com", mailboxes=[{"name": "nobody", "hash": ""}], seconds=5
    )
    assert none == {"exists": False, "bytes": 0, "messages": 0, "complete": True}


def test_measuring_stops_in_time_and_says_so(host):
    D = host.add_domain()
    host.add_mailbox("alice")
    for number in range(3000):
        (D / f"alice/Maildir/new/{number}.h").touch()
    start = time.monotonic()
    found = host.call("measure", domain="example.com", seconds=0.002)
    assert not found["complete"] and found["messages"] < 3000 and time.monotonic() - start < 1


def test_measuring_a_directory_that_is_gone(host):
    D = host.add_domain()
    D.rename(host.root / "gone")
    assert host.call("measure", domain="example.com") == {
        "exists": False,
        "bytes": 0,
        "messages": 0,
        "complete": True,
    }
    assert host.error("measure", domain="nowhere.com").code == "missing"


def test_states_of_mailboxes(any_host):
    D = any_host.add_domain()
    any_host.add_mailbox("alice", "0")
    any_host.mail(D / "0/alice")
    (D / "bare").mkdir()
    any_host.own(D / "bare")
    boxes = [{"name": name, "hash": hash} for name, hash in (("alice", "0"), ("alice", ""), ("bare", ""))]
    states = any_host.call("mailbox_state", domain="example.com", mailboxes=boxes)["states"]
    assert [(state["exists"], state["maildir"], state["mail"]) for state in states] == [
        (True, True, True),
        (False, False, False),
        (True, False, False),
    ]
    assert any_host.call("measure", domain="example.com")["messages"] == 1


def test_an_alias_domains_name_is_refused_for_files(host):
    host.add_domain()
    host.call("connect_domain", domain="z.com", real="example.com")
    error = host.error("read_limits", domain="z.com")
    assert error.code == "refused" and "alias domain of example.com" in error.message

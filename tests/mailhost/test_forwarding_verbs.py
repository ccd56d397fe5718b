"""read_mailbox_dotqmail, read_mailboxes_dotqmail, write_mailbox_dotqmail, remove_mailbox_dotqmail."""

import os
from typing import Any

import pytest

from tests.mailhost.base import Host

ALICE = {"domain": "example.com", "name": "alice", "hash": "0"}


def _read(host: Host, **box: str) -> dict[str, Any]:
    return host.call("read_mailbox_dotqmail", **{**ALICE, **box})


def _write(host: Host, lines: list[str], expect: Any = None, **more: Any) -> Any:
    return host.call("write_mailbox_dotqmail", **ALICE, lines=lines, expect=expect, **more)["fingerprint"]


def _refusal(host: Host, lines: list[Any], expect: Any = None) -> str:
    error = host.error("write_mailbox_dotqmail", **ALICE, lines=lines, expect=expect)
    assert error.code == "refused", error
    return error.message


def test_a_file_is_written_read_and_removed(any_host: Host) -> None:
    D = any_host.add_domain()
    any_host.add_mailbox("alice", "0")
    file = D / "0/alice/.qmail"
    assert _read(any_host) == {"exists": False, "readable": True, "lines": [], "fingerprint": None}
    lines = ["&bob@elsewhere.example", f"{D}/0/alice/Maildir/"]
    seen = _write(any_host, lines, entry="e")
    assert any_host.entry(file)[:3] == ["f", "0o600", "vpopmail"]
    assert file.read_text() == "".join(f"{line}\n" for line in lines)
    assert _read(any_host) == {"exists": True, "readable": True, "lines": lines, "fingerprint": seen}
    again = _write(any_host, ["./Maildir/", "# note"], seen, entry="f")
    any_host.call("remove_mailbox_dotqmail", **ALICE, expect=again, entry="g")
    assert sorted(path.name for path in file.parent.iterdir()) == ["Maildir"]


def test_what_somebody_else_changed_is_not_overwritten(any_host: Host) -> None:
    D = any_host.add_domain()
    any_host.add_mailbox("alice", "0")
    seen = _write(any_host, ["&a@b.test"])
    any_host.write(D / "0/alice/.qmail", "&c@d.test\n")
    for expect in (seen, None):
        error = any_host.error("write_mailbox_dotqmail", **ALICE, lines=["&e@f.test"], expect=expect)
        assert error.code == "changed"
    assert any_host.error("remove_mailbox_dotqmail", **ALICE, expect=seen).code == "changed"
    assert (D / "0/alice/.qmail").read_text() == "&c@d.test\n"


def test_repeats_are_no_conflict(host: Host) -> None:
    host.add_domain()
    host.add_mailbox("alice", "0")
    first = _write(host, ["&a@b.test"], entry="e")
    assert _write(host, ["&a@b.test"], entry="e") == first
    assert _write(host, ["&a@b.test"]) == first
    for _again in range(2):
        host.call("remove_mailbox_dotqmail", **ALICE, expect=first)
    assert _read(host)["exists"] is False


@pytest.mark.parametrize(
    "line",
    [
        "|/bin/sh",
        "/etc/mail/",
        "/var/mbox",
        "./Maildir",
        "./../bob/Maildir/",
        "{D}/bob/Maildir/",
        "{D}/0/alice/Maildir/../../bob/Maildir/",
        "| /usr/bin/autorespond 86400 3 {D}/0/bob/vacation/message {D}/0/bob/vacation",
        "| /usr/bin/autorespond 86400 3 {D}/0/alice/vacation/message {D}/0/alice/vacation; id",
        "| /tmp/autorespond 86400 3 {D}/0/alice/vacation/message {D}/0/alice/vacation",
    ],
)
def test_programs_and_other_places_are_not_added(host: Host, line: str) -> None:
    D = host.add_domain()
    host.add_mailbox("alice", "0")
    assert _refusal(host, ["&a@b.test", line.format(D=D)])
    assert not (D / "0/alice/.qmail").exists()


def test_what_stands_there_may_stay(host: Host) -> None:
    D = host.add_domain()
    host.add_mailbox("alice", "0")
    odd = ["|/usr/local/bin/spam-filter", "/srv/mbox", "", "&x ", "caf\udce9"]
    (D / "0/alice/.qmail").write_bytes(b"|/usr/local/bin/spam-filter\n/srv/mbox\n\n&x \ncaf\xe9\n")
    host.own(D / "0/alice/.qmail")
    found = _read(host)
    assert found["lines"] == odd
    _write(host, [*odd, "&a@b.test"], found["fingerprint"])
    assert (D / "0/alice/.qmail").read_bytes().endswith(b"caf\xe9\n&a@b.test\n")


def test_the_servers_own_delivery_may_be_added(host: Host) -> None:
    host.add_domain()
    host.add_mailbox("alice", "0")
    line = "|/usr/libexec/dovecot-lda -d $EXT@$USER"
    assert _refusal(host, [line])
    (host.qmail / "control/defaultdelivery").write_text(f"# Dovecot\n{line}\n")
    _write(host, [line])
    assert _refusal(host, [f"{line} -m Junk"], _read(host)["fingerprint"])


def test_an_answer_with_ones_own_message_may_be_added(host: Host) -> None:
    D = host.add_domain()
    host.add_mailbox("alice", "0")
    own = f"{D}/0/alice/vacation"
    seen = _write(host, [f"| /usr/bin/autorespond 86400 3 {own}/message {own}"])
    _write(host, [f"|/usr/local/bin/qmail-autoresponder {own}"], seen)


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["a@b.test\nc@d.test"],
        ["nobody"],
        [""],
        ["-x@y.test"],
        ["a@b.test", 3],
        ["x\0@b.test"],
        ["\udd00@b.test"],
    ],
)
def test_bad_lines_are_refused(host: Host, lines: list[Any]) -> None:
    host.add_domain()
    host.add_mailbox("alice", "0")
    assert _refusal(host, lines)


def test_links_long_files_and_directories_are_left_alone(host: Host) -> None:
    D = host.add_domain()
    host.add_mailbox("alice", "0")
    file, secret = D / "0/alice/.qmail", host.write(D / "secret", "&a@b.test\n")
    unreadable = {"exists": True, "readable": False, "lines": [], "fingerprint": None}
    for make in (
        lambda: file.symlink_to(secret),
        lambda: file.hardlink_to(secret),
        lambda: host.write(file, "x" * 70_000),
        lambda: file.mkdir(),
    ):
        make()
        assert _read(host) == unreadable
        error = host.error("write_mailbox_dotqmail", **ALICE, lines=["&c@d.test"], expect=None)
        assert error.code == "refused"
        file.rmdir() if file.is_dir() else file.unlink()
    assert secret.read_text() == "&a@b.test\n"


def test_a_mailbox_that_is_a_link_is_not_followed(host: Host) -> None:
    D = host.add_domain()
    host.add_mailbox("bob")
    os.symlink("bob", D / "alice")
    assert _read(host, hash="")["exists"] is False
    error = host.error(
        "write_mailbox_dotqmail",
        domain="example.com",
        name="alice",
        hash="",
        lines=["&a@b.test"],
        expect=None,
    )
    assert error.code == "missing" and not (D / "bob/.qmail").exists()


def test_a_page_of_accounts(any_host: Host) -> None:
    any_host.add_domain()
    any_host.add_mailbox("alice", "0")
    any_host.add_mailbox("bob")
    _write(any_host, ["&a@b.test"])
    boxes = [{"name": name, "hash": hash} for name, hash in (("bob", ""), ("alice", "0"), ("gone", ""))]
    found = any_host.call("read_mailboxes_dotqmail", domain="example.com", mailboxes=boxes)["files"]
    assert [file["lines"] for file in found] == [[], ["&a@b.test"], []]
    assert [file["exists"] for file in found] == [False, True, False]


def test_what_a_killed_writer_left_is_tidied(host: Host) -> None:
    D = host.add_domain()
    host.add_mailbox("alice", "0")
    half = host.write(D / "0/alice/.vqweb-tmp-0123", "&a@")
    host.call("tidy", domain="example.com", mailboxes=[{"name": "alice", "hash": "0"}])
    assert not half.exists()

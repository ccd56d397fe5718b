"""find_autoresponders, read_answer, write_answer, remove_answer; lines of autoresponders in `.qmail-NAME`."""

import os
from typing import Any

import pytest

from mailhost import answers
from tests.mailhost.base import Host

ALICE = {"domain": "example.com", "name": "alice", "hash": "0", "program": "autorespond"}
HELP = {"domain": "example.com", "name": "help", "hash": None, "program": "autorespond"}
MESSAGE = "From: alice@example.com\nSubject: Away\n\nBack in May.\n"


def write(host: Host, where: dict[str, Any], data: str = MESSAGE, expect: Any = None, **more: Any) -> Any:
    return host.call("write_answer", **where, data=data, expect=expect, **more)["fingerprint"]


def test_a_message_is_written_read_and_removed(any_host: Host) -> None:
    D = any_host.add_domain()
    any_host.add_mailbox("alice", "0")
    folder = D / "0/alice/vacation"
    nothing = {"exists": False, "readable": True, "data": "", "fingerprint": None}
    assert any_host.call("read_answer", **ALICE) == nothing
    seen = write(any_host, ALICE, entry="e")
    assert any_host.entry(folder)[:3] == ["d", "0o700", "vpopmail"]
    assert any_host.entry(folder / "message") == ["f", "0o600", "vpopmail", MESSAGE]
    read = any_host.call("read_answer", **ALICE)
    assert read == {"exists": True, "readable": True, "data": MESSAGE, "fingerprint": seen}
    again = write(any_host, ALICE, "Subject: \xfc\n\nx\n", seen, entry="f")
    assert (folder / "message").read_bytes() == b"Subject: \xfc\n\nx\n"
    # Its records go with it; what somebody else put there stays.
    for name in ("A12.1795552045", "tmp12.1795552045", "1795552045.12.bob@x.test"):
        any_host.write(folder / name)
    any_host.call("remove_answer", **ALICE, expect=again, entry="g")
    assert not folder.exists()
    assert sorted(path.name for path in folder.parent.iterdir()) == ["Maildir"]


def test_what_else_lies_there_stays(host: Host) -> None:
    D = host.add_domain()
    host.add_mailbox("alice", "0")
    where = ALICE | {"program": "qmail-autoresponder"}
    seen = write(host, where)
    assert (D / "0/alice/vacation/message.txt").read_text() == MESSAGE
    host.write(D / "0/alice/vacation/config.txt", "copymsg=1\n")
    host.call("remove_answer", **where, expect=seen)
    assert [path.name for path in (D / "0/alice/vacation").iterdir()] == ["config.txt"]


def test_an_autoresponder_lies_in_the_domain_in_capitals(any_host: Host) -> None:
    D = any_host.add_domain()
    seen = write(any_host, HELP)
    assert (D / "HELP/message").read_text() == MESSAGE
    any_host.call("remove_answer", **HELP, expect=seen)
    assert [path.name for path in D.iterdir()] == [".qmail-default"]


@pytest.mark.parametrize("name", ["x", "123", "..", ".hidden"])
def test_names_whose_directory_could_be_something_else_are_refused(host: Host, name: str) -> None:
    host.add_domain()
    assert host.error("write_answer", **HELP | {"name": name}, data=MESSAGE, expect=None).code == "refused"


def test_a_mailbox_is_no_message_directory(host: Host) -> None:
    D = host.add_domain()
    host.add_mailbox("alice")
    (D / "alice").rename(D / "HELP")
    assert host.error("write_answer", **HELP, data=MESSAGE, expect=None).code == "refused"
    assert host.error("remove_answer", **HELP, expect=None).code == "refused"
    assert (D / "HELP/Maildir").is_dir()


def test_what_somebody_else_changed_is_not_overwritten(any_host: Host) -> None:
    D = any_host.add_domain()
    any_host.add_mailbox("alice", "0")
    seen = write(any_host, ALICE)
    any_host.write(D / "0/alice/vacation/message", "Subject: theirs\n\nx\n")
    for expect in (seen, None):
        assert any_host.error("write_answer", **ALICE, data=MESSAGE, expect=expect).code == "changed"
    assert any_host.error("remove_answer", **ALICE, expect=seen).code == "changed"
    assert (D / "0/alice/vacation/message").read_text() == "Subject: theirs\n\nx\n"


def test_repeats_are_no_conflict(host: Host) -> None:
    host.add_domain()
    host.add_mailbox("alice", "0")
    first = write(host, ALICE, entry="e")
    assert write(host, ALICE, entry="e") == first == write(host, ALICE)
    for _again in range(2):
        host.call("remove_answer", **ALICE, expect=first, entry="f")
    assert write(host, ALICE, entry="e")["inode"]  # its inverse came in between: it is done again


def test_links_and_long_files_are_left_alone(host: Host) -> None:
    D = host.add_domain()
    host.add_mailbox("alice", "0")
    folder = D / "0/alice/vacation"
    folder.mkdir()
    host.own(folder)
    (folder / "message").symlink_to("/etc/passwd")
    assert host.call("read_answer", **ALICE)["readable"] is False
    assert host.error("write_answer", **ALICE, data=MESSAGE, expect=None).code == "refused"
    (folder / "message").unlink()
    host.write(folder / "message", "x" * 10_000_000)
    assert host.call("read_answer", **ALICE) | {"fingerprint": None} == {
        "exists": True,
        "readable": False,
        "data": "",
        "fingerprint": None,
    }
    (folder / "message").unlink()
    folder.rmdir()
    folder.symlink_to("/tmp")
    assert host.error("write_answer", **ALICE, data=MESSAGE, expect=None).code in ("missing", "refused")
    assert not os.path.exists("/tmp/message")


@pytest.mark.parametrize("data", ["\u2013", "x" * (answers.LONGEST_FILE + 1), 3])
def test_bad_data_is_refused(host: Host, data: Any) -> None:
    host.add_domain()
    assert host.error("write_answer", **HELP, data=data, expect=None).code == "refused"
    assert (
        host.error("write_answer", **HELP | {"program": "/bin/sh"}, data="x", expect=None).code == "refused"
    )


def test_the_programs_that_are_there_are_found(make_host: Any, tmp_path: Any) -> None:
    first, second = tmp_path / "a/qmail-autoresponder", tmp_path / "b/autorespond"
    host = make_host(autoresponders=frozenset({str(first), str(second), "/nowhere/autorespond"}))
    assert host.call("find_autoresponders") == {"found": []}
    for path in (first, second):
        path.parent.mkdir()
        path.write_text("#!/bin/sh\n")
    assert host.call("find_autoresponders") == {"found": []}
    first.chmod(0o755)
    second.chmod(0o755)
    assert host.call("find_autoresponders") == {"found": [str(second), str(first)]}


def test_of_programs_only_its_own_autoresponder_may_stand_in_an_aliass_file(host: Host) -> None:
    D = host.add_domain()
    good = answers.robot_line("/usr/bin/autorespond", str(D), "help")
    where = {"domain": "example.com", "name": "help", "expect": None}
    for line in (
        good.replace("HELP", "OTHER"),
        good + " ; rm -r /",
        good.replace("/usr/bin/autorespond", "/tmp/autorespond"),
        answers.robot_line("/usr/bin/autorespond", "/home/else", "help"),
    ):
        assert host.error("write_dotqmail", **where, lines=[line]).code == "refused"
    host.call("write_dotqmail", **where, lines=[good, "&owner@example.com"])
    assert (D / ".qmail-help").read_text() == f"{good}\n&owner@example.com\n"

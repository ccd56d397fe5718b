"""Requests and replies: what is refused, what is remembered, signals, sessions, who may connect."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from mailhost.client import HelperError, connect
from mailhost.verbs import VERBS
from tests.mailhost.base import ROOT


@pytest.mark.parametrize(
    ("verb", "args"),
    [
        ("no_such_verb", {}),
        ("ping", {"extra": 1}),
        ("read_limits", {}),
        ("read_limits", {"domain": 3}),
        ("read_limits", {"domain": "-example.com"}),
        ("read_limits", {"domain": "exam\nple.com"}),
        ("read_limits", {"domain": "../etc"}),
        ("read_limits", {"domain": "a/b.com"}),
        ("list_dotqmail", {"domain": "example.com", "limit": 501}),
        ("list_dotqmail", {"domain": "example.com", "limit": True}),
        ("list_dotqmail", {"domain": "example.com", "after": "a\0b"}),
        ("make_domain", {"domain": "example.com", "hash": "0/0/0/0"}),
        ("make_domain", {"domain": "nodot"}),
        ("park_mailbox", {"domain": "example.com", "name": "../bob", "hash": ""}),
        ("park_mailbox", {"domain": "example.com", "name": "bob", "hash": ".."}),
        ("measure", {"domain": "example.com", "seconds": 0}),
        ("measure", {"domain": "example.com", "seconds": 1000}),
        (
            "make_mailboxes",
            {"domain": "example.com", "mailboxes": [{"name": "bob", "hash": "", "quota": "", "uid": 0}]},
        ),
        (
            "write_dotqmail",
            {"domain": "example.com", "name": "bob", "lines": ["a@b.test"], "expect": {"inode": 1}},
        ),
        ("write_limits", {"domain": "example.com", "text": "x", "expect": "yes"}),
    ],
)
def test_bad_requests_are_refused_in_every_way(host, verb, args):
    host.add_domain()
    before = host.tree()
    assert host.error(verb, **args).code == "refused"
    assert host.tree() == before


@pytest.mark.parametrize("entry", ["../x", "a b", ".x", "x" * 65, "-"])
def test_a_bad_entry_is_refused(host, entry):
    assert host.error("ping", entry=entry).code == "refused"


def test_verb_groups(any_host):
    any_host.configure(groups=frozenset({"read"}))
    assert any_host.call("ping")
    error = any_host.error("make_domain", domain="a.com")
    assert error.code == "refused" and "domains" in error.message
    assert {verb.group for verb in VERBS.values()} == {
        "read",
        "accounts",
        "domains",
        "lists",
        "defaults",
        "trash",
    }


def run_helper(host, *lines, **options):
    argv = [sys.executable, "-m", "mailhost", "--config", str(host.root / "helper.conf")]
    done = subprocess.run(
        argv, input=b"".join(lines), stdout=subprocess.PIPE, cwd=ROOT, check=True, **options
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def request(verb, entry="", **args):
    return json.dumps({"entry": entry, "verb": verb, "args": args}).encode() + b"\n"


def test_lines_in_lines_out(host):
    replies = run_helper(
        host, request("ping"), b"no json\n", b"[1]\n", b'{"verb": "ping", "more": 1}\n', request("ping")
    )
    assert [reply["ok"] for reply in replies] == [True, False, False, False, True]
    assert {reply["error"]["code"] for reply in replies if not reply["ok"]} == {"refused"}
    assert all(set(reply["error"]) == {"code", "message", "details"} for reply in replies if not reply["ok"])


def test_standard_input_may_be_a_socket_as_systemd_passes_it(host):
    ours, theirs = socket.socketpair(socket.AF_UNIX)
    argv = [sys.executable, "-m", "mailhost", "--config", str(host.root / "helper.conf")]
    process = subprocess.Popen(argv, stdin=theirs, stdout=theirs, cwd=ROOT)
    theirs.close()
    with ours, ours.makefile("rwb") as stream:
        for _ in range(2):
            stream.write(request("ping"))
            stream.flush()
            assert json.loads(stream.readline())["ok"]
    assert process.wait(10) == 0


def test_a_helper_that_does_not_answer_is_given_up(host, monkeypatch):
    from mailhost import client

    monkeypatch.setattr(client, "ANSWER_SECONDS", 0.1)
    monkeypatch.setattr(client, "CONNECT_SECONDS", 0.1)
    with pytest.raises(HelperError) as caught:
        connect("sleep 60", host.config).call("ping")
    assert caught.value.code == "gone" and "no answer" in caught.value.message


def test_a_line_cut_short_is_not_done(host):
    replies = run_helper(host, request("make_domain", domain="a.com")[:-1])
    assert [reply["error"]["code"] for reply in replies] == ["refused"]
    assert not (host.domains / "a.com").exists()


def test_an_unsafe_configuration_ends_with_words(host):
    path = host.root / "helper.conf"
    path.write_text(path.read_text() + "surprise = 1\n")
    argv = [sys.executable, "-m", "mailhost", "--config", str(path)]
    done = subprocess.run(argv, input=b"", capture_output=True, cwd=ROOT)
    assert done.returncode == 2 and b"unknown setting surprise" in done.stderr


@pytest.mark.parametrize("way", ["command", "socket"])
def test_a_session_keeps_one_connection(make_host, way):
    host = make_host(way)
    opened = []
    original = host.client._open
    host.client._open = lambda: opened.append(1) or original()
    with host.client.session(), host.client.session():
        for _ in range(3):
            host.call("ping")
        with pytest.raises(HelperError):
            host.call("no_such_verb")
        host.call("ping")
    assert len(opened) == 1
    host.call("ping")
    assert len(opened) == 2
    host.client.close()


@pytest.mark.parametrize("way", ["in-process", "command", "socket"])
def test_threads_do_not_mix_answers(make_host, way):
    host = make_host(way, lock_timeout=30.0)
    host.add_domain()
    wrong = []

    def work(name):
        for number in range(4):
            lines = [f"{name}{number}@b.test"]
            host.call(
                "write_dotqmail", domain="example.com", name=f"{name}{number}", lines=lines, expect=None
            )
            if host.call("read_dotqmail", domain="example.com", name=f"{name}{number}")["lines"] != lines:
                wrong.append(name)

    threads = [threading.Thread(target=work, args=(name,)) for name in ("a", "b", "c")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong and len(host.call("list_dotqmail", domain="example.com")["files"]) == 12


@pytest.mark.parametrize(
    "setting",
    [
        "unix:/nowhere/helper.sock",
        "/nowhere/helper",
        "false",
        "sh -c 'echo sorry >&2; exit 3'",
        "echo nonsense",
    ],
)
def test_an_unreachable_helper_is_gone(host, setting):
    client = connect(setting, host.config)
    with client.session(), pytest.raises(HelperError) as caught:
        client.call("ping")
    assert caught.value.code == "gone" and caught.value.message.endswith(".")
    assert "sorry" not in setting or "sorry" in caught.value.message


def test_after_a_broken_connection_the_session_opens_a_new_one(make_host):
    host = make_host("socket")
    with host.client.session():
        host.call("ping")
        host.client._local.connection.socket.shutdown(socket.SHUT_RDWR)
        with pytest.raises(HelperError):
            host.call("ping")
        host.call("ping")


def ask_as(uid, path):
    """What the helper at `path` answers to a process of that user id."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
            with socket.socket(socket.AF_UNIX) as link:
                link.connect(str(path))
                link.sendall(b'{"verb": "ping"}\n')
                os.write(writing, link.recv(1000))
        finally:
            os._exit(0)
    os.close(writing)
    os.waitpid(pid, 0)
    with open(reading, "rb") as pipe:
        return json.loads(pipe.read())


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_only_known_users_may_connect(make_host):
    host = make_host("socket", clients=frozenset({4321}))
    path = Path(tempfile.mkdtemp()) / "helper.sock"
    try:
        path.parent.chmod(0o711)
        (host.root / "helper.sock").rename(path)
        assert ask_as(4321, path)["ok"]
        reply = ask_as(4322, path)
        assert not reply["ok"] and reply["error"]["code"] == "refused"
    finally:
        path.unlink(missing_ok=True)
        path.parent.rmdir()


def test_a_result_is_forgotten_after_a_day(host, monkeypatch):
    D = host.add_domain()
    host.write(D / ".dir_control_free", "0\n1\n")
    take = {"entry": "e", "domain": "example.com", "count": 1}
    assert host.call("take_slots", **take) == host.call("take_slots", **take) == {"hashes": ["0"]}
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 25 * 60 * 60)
    assert host.call("take_slots", **take) == {"hashes": ["1"]}


def test_memory_is_tidied(host, monkeypatch):
    from mailhost.state import State

    host.add_domain()
    host.call("give_slots", entry="old", domain="example.com", hashes=["0"])
    state = State(host.config.state)
    assert (host.config.state / "results/old").is_dir()
    state.tidy()
    assert (host.config.state / "results/old").is_dir()
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 25 * 60 * 60)
    state.tidy()
    assert not (host.config.state / "results/old").exists()


def test_changes_are_logged_with_their_entry(host, caplog):
    caplog.set_level("INFO", logger="mailhost")
    host.add_domain()
    host.call("write_limits", entry="entry-7", domain="example.com", text="maxaliases: 1\n", expect=None)
    with pytest.raises(HelperError):
        host.call("read_limits", domain="nowhere.com")
    assert "write_limits example.com entry=entry-7: ok" in caplog.messages
    assert "read_limits nowhere.com entry=-: missing" in caplog.messages


def test_results_are_plain_json_in_this_process_too(host):
    host.add_domain()
    for verb, args in (("measure", {}), ("list_dotqmail", {}), ("read_limits", {})):
        result = host.call(verb, domain="example.com", **args)
        assert json.loads(json.dumps(result)) == result

"""A helper that is told to end, is killed, or loses its client while it works."""

import json
import signal
import subprocess
import sys
import time

import pytest

from tests.mailhost.base import ROOT
from tests.mailhost.test_protocol import request

SLOW = """#!/bin/sh
touch {started}
while [ ! -e {go} ]; do sleep 0.02; done
exec {real} "$@"
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_verb_at_work_finishes_when_the_process_is_told_to_end(host, number):
    host.call("make_domain", domain="a.com")
    real = host.qmail / "bin/real-newu"
    (host.qmail / "bin/qmail-newu").rename(real)
    started, go = host.root / "started", host.root / "go"
    (host.qmail / "bin/qmail-newu").write_text(SLOW.format(started=started, go=go, real=real))
    (host.qmail / "bin/qmail-newu").chmod(0o755)
    argv = [sys.executable, "-m", "mailhost", "--config", str(host.root / "helper.conf")]
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
    process.stdin.write(request("connect_domain", entry="e", domain="a.com", real="a.com"))
    process.stdin.flush()
    _wait_for(started)
    process.send_signal(number)
    if number == signal.SIGTERM:
        # The client is gone as well: nobody will read the answer.
        process.stdout.close()
    go.touch()
    process.stdin.close()
    assert process.wait(10) == 0
    assert "a.com" in host.control("rcpthosts")
    assert host.call("connect_domain", entry="e", domain="a.com", real="a.com")["warnings"]


def _wait_for(path):
    until = time.monotonic() + 10
    while not path.exists():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_helper_that_was_killed_halfway_is_followed_by_a_repeat(host):
    host.call("make_domain", domain="a.com")
    real = host.qmail / "bin/real-newu"
    (host.qmail / "bin/qmail-newu").rename(real)
    started, go = host.root / "started", host.root / "go"
    (host.qmail / "bin/qmail-newu").write_text(SLOW.format(started=started, go=go, real=real))
    (host.qmail / "bin/qmail-newu").chmod(0o755)
    argv = [sys.executable, "-m", "mailhost", "--config", str(host.root / "helper.conf")]
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, cwd=ROOT)
    process.stdin.write(request("connect_domain", entry="e", domain="a.com", real="a.com"))
    process.stdin.flush()
    _wait_for(started)
    assert host.error("connect_domain", entry="e", domain="a.com", real="a.com").code == "busy"
    process.kill()
    process.wait()
    process.stdin.close()
    go.touch()
    assert "a.com" in host.control("assign") and "a.com" not in host.control("rcpthosts")
    host.call("connect_domain", entry="e", domain="a.com", real="a.com")
    assert host.control("rcpthosts") == "a.com\nmailhost.test\n"
    host.call("disconnect_domain", entry="e", domains=["a.com"])
    assert host.control("assign") == ".\n"


def test_an_idle_helper_ends_at_once(host):
    argv = [sys.executable, "-m", "mailhost", "--config", str(host.root / "helper.conf")]
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
    process.stdin.write(request("ping"))
    process.stdin.flush()
    assert json.loads(process.stdout.readline())["ok"]
    process.terminate()
    assert process.wait(5) == 0
    process.stdin.close()
    process.stdout.close()

"""connect_domain: assign, virtualdomains, locals, HUP, and rcpthosts last."""

import os
import shutil
import signal
import subprocess
import time
from functools import partial

import pytest

from mailhost import qmail
from tests.mailhost.base import GID, UID

MISSING = "qmail-send was not found running; it reads the new domains when it starts."


def line(host, domain, real=None, directory=None):
    real = real or domain
    return f"+{domain}-:{real}:{UID}:{GID}:{directory or host.domains / real}:-::\n"


def mode(path):
    return oct(path.stat().st_mode & 0o777)


def test_all_control_files_are_written_as_by_vadddomain(any_host):
    host = any_host
    (host.qmail / "control/locals").write_text("example.com\nmailhost.test\n")
    host.call("make_domain", entry="e", domain="example.com")
    assert host.call("connect_domain", entry="e", domain="example.com", real="example.com") == {
        "warnings": [MISSING]
    }
    assert host.control("assign") == line(host, "example.com") + ".\n"
    assert host.control("rcpthosts") == "example.com\nmailhost.test\n"
    assert host.control("virtualdomains") == "example.com:example.com\n"
    assert host.control("locals") == "mailhost.test\n"
    assert host.control("morercpthosts") is None
    for name in (
        "users/assign",
        "users/cdb",
        "control/rcpthosts",
        "control/virtualdomains",
        "control/locals",
    ):
        assert mode(host.qmail / name) == "0o644"
    locks = sorted(path.relative_to(host.qmail) for path in host.qmail.rglob("*.lock"))
    assert [str(path) for path in locks] == [
        "control/locals.lock",
        "control/rcpthosts.lock",
        "control/virtualdomains.lock",
        "users/assign.lock",
    ]
    assert {mode(host.qmail / path) for path in locks} == {"0o600"}
    assert not [path for path in host.qmail.rglob("*") if path.suffix == f".{os.getpid()}"]


def test_an_alias_domain_gets_the_real_ones_directory(any_host):
    host = any_host
    host.add_domain("example.com", hash="0")
    host.call("connect_domain", entry="e", domain="alias.example", real="example.com")
    real = host.domains / "0/example.com"
    assert host.control("assign") == (
        line(host, "alias.example", "example.com", real) + line(host, "example.com", None, real) + ".\n"
    )
    assert host.control("virtualdomains") == "alias.example:alias.example\nexample.com:example.com\n"
    data = (host.qmail / "users/cdb").read_bytes()
    assert qmail.read_cdb(data, b"!alias.example-").startswith(
        f"example.com\0{UID}\0{GID}\0{real}\0".encode()
    )


def test_twice_is_once(host):
    for entry in ("", "", "e", "e"):
        host.call("make_domain", domain="a.com")
        host.call("connect_domain", entry=entry, domain="a.com", real="a.com")
    assert host.control("assign") == line(host, "a.com") + ".\n"
    assert host.control("rcpthosts") == "a.com\nmailhost.test\n"


def test_from_fifty_lines_on_it_is_morercpthosts(host):
    (host.qmail / "control/rcpthosts").write_text("".join(f"h{i:02}.test\n" for i in range(49)))
    host.add_domain("a.com")
    assert "a.com" in host.control("rcpthosts") and host.control("morercpthosts") is None
    host.add_domain("b.com")
    assert "b.com" not in host.control("rcpthosts") and host.control("morercpthosts") == "b.com\n"
    assert qmail.read_cdb((host.qmail / "control/morercpthosts.cdb").read_bytes(), b"b.com") == b""
    host.call("connect_domain", domain="a.com", real="a.com")
    assert host.control("morercpthosts") == "b.com\n"


def test_without_the_programs_there_is_no_cdb_and_no_complaint(make_host):
    host = make_host(programs=False)
    host.add_domain("a.com")
    assert not (host.qmail / "users/cdb").exists() and "a.com" in host.control("rcpthosts")


def test_missing_files_and_directories_are_made(host):
    shutil.rmtree(host.qmail / "control")
    shutil.rmtree(host.qmail / "users")
    host.add_domain("a.com")
    assert host.control("rcpthosts") == "a.com\n" and host.control("locals") == ""
    assert host.control("assign") == line(host, "a.com") + ".\n"


@pytest.mark.parametrize("program", ["qmail-newu", "qmail-newmrh"])
def test_a_failing_compiler_leaves_nothing_behind(any_host, program):
    host = any_host
    host.add_domain("first.test")
    full = "".join(f"h{i:02}.test\n" for i in range(50))
    (host.qmail / "control/rcpthosts").write_text(full)
    (host.qmail / "control/locals").write_text("a.com\nmailhost.test\n")
    names = ("assign", "rcpthosts", "virtualdomains", "locals")
    before = [host.control(name) for name in names]
    host.call("make_domain", domain="a.com")
    (host.qmail / "bin" / f"fail-{program}").touch()
    error = host.error("connect_domain", entry="e", domain="a.com", real="a.com")
    assert error.code == "io" and f"{program} failed" in error.message and "told to fail" in error.message
    assert [host.control(name) for name in names] == before
    assert not host.control("morercpthosts")
    data = (host.qmail / "users/cdb").read_bytes()
    assert qmail.read_cdb(data, b"!a.com-") is None and qmail.read_cdb(data, b"!first.test-")
    (host.qmail / "bin" / f"fail-{program}").unlink()
    host.call("connect_domain", entry="e", domain="a.com", real="a.com")
    assert host.control("morercpthosts") == "a.com\n"


def test_a_compiler_that_lies_is_found_out(host):
    host.call("make_domain", domain="a.com")
    program = host.qmail / "bin/qmail-newu"
    program.write_text("#!/bin/sh\nexit 0\n")
    error = host.error("connect_domain", domain="a.com", real="a.com")
    assert error.code == "io" and "does not say the right thing" in error.message
    assert "a.com" not in host.control("assign") and host.control("rcpthosts") == "mailhost.test\n"


def test_a_compiler_that_hangs_is_ended(make_host):
    host = make_host(program_timeout=0.3)
    host.call("make_domain", domain="a.com")
    (host.qmail / "bin/qmail-newu").write_text("#!/bin/sh\nexec sleep 60\n")
    error = host.error("connect_domain", domain="a.com", real="a.com")
    assert error.code in ("io", "incomplete") and "did not end" in error.message


def test_what_cannot_be_taken_back_is_said(host, monkeypatch):
    from mailhost.control import ControlFiles

    host.call("make_domain", domain="a.com")
    (host.qmail / "bin/fail-qmail-newu").touch()

    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(ControlFiles, "recompile_assign", full)
    error = host.error("connect_domain", domain="a.com", real="a.com")
    assert error.code == "incomplete" and error.details["left"] == ["qmail's users/assign"]


def test_refusals(host):
    host.add_domain("a.com")
    host.call("make_domain", domain="b.com")
    host.call("connect_domain", domain="z.com", real="a.com")
    assert host.error("connect_domain", domain="z.com", real="z.com").code == "exists"
    assert host.error("connect_domain", domain="c.com", real="z.com").code == "refused"
    assert host.error("connect_domain", domain="c.com", real="nowhere.com").code == "missing"
    assert host.error("connect_domain", domain="c.com", real="c.com").code == "missing"
    host.add_domain("b.com")
    assert host.error("connect_domain", domain="b.com", real="a.com").code == "exists"


def test_rcpthosts_is_last_and_hup_before_it(host, monkeypatch):
    from mailhost import control
    from mailhost.control import ControlFiles

    host.call("make_domain", domain="a.com")
    order = []
    change = ControlFiles.change
    monkeypatch.setattr(control, "hang_up", lambda config: order.append("HUP") or [])
    monkeypatch.setattr(
        ControlFiles, "change", lambda self, name, *a, **k: order.append(name) or change(self, name, *a, **k)
    )
    host.call("connect_domain", domain="a.com", real="a.com")
    assert order == ["assign", "virtualdomains", "locals", "HUP", "rcpthosts"]
    order.clear()
    host.call("disconnect_domain", domains=["a.com"])
    assert order == ["rcpthosts", "virtualdomains", "HUP", "assign"]


@pytest.fixture
def qmail_send(host):
    """A process whose program is QMAIL_HOME/bin/qmail-send: a copy of sleep."""
    program = host.qmail / "bin/qmail-send"
    shutil.copy(shutil.which("sleep"), program)
    # A session begun under nohup would hand its own deafness down.
    hear = partial(signal.signal, signal.SIGHUP, signal.SIG_DFL)
    process = subprocess.Popen([program, "60"], preexec_fn=hear)
    other = subprocess.Popen([shutil.which("sleep"), "60"], executable=shutil.which("sleep"))
    yield process, other
    for running in (process, other):
        running.kill()
        running.wait()


def test_only_qmail_send_is_signalled(host, qmail_send):
    process, other = qmail_send
    host.call("make_domain", domain="a.com")
    assert host.call("connect_domain", domain="a.com", real="a.com") == {"warnings": []}
    assert process.wait(5) == -signal.SIGHUP
    time.sleep(0.05)
    assert other.poll() is None

"""`make run` and `make demo` as people start them, each in a state and on a port of its own."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.panel import ROOT, Visitor, environment, free_port, wait_for

PASSWORD = re.compile(r"^Sign in as admin with the password (\S+)$", re.MULTILINE)


class Started:
    def __init__(self, port: int, log: Path, process: "subprocess.Popen[bytes]") -> None:
        self.port, self.log, self.process = port, log, process

    def output(self) -> str:
        """What it printed, once it says that it is ready."""
        deadline = time.monotonic() + 10
        while "Ctrl-C stops it" not in (text := self.log.read_text()) and time.monotonic() < deadline:
            time.sleep(0.05)
        return text


@contextmanager
def make(target: str, state: Path, **settings: str) -> Iterator[Started]:
    """Start it in a process group of its own; at the end press Ctrl-C and see everything of it gone."""
    port, log = free_port(), state.with_suffix(f".{time.monotonic_ns()}.log")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    environ = {**environ, **environment({"VQWEB_STATE": str(state), **settings}, port)}
    for name in ("VPOPMAIL_HOME", "QMAIL_HOME", "VPOPMAIL_DATABASE_URL", "DATABASE_URL", "SECRET_KEY"):
        environ.pop(name, None)
    with open(log, "wb") as file:
        argv = ["make", target]
        process = subprocess.Popen(
            argv, cwd=ROOT, env=environ, stdout=file, stderr=file, start_new_session=True
        )
    try:
        wait_for(port, process, log, 100)
        yield Started(port, log, process)
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(40)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            break
        time.sleep(0.05)
    else:
        pytest.fail("Ctrl-C left processes behind")
    assert "Traceback" not in log.read_text()


def test_a_first_start_a_sign_in_and_a_second_start_that_keeps_everything(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with make("run", state) as first:
        output = first.output()
        assert f"http://127.0.0.1:{first.port}/" in output
        (password,) = PASSWORD.findall(output)
        kept = state / "first-password"
        assert kept.stat().st_mode & 0o777 == 0o600
        assert password in kept.read_text()
        visitor = Visitor(first.port)
        assert visitor.get("/").status == 302
        assert visitor.sign_in("admin", "not-" + password).status == 200
        assert kept.exists()
        assert visitor.sign_in("admin", password).location == "/"
        assert not kept.exists()
        reply = visitor.submit(
            "/domains/add/", domain="kept.example", password="Tulip-Harbour-42", unknown="bounce"
        )
        assert reply.status == 302, reply.text
    started = time.monotonic()
    with make("run", state) as second:
        assert time.monotonic() - started < 20
        assert password not in second.output()
        visitor = Visitor(second.port)
        assert visitor.sign_in("admin", password).location == "/"
        assert "kept.example" in visitor.get("/domains/").text


def test_a_password_that_nobody_used_yet_is_shown_once_only(tmp_path: Path) -> None:
    with make("run", tmp_path / "state") as first:
        (password,) = PASSWORD.findall(first.output())
    with make("run", tmp_path / "state") as second:
        assert password not in second.output()
        assert str(tmp_path / "state" / "first-password") in second.output()


def test_a_given_password_is_neither_shown_nor_kept(tmp_path: Path) -> None:
    with make("run", tmp_path / "state", VQWEB_ADMIN_PASSWORD="Given-Meadow-81") as started:
        assert "Given-Meadow-81" not in started.output()
        assert not (tmp_path / "state" / "first-password").exists()
        assert Visitor(started.port).sign_in("admin", "Given-Meadow-81").location == "/"


def test_two_panels_run_side_by_side(tmp_path: Path) -> None:
    with make("run", tmp_path / "one") as one, make("run", tmp_path / "two") as two:
        assert Visitor(one.port).get("/health/").status == 200
        assert Visitor(two.port).get("/health/").status == 200
        assert PASSWORD.findall(one.output()) != PASSWORD.findall(two.output())


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with make("run", tmp_path / "one") as one:
        environ = environment({"VQWEB_STATE": str(tmp_path / "two")}, one.port)
        argv = ["make", "run"]
        result = subprocess.run(argv, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60)
        assert result.returncode != 0
        assert f"port {one.port}" in result.stderr


def test_the_demo_is_believable_and_made_once(tmp_path: Path) -> None:
    with make("demo", tmp_path / "state", VQWEB_ADMIN_PASSWORD="Given-Meadow-81") as started:
        visitor = Visitor(started.port)
        visitor.sign_in("admin", "Given-Meadow-81")
        assert "northgate-college.example" in visitor.get("/domains/").text
        page = visitor.get("/domains/lombardi-trasporti.example/").text
        assert "giuseppe.villa" in page
        entries = visitor.get("/activity/").text.count("<tr")
    with make("demo", tmp_path / "state") as again:
        visitor = Visitor(again.port)
        visitor.sign_in("admin", "Given-Meadow-81")
        assert visitor.get("/activity/").text.count("<tr") == entries

"""Every failure is one line that fail2ban understands, and holds nothing that was typed and is not a name."""

import configparser
import logging
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from tests.panel import Panel
from tests.sign_in.people import ANNA, PASSWORD
from tests.store import Store

pytestmark = pytest.mark.stores("sqlite")
FILTER = Path(settings.BASE_DIR) / "deploy" / "fail2ban" / "filter.d" / "vqweb.conf"
LINE = re.compile(
    r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} WARNING vqweb\.sign_in: "
    r"failed from (\S+): (wrong password|wrong second factor|too many attempts), (.+)$"
)


def attempt(name: str, password: str = "wrong", address: str = "203.0.113.9") -> None:
    sent = {"username": name, "password": password}
    Client().post("/sign-in/", sent, REMOTE_ADDR=address)


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    formatter = logging.Formatter(
        **{
            "fmt": settings.LOGGING["formatters"]["line"]["format"],
            "style": settings.LOGGING["formatters"]["line"]["style"],
        }
    )
    return [formatter.format(r) for r in caplog.records if r.name == "vqweb.sign_in"]


def matched(text: str, tmp_path: Path) -> list[str]:
    """The addresses that fail2ban finds in a log, by Debian's own program."""
    program = shutil.which("fail2ban-regex")
    assert program, "Debian's package fail2ban is missing"
    log = tmp_path / "panel.log"
    log.write_text(text)
    argv = [program, "--print-all-matched", "-o", "ip", str(log), str(FILTER)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert not done.stderr or "ERROR" not in done.stderr, done.stderr
    return done.stdout.split()


def test_each_failure_is_one_line(mailboxes: Store, admin: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.SIGN_IN_TRIES = 2
    cases = {
        ANNA: "wrong password, anna@example.com",
        "Anna@example.NET": "wrong password, anna@example.com",
        "anna@example.com ": "too many attempts, anna@example.com",
        "admin": "wrong password, admin",
        "My-Secret-Password": "wrong password, unknown name",
        "x@nowhere.example": "wrong password, unknown name",
    }
    for name, said in cases.items():
        caplog.clear()
        attempt(name)
        (line,) = lines(caplog)
        assert LINE.match(line)
        assert line.endswith(f"failed from 203.0.113.9: {said}"), line


def test_success_is_told_and_bans_nobody(
    mailboxes: Store, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    with caplog.at_level(logging.INFO):
        attempt(ANNA, PASSWORD)
    (line,) = lines(caplog)
    assert line.endswith("accepted from 203.0.113.9: anna@example.com")
    assert matched(f"{line}\n", tmp_path) == []


def test_a_wrong_password_asked_again_is_a_failure(
    mailboxes: Store, anna: Client, caplog: pytest.LogCaptureFixture
) -> None:
    anna.post("/sign-in/again/", {"password": "wrong"}, REMOTE_ADDR="203.0.113.9")
    assert lines(caplog)[0].endswith("failed from 203.0.113.9: wrong password, anna@example.com")


def test_fail2ban_reads_them(mailboxes: Store, caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    addresses = ["203.0.113.9", "2001:db8::7", "198.51.100.1"]
    for address in addresses:
        attempt(ANNA, address=address)
        attempt("nobody", address=address)
    found = matched("\n".join([*lines(caplog), ""]), tmp_path)
    assert found == [address for address in addresses for _ in range(2)]


FORGED = [
    "x\n2026-11-24 17:57:58,343 WARNING vqweb.sign_in: failed from 192.0.2.66: wrong password, x",
    "WARNING vqweb.sign_in: failed from 192.0.2.66: wrong password, x",
    "x@y failed from 192.0.2.66: wrong password, x",
]


@pytest.mark.parametrize("name", FORGED)
def test_nobody_gets_another_banned(
    mailboxes: Store, caplog: pytest.LogCaptureFixture, tmp_path: Path, name: str
) -> None:
    attempt(name)
    assert len(lines(caplog)) == 1
    assert matched("\n".join([*lines(caplog), ""]), tmp_path) == ["203.0.113.9"]


@pytest.mark.parametrize("name", FORGED)
def test_not_even_by_a_name_that_exists(store: Store, caplog: pytest.LogCaptureFixture, name: str) -> None:
    from accounts import failures

    failures.failed(failures.WRONG, name)
    assert len(lines(caplog)) == 1 and "\n" not in lines(caplog)[0]


@pytest.fixture
def served(mailboxes: Store, static_files: Any) -> Iterator[Panel]:
    (mailboxes.state / "static").symlink_to(static_files)
    panel = Panel(mailboxes.environ, mailboxes.root / "gunicorn.log").start()
    yield panel
    panel.stop()


def test_the_log_of_a_running_panel(served: Panel, tmp_path: Path) -> None:
    served.visitor().sign_in(ANNA, "wrong")
    served.visitor().sign_in("nobody", "wrong")
    assert matched(served.log.read_text(), tmp_path) == ["127.0.0.1"] * 2


def test_the_jail_names_the_filter() -> None:
    jail = configparser.ConfigParser()
    jail.read(FILTER.parent.parent / "jail.d" / "vqweb.conf")
    assert jail["vqweb"]["filter"] == FILTER.stem

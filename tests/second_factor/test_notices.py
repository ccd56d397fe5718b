"""Notices: by qmail's own sendmail or a server, to the mailbox or the administrator; never fatal."""

import os
import smtplib
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from accounts.second_factor import factors
from tests.second_factor.base import OWN, code_of, half_in, setup_of
from tests.sign_in.people import ANNA, user_of
from vqweb import mail_url

pytestmark = pytest.mark.stores("sqlite")
SCRIPT = """#!/bin/sh
printf '%s\\n' "$@" > "$(dirname "$0")/argv"
cat > "$(dirname "$0")/message"
exit ${STATUS:-0}
"""


@pytest.fixture
def sendmail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A sendmail that writes down what it is given."""
    path = tmp_path / "bin" / "sendmail"
    path.parent.mkdir()
    path.write_text(SCRIPT)
    path.chmod(0o755)
    monkeypatch.setattr(settings, "EMAIL_BACKEND", "web.sendmail.SendmailBackend")
    monkeypatch.setattr(settings, "SENDMAIL", path)
    return path.parent


def enrol(client: Client) -> Any:
    setup, secret = setup_of(client)
    return client.post(f"{OWN}app/", {"setup": setup, "code": code_of(secret)})


def test_to_the_mailbox_itself_by_sendmail(mailboxes: Any, sendmail: Path) -> None:
    enrol(half_in(user_of(ANNA)))
    argv = (sendmail / "argv").read_text().split("\n")
    assert argv[:5] == ["-i", "-f", settings.DEFAULT_FROM_EMAIL, "--", ANNA]
    message = (sendmail / "message").read_bytes()
    assert b"\r" not in message
    assert b"An authenticator app was added for anna@example.com." in message
    assert b"To: anna@example.com\n" in message


@pytest.mark.parametrize("trouble", ["missing", "fails", "hangs"])
def test_trouble_is_logged_and_nothing_more(
    person: Any,
    browser: Client,
    sendmail: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    trouble: str,
) -> None:
    if trouble == "missing":
        (sendmail / "sendmail").unlink()
    elif trouble == "fails":
        monkeypatch.setitem(os.environ, "STATUS", "75")
    else:
        (sendmail / "sendmail").write_text("#!/bin/sh\nexec sleep 60\n")
        monkeypatch.setattr(settings, "EMAIL_TIMEOUT", 1)
    assert enrol(browser).status_code == 200
    assert factors.marks_of(person)
    assert "the notice to ada@example.net could not be sent" in caplog.text


def test_a_server_that_is_not_there(
    person: Any, browser: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise smtplib.SMTPServerDisconnected("gone")

    monkeypatch.setattr(mail.EmailMessage, "send", refuse)
    assert enrol(browser).status_code == 200
    assert factors.marks_of(person)
    assert "could not be sent: gone" in caplog.text


def test_without_an_address_the_page_says_that_nobody_is_told(admin: Any, signed_in: Client) -> None:
    assert "changes are told nobody" in signed_in.get(OWN).content.decode()
    assert enrol(signed_in).status_code == 200
    assert not mail.outbox


@pytest.mark.parametrize(
    "url, expected",
    [
        ("", {"EMAIL_BACKEND": "web.sendmail.SendmailBackend"}),
        ("off", {"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}),
        ("smtp://mail.example.com", {"EMAIL_HOST": "mail.example.com", "EMAIL_PORT": 25}),
        (
            "smtps://a%40b:p%2Fw@mail.example.com",
            {
                "EMAIL_HOST_USER": "a@b",
                "EMAIL_HOST_PASSWORD": "p/w",
                "EMAIL_USE_SSL": True,
                "EMAIL_PORT": 465,
            },
        ),
        ("smtp+starttls://h:2525", {"EMAIL_USE_TLS": True, "EMAIL_PORT": 2525}),
    ],
)
def test_how_mail_is_sent(url: str, expected: dict[str, Any]) -> None:
    found = mail_url.settings_of(url)
    assert expected.items() <= found.items()
    assert found["EMAIL_TIMEOUT"] == mail_url.SECONDS


@pytest.mark.parametrize("url", ["mail.example.com", "http://x", "smtp://", "smtp://h:port", "on"])
def test_what_makes_no_sense_stops_the_panel(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="MAIL_URL"):
        mail_url.settings_of(url)

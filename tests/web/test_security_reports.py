"""A report about an error says where it failed, and nothing that was sent or that the panel keeps secret."""

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.utils.log import AdminEmailHandler
from django.views.debug import ExceptionReporter

from tests.store import Store

pytestmark = pytest.mark.stores("sqlite")
PASSWORD = "Zebra-Lantern-93"
URL = "mysql://vqweb:Parrot-Anchor-58@localhost/panel?unix_socket=/nowhere"


class Fault(Exception):
    """Something nobody thought of."""


@pytest.fixture
def error_mails(monkeypatch: pytest.MonkeyPatch, store: Store) -> Iterator[None]:
    """Errors are mailed with the fullest report that Django knows."""
    monkeypatch.setattr(settings, "ADMINS", [("Admin", "admin@example.org")])
    monkeypatch.setattr(settings, "EMAIL_BACKEND", "django.core.mail.backends.locmem.EmailBackend")
    monkeypatch.setattr(settings, "VPOPMAIL_DATABASE_URL", URL, raising=False)
    handler = AdminEmailHandler(include_html=True)
    logging.getLogger("django.request").addHandler(handler)
    mail.outbox = []
    yield
    logging.getLogger("django.request").removeHandler(handler)


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever hashes or compares a password fails with it in its hands."""
    from accounts import proof
    from vpopmail import passwords

    def fail(*args: Any, **kwargs: Any) -> None:
        secret = (args, kwargs)
        raise Fault(len(secret))

    monkeypatch.setattr(proof, "sign_in", fail)
    monkeypatch.setattr(proof, "again", fail)
    monkeypatch.setattr(passwords, "make_hash", fail)


def reported() -> str:
    """All that was mailed; something was."""
    html = "".join(str(part) for sent in mail.outbox for part, _kind in sent.alternatives)
    text = "".join(sent.subject + sent.body for sent in mail.outbox)
    assert "Fault" in text and "Fault" in html
    return text + html


@pytest.mark.parametrize(
    ("address", "fields"),
    [
        ("/sign-in/", {"username": "admin", "password": PASSWORD}),
        ("/sign-in/again/", {"password": PASSWORD}),
        ("/admin/password_change/", {"old_password": PASSWORD, "new_password1": PASSWORD}),
        ("/domains/add/", {"domain": "new.example", "password": PASSWORD, "unknown": "bounce"}),
    ],
)
def test_no_password_is_mailed(
    error_mails: None, broken: None, admin: Any, address: str, fields: dict[str, str]
) -> None:
    client = Client(raise_request_exception=False)
    if address != "/sign-in/":
        client.force_login(admin)
        client.get("/sign-in/again/")
    answer = client.post(address, fields)
    assert answer.status_code == 500
    assert PASSWORD not in answer.content.decode()
    text = reported()
    assert "fail" in text  # the frame where it happened, by its name
    for cookie in client.cookies.values():
        assert cookie.value not in text
    for secret in (PASSWORD, settings.SECRET_KEY, "Parrot-Anchor-58", admin.password):
        assert secret not in text


def test_settings_with_secrets_are_hidden_even_while_developing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "DEBUG", True)
    monkeypatch.setattr(settings, "MAIL_URL", URL, raising=False)
    monkeypatch.setenv("VPOPMAIL_DATABASE_URL", URL)
    text = ExceptionReporter(None, Fault, Fault(), None).get_traceback_html()
    assert settings.SECRET_KEY not in text
    assert "Parrot-Anchor-58" not in text


def test_the_environment_is_no_setting(configured: Callable[..., None]) -> None:
    configured(MAIL_URL="off", SOME_SECRET="Parrot-Anchor-58")
    shown = ExceptionReporter(None, Fault, Fault(), None).filter.get_safe_settings()
    assert "Parrot-Anchor-58" not in str(shown)

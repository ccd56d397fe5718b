from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client

from tests.pages import allow  # noqa: F401
from tests.second_factor.base import CLOCK, secure
from tests.sign_in.people import mailboxes  # noqa: F401
from tests.store import Store


@pytest.fixture(autouse=True)
def empty_outbox() -> Iterator[None]:
    mail.outbox = []
    yield
    mail.outbox = []


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django_otp.plugins.otp_totp.models.time", CLOCK)
    monkeypatch.setattr("accounts.second_factor.app_codes.time", CLOCK)


@pytest.fixture
def person(store: Store) -> Any:
    """An administrator with an e-mail address, who may do everything."""
    from accounts.models import User

    return User.objects.create_superuser("ada", "ada@example.net", "ada-password")


@pytest.fixture
def browser(person: Any) -> Client:
    """Where that person is signed in."""
    client = secure()
    client.force_login(person)
    return client


@pytest.fixture
def require(monkeypatch: pytest.MonkeyPatch) -> Any:
    return lambda whom: monkeypatch.setattr(settings, "REQUIRE_SECOND_FACTOR", whom)

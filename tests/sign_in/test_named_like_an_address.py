"""An administrator whose user name looks like an address is not given away by a slower answer."""

from typing import Any

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.test import Client

from accounts.models import User
from tests.store import Store

pytestmark = pytest.mark.stores("sqlite")
TYPED = ["chief@example.org", "anna@example.com", "nobody@example.com", "anna@nowhere.example", "nobody"]


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One entry for each time that an administrator's slow hash was computed."""
    real, seen = PBKDF2PasswordHasher.encode, []

    def encode(self: Any, password: str, salt: str, iterations: int | None = None) -> str:
        seen.append(password)
        return real(self, password, salt, iterations)

    monkeypatch.setattr(PBKDF2PasswordHasher, "encode", encode)
    return seen


@pytest.mark.parametrize("typed", TYPED)
def test_every_name_costs_one_slow_hash(mailboxes: Store, hashed: list[str], typed: str) -> None:
    User.objects.create_user("chief@example.org", password="Some-Password-1")
    hashed.clear()
    assert Client().post("/sign-in/", {"username": typed, "password": "wrong"}).status_code == 200
    assert hashed == ["wrong"]


def test_where_nobody_is_named_so_addresses_cost_none(mailboxes: Store, hashed: list[str]) -> None:
    Client().post("/sign-in/", {"username": "anna@example.com", "password": "wrong"})
    assert hashed == []

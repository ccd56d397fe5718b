"""What most tests of services start from."""

from typing import Any

import pytest

from accounts import services as accounts
from domains import services as domains
from tests.store import Store

PASSWORD = "Secret.Pass1"


@pytest.fixture
def domain(store: Store) -> str:
    domains.add_domain(actor=None, domain="example.com", password=PASSWORD)
    return "example.com"


@pytest.fixture
def bob(domain: str) -> dict[str, str]:
    """How the services name the account bob@example.com."""
    accounts.add_account(actor=None, domain=domain, name="bob", password=PASSWORD)
    return {"domain": domain, "name": "bob"}


@pytest.fixture
def clerk(domain: str) -> Any:
    """The postmaster of example.com, whom its limits bind."""
    from accounts.models import User

    return User.objects.of_mailbox("postmaster", domain)

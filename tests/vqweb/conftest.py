from typing import Any

import pytest

from accounts import services as accounts
from domains import services as domains
from tests.pages import allow, person  # noqa: F401
from tests.store import Store


@pytest.fixture
def example(store: Store, admin: Any) -> Store:
    """The domain example.com with postmaster and anna."""
    domains.add_domain(actor=admin, domain="example.com", password="Correct-Horse-7")
    accounts.add_account(actor=admin, domain="example.com", name="anna", password="Correct-Horse-7")
    return store

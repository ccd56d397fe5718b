"""What most tests of commands start from."""

import pytest

from tests.commands.base import done
from tests.store import Store


@pytest.fixture
def domain(store: Store) -> str:
    """example.com with its alias domain example.net."""
    done("vadddomain", "--alias", "example.net", "example.com", stdin="Secret.Pass1\n")
    return "example.com"


@pytest.fixture
def bob(domain: str) -> str:
    """An account of example.com."""
    done("vadduser", "bob@example.com", stdin="Secret.Pass2\n")
    return "bob@example.com"

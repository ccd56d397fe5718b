"""The cast of account and alias pages: example.com with its postmaster and anna."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from accounts import services
from domains import services as domain_services
from tests.accounts.base import DOMAIN, PASSWORD
from tests.accounts.vacation import at, program  # noqa: F401 (fixtures)
from tests.pages import allow, broken_engine, person  # noqa: F401 (fixtures)
from tests.store import Store


@pytest.fixture
def example(store: Store, admin: Any) -> Store:
    domain_services.add_domain(actor=admin, domain=DOMAIN, password=PASSWORD)
    services.add_account(
        actor=admin, domain=DOMAIN, name="anna", password=PASSWORD, gecos="Anna", quota="2 GB"
    )
    return store


@pytest.fixture
def add_alias(admin: Any) -> Callable[[str, str], None]:
    def add(alias: str, line: str, **options: Any) -> None:
        services.add_alias(actor=admin, domain=DOMAIN, alias=alias, line=line, **options)

    return add


@pytest.fixture
def queries() -> Callable[[Client, str], int]:
    """How many SQL statements a page needs on both databases; SQLite's own PRAGMAs are not counted."""
    from django.db import connections
    from django.test.utils import CaptureQueriesContext

    def count(client: Client, url: str) -> int:
        with (
            CaptureQueriesContext(connections["default"]) as panel,
            CaptureQueriesContext(connections["vpopmail"]) as mail,
        ):
            assert client.get(url).status_code == 200
        statements = [query["sql"] for query in [*panel, *mail]]
        return sum(not sql.startswith(("PRAGMA", "SET ")) for sql in statements)

    return count


@pytest.fixture
def in_files(example: Store) -> Iterator[Store]:
    """A vpopmail that keeps its aliases in `.qmail-NAME` files."""
    from django.test import override_settings

    from vpopmail import schema

    with override_settings(VPOPMAIL_ALIASES="files"):
        schema.reset()
        yield example
    schema.reset()

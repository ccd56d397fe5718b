"""Connections are killed here by the thousand: these tests have a server of their own."""

from collections.abc import Iterator

import pytest

from tests.mariadb import MariaDB, running


@pytest.fixture(scope="package")
def mariadb() -> Iterator[MariaDB]:
    with running() as server:
        yield server

"""Fixtures: a host in this process, and the same host in all three ways."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.mailhost.base import WAYS, Host

# A busy machine is no failure; the examples are many enough for such small grammars.
settings.register_profile("steady", deadline=None, max_examples=60)
settings.load_profile("steady")


@pytest.fixture
def make_host(tmp_path: Path) -> Iterator[Callable[..., Host]]:
    made: list[Host] = []

    def make(way: str = "in-process", **settings: Any) -> Host:
        made.append(Host(tmp_path / f"host{len(made)}", way, **settings))
        return made[-1]

    yield make
    for host in made:
        host.stop()


@pytest.fixture
def host(make_host: Callable[..., Host]) -> Host:
    """A host whose helper runs in this process."""
    return make_host()


@pytest.fixture(params=WAYS)
def any_host(request: pytest.FixtureRequest, make_host: Callable[..., Host]) -> Host:
    """The same host, reached in each of the three ways."""
    return make_host(request.param)

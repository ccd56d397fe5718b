from collections.abc import Callable, Iterator

import pytest
from django.conf import settings

from tests.pages import allow, person  # noqa: F401
from tests.store import Store


@pytest.fixture
def configured(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """`configured(HTTPS="on")`: the panel's settings with these in the environment, until the test ends."""

    def configure(**environ: str) -> None:
        for name, value in environ.items():
            monkeypatch.setitem(store.environ, name, value)
            monkeypatch.setenv(name, value)
        store.activate()

    yield configure
    monkeypatch.undo()
    settings.SECURE_PROXY_SSL_HEADER = None  # not in the settings at all without a proxy
    store.activate()

"""`manage.py check` refuses what each worker would have for itself."""

import pytest
from django.conf import settings
from django.core import checks
from django.db import connections

from tests.store import Store

pytestmark = pytest.mark.stores("sqlite")
LOCMEM = "django.core.cache.backends.locmem.LocMemCache"


def ids() -> set[str]:
    return {
        str(message.id) for message in checks.run_checks(tags=["security"]) if "accounts" in str(message.id)
    }


def test_silence_where_all_is_well(store: Store) -> None:
    assert ids() == set()


def test_a_database_in_memory(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(connections["default"]), "is_in_memory_db", lambda self: True)
    assert ids() == {"accounts.E001"}


@pytest.mark.parametrize("engine", ["cache", "cached_db"])
def test_a_cache_that_each_process_has_for_itself(
    store: Store, monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    monkeypatch.setattr(settings, "SESSION_ENGINE", f"django.contrib.sessions.backends.{engine}")
    monkeypatch.setattr(settings, "CACHES", {"default": {"BACKEND": LOCMEM}})
    assert ids() == {"accounts.E002"}
    shared = "django.core.cache.backends.redis.RedisCache"
    monkeypatch.setattr(settings, "CACHES", {"default": {"BACKEND": shared}})
    assert ids() == set()


@pytest.mark.parametrize("name", ["SIGN_IN_TRIES", "SIGN_IN_NETWORK_TRIES", "SIGN_IN_WAIT_MINUTES"])
def test_a_guard_that_is_off(store: Store, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(settings, name, 0)
    assert ids() == {"accounts.E003"}

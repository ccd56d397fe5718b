"""`manage.py check`: what would make guessing cheap. All workers must count in one place."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DEFAULT_DB_ALIAS, connections

# Each process has its own: what one worker counts or knows, the others don't.
PER_PROCESS = ("locmem.LocMemCache", "dummy.DummyCache")


@register(Tags.security)
def check_shared_counts(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """The counts of failed attempts lie in the panel's own database (accounts.throttle)."""
    connection: Any = connections[DEFAULT_DB_ALIAS]
    if connection.vendor == "sqlite" and connection.is_in_memory_db():
        return [
            Error(
                "The panel's own database is in memory: each worker would count failed sign-ins by itself.",
                hint="Set DATABASE_URL to a file or a server.",
                id="accounts.E001",
            )
        ]
    return []


@register(Tags.security)
def check_shared_sessions(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Sessions that only one process knows could be ended in that process only."""
    engine = str(settings.SESSION_ENGINE)
    if not engine.endswith((".cache", ".cached_db")):
        return []
    backend = str(settings.CACHES[settings.SESSION_CACHE_ALIAS]["BACKEND"])
    if not backend.endswith(PER_PROCESS):
        return []
    return [
        Error(
            f"Sessions lie in {backend}, which each worker has for itself: what is ended in one goes on in "
            "another.",
            hint="Keep sessions in the database (SESSION_ENGINE), or in a cache that all workers share.",
            id="accounts.E002",
        )
    ]


@register(Tags.security)
def check_limits(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Settings by which a guard is as good as off."""
    names = ("SIGN_IN_TRIES", "SIGN_IN_NETWORK_TRIES", "SIGN_IN_WAIT_MINUTES", "CONFIRM_MINUTES")
    return [
        Error(f"{name} must be 1 or more.", id="accounts.E003")
        for name in names
        if getattr(settings, name) < 1
    ]

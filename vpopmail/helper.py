"""The process's way to the helper on the mail host, and its errors in the engine's words."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings

from mailhost.client import Client, connect
from mailhost.config import AUTORESPONDERS, DEFAULT_GROUPS, GROUPS, Config
from mailhost.errors import HelperError
from vpopmail.engines.base import Changed, Incomplete, NotFound, Occupied, Refused, Unavailable, VpopmailError

_ERRORS: dict[str, type[VpopmailError]] = {
    "refused": Refused,
    "exists": Refused,
    "missing": NotFound,
    "changed": Changed,
    "busy": Unavailable,
    "io": Unavailable,
    "gone": Unavailable,
    "incomplete": Incomplete,
}
_lock = threading.Lock()
_client: tuple[int, Client] | None = None


def config() -> Config:
    """What the in-process helper works on: the panel's settings."""
    return Config(
        vpopmail_home=settings.VPOPMAIL_HOME,
        qmail_home=settings.QMAIL_HOME,
        uid=settings.VPOPMAIL_UID,
        gid=settings.VPOPMAIL_GID,
        state=settings.VQWEB_STATE / "helper",
        trash_days=settings.VPOPMAIL_TRASH_DAYS,
        doveadm=settings.VPOPMAIL_DOVEADM,
        ezmlm=settings.VPOPMAIL_EZMLM,
        autoresponders=AUTORESPONDERS
        | {f"{settings.QMAIL_HOME}/bin/{name}" for name in ("autorespond", "qmail-autoresponder")},
        groups=GROUPS if settings.VPOPMAIL_EMPTY_TRASH else DEFAULT_GROUPS,
    )


def client() -> Client:
    """The process-wide client; a forked child gets one of its own."""
    global _client
    current = _client
    if current is not None and current[0] == os.getpid():
        return current[1]
    with _lock:
        if _client is None or _client[0] != os.getpid():
            _client = (os.getpid(), connect(settings.VPOPMAIL_HELPER, config()))
        return _client[1]


def translated(error: HelperError) -> VpopmailError:
    """The engine's error for a helper's error; the sentence and, when it names one, the form field are
    kept."""
    if error.code == "exists" and error.details.get("names"):
        return Occupied(error.message, field="name")
    return _ERRORS.get(error.code, Unavailable)(error.message, field=str(error.details.get("field", "")))


@contextmanager
def translating() -> Iterator[None]:
    """Turn a HelperError raised inside into a VpopmailError."""
    try:
        yield
    except HelperError as error:
        raise translated(error) from error


def call(verb: str, *, entry: str = "", **args: Any) -> dict[str, Any]:
    """One verb of the helper. Raises Refused, NotFound, Changed, Unavailable or Incomplete."""
    with translating():
        answer: dict[str, Any] = client().call(verb, entry=entry, **args)
        return answer


@contextmanager
def session() -> Iterator[None]:
    """Keep one connection to the helper for the calls made inside."""
    with translating(), client().session():
        yield


def reset() -> None:
    """Close the client, so that the next call reads the settings again."""
    global _client
    with _lock:
        if _client is not None and _client[0] == os.getpid():
            _client[1].close()
        _client = None

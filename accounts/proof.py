"""Proving who one is: the one place where a password is looked at for somebody at a browser.

Every answer takes SIGN_IN_FLOOR_MS or a multiple of it, is counted (accounts.throttle), and leaves a line in
the log when it failed (accounts.failures).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.contrib.auth import authenticate
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest

from accounts import devices, failures, standing, throttle
from accounts.models import User
from accounts.throttle import TooMany
from audit import origin
from vpopmail import passwords
from vpopmail.engines.base import Unavailable

OUTAGES = (OperationalError, InterfaceError, Unavailable)
__all__ = ["TooMany", "again", "floor", "sign_in", "who_of"]


@contextmanager
def floor() -> Iterator[None]:
    """Whatever happens inside ends at a multiple of SIGN_IN_FLOOR_MS after its beginning: how long a hash
    took, or that there was none, shows nowhere.
    """
    began, step = time.monotonic(), settings.SIGN_IN_FLOOR_MS / 1000
    try:
        yield
    finally:
        if step > 0:
            time.sleep(step - (time.monotonic() - began) % step)


def who_of(typed: str) -> str:
    """What attempts at a name are counted under: all spellings of an address are one."""
    name = typed[: standing.LONGEST_ADDRESS].strip().lower()
    if "@" not in name:
        return name
    try:
        return "@".join(standing.canonical(name))
    except Unavailable:  # the helper is down; administrators may have such a name, too
        return name


def sign_in(request: HttpRequest, typed: str, password: str) -> User | None:
    """The person behind a name and a password; None whatever was wrong.

    Raises TooMany, and for addresses Unavailable or OperationalError while something is down.
    """

    def look() -> User | None:
        found = authenticate(request, username=typed, password=password)
        return found if isinstance(found, User) else None

    with floor():
        return _counted(request, who_of(typed), look, lambda: _name_of(typed))


def again(request: HttpRequest, password: str) -> bool:
    """Whether this is the password of the person signed in. Raises as `sign_in`."""
    user = request.user
    if not isinstance(user, User):
        return False

    def look() -> User | None:
        if user.is_mailbox:
            account = standing.row(user.domain, user.name)
            right = account is not None and standing.password_opens(account, password)
        else:
            right = passwords.is_usable(password) and user.check_password(password)
        return user if right else None

    with floor():
        return _counted(request, user.username.lower(), look, lambda: user.username) is not None


def _counted(
    request: HttpRequest, who: str, look: Callable[[], User | None], named: Callable[[], str]
) -> User | None:
    try:
        attempt = throttle.begin(who, origin.current.get().address, devices.of(request, who))
    except TooMany:
        failures.failed(failures.TOO_MANY, named())
        raise
    try:
        user = look()
    except OUTAGES:
        attempt.take_back()
        raise
    if user is None:
        failures.failed(failures.WRONG, named())
        return None
    attempt.forgive()
    failures.succeeded(user.username)
    return user


def _name_of(typed: str) -> str:
    """The name as it is stored, when somebody has it."""
    name = typed.strip()
    user = User.objects.filter(username=name, domain="").first()
    if user is not None:
        return user.username
    try:
        account = standing.find(name) if "@" in name else None
    except OUTAGES:
        return ""
    return account.address if account is not None else ""

"""A browser that somebody signed in with before has a lane of its own for guessing (accounts.throttle): a
signed cookie says so. It opens nothing.
"""

from __future__ import annotations

import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts import throttle

_SALT = "accounts.devices"
MAX_AGE = 180 * 24 * 3600  # seconds


def name() -> str:
    return "__Host-device" if settings.HTTPS else "device"


def of(request: HttpRequest, who: str) -> str:
    """The browser's number when it was `who` that signed in with it last, else ""."""
    try:
        number, owner = signing.loads(request.COOKIES.get(name(), ""), salt=_SALT, max_age=MAX_AGE)
    except (signing.BadSignature, ValueError, TypeError):
        return ""
    return str(number) if owner == throttle.key_of("owner", who) else ""


def remember(request: HttpRequest, response: HttpResponseBase, who: str) -> None:
    number = of(request, who) or secrets.token_hex(8)
    value = signing.dumps([number, throttle.key_of("owner", who)], salt=_SALT)
    response.set_cookie(
        name(), value, max_age=MAX_AGE, httponly=True, samesite="Lax", secure=settings.HTTPS, path="/"
    )

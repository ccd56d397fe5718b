"""Enrolling an authenticator app: the secret travels in the form, signed, until a code proves that an app
has it.

So nothing is stored, neither in a table nor in the session, before it is of use.
"""

import time
from base64 import b32encode
from urllib.parse import quote, urlencode

import segno
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core import signing
from django.utils.safestring import SafeString, mark_safe
from django_otp.oath import TOTP
from django_otp.util import random_hex

from accounts.second_factor.models import AuthenticatorApp

_SALT = "accounts.second_factor.app"
_VALID = 3600  # seconds
STEP, TOLERANCE = 30, 1


def new_setup(user: AbstractBaseUser | AnonymousUser) -> str:
    """A fresh secret of 160 bits for this person, signed."""
    return signing.dumps([user.pk, random_hex(20)], salt=_SALT)


def secret_of(setup: str, user: AbstractBaseUser | AnonymousUser) -> str:
    """The secret, hexadecimal; "" when the form is older than an hour, not ours, or another person's."""
    try:
        owner, secret = signing.loads(setup, salt=_SALT, max_age=_VALID)
    except (signing.BadSignature, ValueError, TypeError):
        return ""
    return str(secret) if owner == user.pk else ""


def readable_secret(secret: str) -> str:
    """For typing it: groups of four."""
    text = b32encode(bytes.fromhex(secret)).decode().rstrip("=")
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


def address(secret: str, username: str, host: str) -> str:
    """The otpauth:// address apps read from the QR code."""
    issuer = f"VQWeb {host.replace(':', ' ')}"
    text = b32encode(bytes.fromhex(secret)).decode().rstrip("=")
    label = quote(f"{issuer}:{username}")
    return f"otpauth://totp/{label}?{urlencode({'secret': text, 'issuer': issuer}, quote_via=quote)}"


def picture(otpauth: str) -> SafeString:
    """A QR code as SVG: paths and attributes only, so the strict CSP lets it pass. Black on white in every
    theme, since cameras want that.
    """
    svg = segno.make(otpauth, error="m").svg_inline(dark="#000", light="#fff", omitsize=True, border=3)
    return mark_safe(svg)  # noqa: S308 - numbers made by segno; the text is not in it


def enrol(user: AbstractBaseUser | AnonymousUser, secret: str, code: str) -> AuthenticatorApp | None:
    """The app, not saved yet, when the code is one that it shows now; that code can't be used to sign in."""
    if len(code) != 6 or not (code.isascii() and code.isdigit()):
        return None
    totp = TOTP(bytes.fromhex(secret), STEP)
    totp.time = time.time()  # one moment for all that follows
    if not totp.verify(int(code), TOLERANCE):
        return None
    app = AuthenticatorApp(user_id=user.pk, name="app", key=secret, step=STEP, tolerance=TOLERANCE)
    app.last_t, app.drift, app.confirmed = totp.t(), totp.drift, True
    return app

"""What tests of the second factor do: enrol, make codes, give the password, read what a page offers."""

import html
import json
import re
import time
from typing import Any

from django.core import mail
from django.test import Client
from django_otp.oath import hotp

from accounts.second_factor.models import AuthenticatorApp

STEP = "/sign-in/second-factor/"
OWN = "/me/second-factor/"
CODE = re.compile(r'<li class="secret">([a-z0-9-]+)</li>')


class Secure(Client):
    """A browser that came by HTTPS, as passkeys want it."""

    def generic(self, *args: Any, **kwargs: Any) -> Any:
        return super().generic(*args, **{**kwargs, "secure": True})


def secure() -> Client:
    return Secure()


class Clock:
    """What codes go by: it stands in the middle of a half minute until a test moves it."""

    now = int(time.time()) // 30 * 30 + 15

    def time(self) -> int:
        return self.now


CLOCK = Clock()


def code_of(secret: bytes, steps: int = 0) -> str:
    """What an app shows `steps` half minutes from now."""
    return f"{hotp(secret, CLOCK.now // 30 + steps):06d}"


def codes_in(page: Any) -> list[str]:
    return CODE.findall(page.content.decode())


def setup_of(client: Client) -> tuple[str, bytes]:
    """The form's signed secret, and the secret as an app reads it."""
    from base64 import b32decode

    page = client.get(f"{OWN}app/").content.decode()
    setup = re.search(r'name="setup" value="([^"]+)"', page)
    text = re.search(r'<span class="secret">([A-Z2-7 ]+)</span>', page)
    assert setup and text, page
    plain = text[1].replace(" ", "")
    return html.unescape(setup[1]), b32decode(plain + "=" * (-len(plain) % 8))


def enrol_app(client: Client) -> tuple[bytes, list[str]]:
    """The secret and the recovery codes shown."""
    setup, secret = setup_of(client)
    page = client.post(f"{OWN}app/", {"setup": setup, "code": code_of(secret)})
    assert page.status_code in (200, 302), page.content.decode()
    mail.outbox.clear()
    return secret, codes_in(page) if page.status_code == 200 else []


def options_of(page: Any) -> dict[str, Any]:
    found = re.search(r'data-options="([^"]+)"', page.content.decode())
    assert found, page.content.decode()
    options: dict[str, Any] = json.loads(html.unescape(found[1]))
    return options


def enrol_passkey(client: Client, authenticator: Any, name: str = "Key") -> Any:
    options = options_of(client.get(f"{OWN}passkey/"))
    return client.post(f"{OWN}passkey/", {"name": name, "answer": authenticator.create(options)})


def half_in(user: Any, client: Client | None = None) -> Client:
    """A new browser in which the password was given, and no more."""
    client = client or secure()
    client.force_login(user)
    return client


def may_try_again(user: Any) -> None:
    """As after a long wait."""
    AuthenticatorApp.objects.filter(user=user).update(
        throttling_failure_count=0, throttling_failure_timestamp=None
    )

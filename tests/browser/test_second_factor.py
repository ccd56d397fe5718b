"""Second factors in Chromium: codes of an app are typed, a virtual authenticator makes and shows passkeys."""

import re
from base64 import b32decode
from collections.abc import Iterator

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django_otp.oath import totp
from playwright.sync_api import CDPSession

from accounts.second_factor.models import AuthenticatorApp, Passkey
from tests.browser.person import Person
from tests.panel import Panel

pytestmark = pytest.mark.stores("sqlite")
OWN, STEP = "/me/second-factor/", "/sign-in/second-factor/"


@pytest.fixture
def here(panel: Panel) -> str:
    """Browsers keep passkeys for `localhost`, not for 127.0.0.1."""
    return panel.url.replace("127.0.0.1", "localhost")


@pytest.fixture
def authenticator(person: Person) -> Iterator[CDPSession]:
    """A device that agrees to everything."""
    session = person.page.context.new_cdp_session(person.page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    yield session
    session.detach()


def sign_in(person: Person, here: str) -> None:
    person.page.goto(f"{here}/sign-in/")
    person.page.locator("[name=username]").fill("admin")
    person.page.locator("[name=password]").fill("admin-pass")
    person.press("Sign in")


def sign_out(person: Person) -> None:
    person.page.get_by_role("button", name="Sign out").locator("visible=true").first.click()
    person.page.wait_for_url("**/sign-in/")


def test_an_app_and_a_recovery_code(person: Person, here: str) -> None:
    page = person.page
    sign_in(person, here)
    page.goto(here + OWN)
    person.look("second-factor")
    person.follow("Add an app")
    person.look("second-factor-app")
    page.get_by_text("Without a camera").click()
    secret = b32decode(page.locator(".secret").inner_text().replace(" ", ""))
    person.fill(code="12345")
    person.press("Add the app")
    person.sees("Enter the six digits")
    person.fill(code=f"{totp(secret):06d}")
    person.press("Add the app")
    person.sees("They are shown this once")
    person.look("second-factor-codes")
    codes = page.locator(".codes li").all_inner_texts()
    assert len(codes) == 10
    person.follow("I have written them down")
    person.look("second-factor-app-on")
    sign_out(person)

    sign_in(person, here)
    page.wait_for_url(f"**{STEP}*")
    person.look("second-factor-step")
    page.goto(f"{here}/domains/")
    page.wait_for_url(f"**{STEP}*")
    AuthenticatorApp.objects.update(last_t=-1, drift=0)  # as half a minute later
    person.fill(code=f"{totp(secret):06d}")
    person.press("Go on")
    page.wait_for_url("**/domains/")
    sign_out(person)

    sign_in(person, here)
    page.get_by_text("Use a recovery code").click()
    person.fill(recovery="aaaa-bbbb-cccc-dddd")
    person.press("Go on with the recovery code")
    person.sees("That did not fit")
    page.get_by_text("Use a recovery code").click()
    person.fill(recovery=codes[4])
    person.press("Go on with the recovery code")
    page.wait_for_url(re.compile(r"localhost:\d+/$"))
    person.sees("9 recovery codes are left")
    page.goto(f"{here}{OWN}remove/app/")
    person.look("second-factor-remove")
    person.press("Remove")
    sign_out(person)
    sign_in(person, here)
    page.wait_for_url(re.compile(r"localhost:\d+/$"))


def let_time_pass() -> None:
    """The last proof of every session is an hour old."""
    for row in Session.objects.all():
        session = SessionStore(row.session_key)
        if "vqweb.confirmed" in session:
            session["vqweb.confirmed"] -= 3600
            session.save()


def test_a_passkey(person: Person, here: str, authenticator: CDPSession) -> None:
    page = person.page
    sign_in(person, here)
    page.goto(here + OWN)
    person.follow("Add a passkey")
    person.look("second-factor-passkey")
    person.fill(name="This computer")
    person.press("Add the passkey")
    person.sees("They are shown this once")
    person.follow("I have written them down")
    person.sees("This computer")
    person.look("second-factor-passkey-on")
    person.follow("Add a passkey")
    person.fill(name="Again")
    person.press("Add the passkey")
    person.sees("has a passkey for you already")
    assert Passkey.objects.count() == 1
    sign_out(person)

    sign_in(person, here)
    page.wait_for_url(f"**{STEP}*")
    person.look("second-factor-step-passkey")
    person.press("Use a passkey")
    page.wait_for_url(re.compile(r"localhost:\d+/$"))
    before = Passkey.objects.get().counter
    sign_out(person)
    sign_in(person, here)
    person.press("Use a passkey")
    page.wait_for_url(re.compile(r"localhost:\d+/$"))
    assert Passkey.objects.get().counter > before
    let_time_pass()
    page.goto(f"{here}{OWN}app/")
    page.wait_for_url("**/sign-in/again/*")
    person.look("sign-in-again-passkey")
    person.press("Use a passkey")
    page.wait_for_url(f"**{OWN}app/")


def test_on_an_address_the_page_says_why_there_are_none(person: Person) -> None:
    person.sign_in()
    person.go(OWN)
    person.sees("Browsers keep passkeys for host names over HTTPS only")

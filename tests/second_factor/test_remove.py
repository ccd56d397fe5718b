"""Removing one's own: said by mail, in the journal, and the codes go with the last one."""

from typing import Any

import pytest
from django.core import mail
from django.test import Client

from accounts.second_factor import factors
from accounts.second_factor.models import Passkey
from audit.models import Entry
from tests.second_factor.authenticator import Authenticator
from tests.second_factor.base import (
    OWN,
    STEP,
    code_of,
    codes_in,
    enrol_app,
    enrol_passkey,
    half_in,
    options_of,
)

pytestmark = pytest.mark.stores("sqlite")


def test_looking_at_the_page_removes_nothing(browser: Client, person: Any) -> None:
    enrol_app(browser)
    page = browser.get(f"{OWN}remove/app/").content.decode()
    assert "your recovery codes are worth nothing" in page
    assert factors.app_of(person)


def test_the_last_one_takes_the_codes_along(browser: Client, person: Any) -> None:
    _secret, codes = enrol_app(browser)
    assert browser.post(f"{OWN}remove/app/")["Location"] == OWN
    assert factors.app_of(person) is None and factors.codes_left(person) == 0
    assert Entry.objects.get(action="factor-remove").changes == {"factor": "app"}
    assert "The authenticator app of ada was removed." in mail.outbox[0].body
    client = half_in(person)
    assert client.get("/").status_code == 200
    assert not factors.use_recovery_code(person, codes[0])


def test_the_other_one_goes_on(browser: Client, person: Any) -> None:
    secret, _codes = enrol_app(browser)
    key = Authenticator()
    enrol_passkey(browser, key, "Phone")
    mail.outbox.clear()
    passkey = Passkey.objects.get()
    browser.post(f"{OWN}remove/{passkey.mark}/")
    assert "“Phone” of ada was removed" in mail.outbox[0].body
    assert browser.get("/").status_code == 200  # this session proved itself a moment ago
    assert factors.codes_left(person) == factors.CODES
    assert half_in(person).post(STEP, {"code": code_of(secret, 1)}).status_code == 302


def test_sessions_opened_with_it_are_asked_again(browser: Client, person: Any) -> None:
    enrol_app(browser)
    key = Authenticator()
    enrol_passkey(browser, key)
    thief = half_in(person)
    thief.post(STEP, {"answer": key.get(options_of(thief.get(STEP)))})
    assert thief.get("/").status_code == 200
    browser.post(f"{OWN}remove/{Passkey.objects.get().mark}/")
    assert thief.get("/")["Location"].startswith(STEP)


@pytest.mark.parametrize(
    "key", ["app", "passkey-1", "passkey-99", "passkey-x", "passkey-" + "9" * 40, "codes"]
)
def test_what_is_not_ones_own_is_not_found(browser: Client, key: str) -> None:
    from accounts.models import User

    eve = half_in(User.objects.create_superuser("eve", password="eve-password"))
    enrol_passkey(eve, Authenticator())
    assert browser.post(f"{OWN}remove/{key}/").status_code == 404
    assert Passkey.objects.count() == 1


def test_a_session_of_a_recovery_code_ends_with_what_it_stood_for(browser: Client, person: Any) -> None:
    _secret, codes = enrol_app(browser)
    thief = half_in(person)
    thief.post(STEP, {"recovery": codes[0]})
    assert thief.get("/").status_code == 200
    browser.post(f"{OWN}remove/app/")
    enrol_app(browser)
    assert thief.get("/")["Location"].startswith(STEP)


def test_new_codes_replace_the_old(browser: Client, person: Any) -> None:
    _secret, old = enrol_app(browser)
    browser.get(f"{OWN}recovery-codes/")
    assert factors.use_recovery_code(person, old[0])
    new = codes_in(browser.post(f"{OWN}recovery-codes/"))
    assert len(new) == factors.CODES and not set(new) & set(old)
    assert "New recovery codes were made for ada." in mail.outbox[0].body
    assert Entry.objects.filter(action="factor-codes", state="ok").count() == 1
    assert not factors.use_recovery_code(person, old[1])
    assert half_in(person).post(STEP, {"recovery": new[0]}).status_code == 302


def test_codes_alone_are_no_second_factor(browser: Client, person: Any) -> None:
    assert browser.post(f"{OWN}recovery-codes/")["Location"] == OWN
    assert factors.codes_left(person) == 0


def test_each_needs_a_fresh_proof(browser: Client) -> None:
    enrol_app(browser)
    session = browser.session
    session["vqweb.confirmed"] -= 3600
    session.save()
    for path in ("app/", "passkey/", "recovery-codes/", "remove/app/"):
        for ask in (browser.get, browser.post):
            assert ask(OWN + path)["Location"].startswith("/sign-in/again/"), path

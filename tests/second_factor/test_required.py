"""REQUIRE_SECOND_FACTOR: who has none reaches the pages that enrol one, and nothing else."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.second_factor import factors
from tests.second_factor.authenticator import Authenticator
from tests.second_factor.base import OWN, Secure, enrol_app, enrol_passkey
from tests.sign_in.people import ANNA, user_of

pytestmark = pytest.mark.stores("sqlite")


def of(address: str) -> Client:
    client = Secure()
    client.force_login(user_of(address))
    return client


def test_an_administrator_is_led_to_enrolling(browser: Client, require: Callable[[str], None]) -> None:
    assert browser.get("/").status_code == 200
    require("administrators")
    for path in ("/", "/domains/", "/admin/", "/activity/", f"{OWN}recovery-codes/"):
        assert browser.get(path)["Location"] == OWN, path
    answer = browser.get("/search/?q=a&part=1", headers={"HX-Request": "true"})
    assert answer["HX-Redirect"] == OWN
    assert "This panel asks for a second factor" in browser.get(OWN).content.decode()
    assert browser.get("/health/").status_code == 200
    enrol_app(browser)
    assert browser.get("/domains/").status_code == 200


def test_a_passkey_will_do(browser: Client, require: Callable[[str], None]) -> None:
    require("administrators")
    enrol_passkey(browser, Authenticator())
    assert browser.get("/domains/").status_code == 200


def test_signing_out_is_always_possible(browser: Client, require: Callable[[str], None]) -> None:
    require("everybody")
    assert browser.post("/sign-out/")["Location"] == "/sign-in/"


def test_mailboxes_are_meant_by_everybody_only(mailboxes: Any, require: Callable[[str], None]) -> None:
    require("administrators")
    anna = of(ANNA)
    assert anna.get("/me/sessions/").status_code == 200
    require("everybody")
    assert anna.get("/me/sessions/")["Location"] == OWN
    enrol_app(anna)
    assert anna.get("/me/sessions/").status_code == 200


def test_the_last_one_can_not_be_removed(
    browser: Client, person: Any, require: Callable[[str], None]
) -> None:
    enrol_app(browser)
    require("administrators")
    assert "add another one first" in browser.get(f"{OWN}remove/app/").content.decode()
    page = browser.post(f"{OWN}remove/app/", follow=True).content.decode()
    assert "A second factor is obligatory here" in page
    assert factors.app_of(person)
    enrol_passkey(browser, Authenticator())
    browser.post(f"{OWN}remove/app/")
    assert factors.app_of(person) is None
    assert browser.get("/domains/").status_code == 200

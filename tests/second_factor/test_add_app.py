"""Enrolling an authenticator app: a code proves it, codes for a bad day come with it, people are told."""

from typing import Any

import pytest
from django.core import mail
from django.test import Client

from accounts.second_factor import factors
from accounts.second_factor.models import AuthenticatorApp, RecoveryCode
from audit.models import Entry
from tests.second_factor.base import OWN, code_of, codes_in, enrol_app, half_in, secure, setup_of

pytestmark = pytest.mark.stores("sqlite")
URL = f"{OWN}app/"


def test_the_picture_is_svg_that_a_strict_policy_lets_pass(browser: Client) -> None:
    page = browser.get(URL)
    text = page.content.decode()
    svg = text[text.index("<svg viewBox") : text.index("</svg>", text.index("<svg viewBox"))]
    assert "style" not in svg and "script" not in svg and "<path" in svg
    assert "no-store" in page["Cache-Control"]


def test_the_address_for_apps_names_person_and_panel(browser: Client) -> None:
    text = browser.get(URL).content.decode()
    assert "otpauth://totp/VQWeb%20testserver%3Aada?secret=" in text
    assert "issuer=VQWeb%20testserver" in text


def test_a_right_code_enrols_and_shows_recovery_codes_once(browser: Client, person: Any) -> None:
    setup, secret = setup_of(browser)
    assert not AuthenticatorApp.objects.exists()  # looking changed nothing
    page = browser.post(URL, {"setup": setup, "code": code_of(secret)})
    codes = codes_in(page)
    assert len(set(codes)) == factors.CODES
    assert "no-store" in page["Cache-Control"]
    assert factors.app_of(person).bin_key == secret
    stored = str(list(RecoveryCode.objects.values_list()))
    assert not any(code in stored or code.replace("-", "") in stored for code in codes)
    assert codes_in(browser.get(OWN)) == []
    assert browser.get("/").status_code == 200  # this session has proved it


def test_it_is_in_the_journal_and_told_by_mail(browser: Client) -> None:
    setup, secret = setup_of(browser)
    browser.post(URL, {"setup": setup, "code": code_of(secret)})
    entry = Entry.objects.get(action="factor-add")
    assert (entry.actor_name, entry.target, entry.state) == ("ada", "ada", "ok")
    assert entry.changes == {"factor": "app"}
    message = mail.outbox[0]
    assert message.to == ["ada@example.net"]
    assert "An authenticator app was added for ada." in message.body
    assert secret.hex() not in str(Entry.objects.values_list()) + message.body


@pytest.mark.parametrize("typed", ["", "000000", "12345", "abcdef", "１２３４５６", "-12345", "1" * 30])
def test_a_wrong_code_enrols_nothing_and_keeps_the_secret(browser: Client, typed: str) -> None:
    setup, secret = setup_of(browser)
    typed = code_of(secret, 9) if typed == "000000" else typed
    page = browser.post(URL, {"setup": setup, "code": typed})
    assert page.status_code == 200
    assert page.context["form"].errors["code"]
    assert setup in page.content.decode()
    assert not AuthenticatorApp.objects.exists()
    assert not mail.outbox


def test_a_code_is_typed_as_apps_show_it(browser: Client, person: Any) -> None:
    setup, secret = setup_of(browser)
    code = code_of(secret)
    browser.post(URL, {"setup": setup, "code": f" {code[:3]} {code[3:]} "})
    assert factors.app_of(person)


def test_the_secret_of_somebody_else_is_not_taken(browser: Client) -> None:
    from accounts.models import User

    other = secure()
    other.force_login(User.objects.create_superuser("eve", password="eve-password"))
    setup, secret = setup_of(other)
    browser.post(URL, {"setup": setup, "code": code_of(secret)})
    browser.post(URL, {"setup": setup + "x", "code": code_of(secret)})
    assert not AuthenticatorApp.objects.exists()


def test_another_phone_takes_the_place_of_the_first_and_the_codes_stay(browser: Client, person: Any) -> None:
    first, codes = enrol_app(browser)
    second, none = enrol_app(browser)
    assert first != second and codes and not none
    assert factors.app_of(person).bin_key == second
    assert AuthenticatorApp.objects.count() == 1
    assert factors.codes_left(person) == len(codes)


def test_the_password_is_asked_for_again(browser: Client) -> None:
    session = browser.session
    session["vqweb.confirmed"] = session["vqweb.confirmed"] - 3600
    session.save()
    answer = browser.get(URL)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/again/")


def test_nobody_shows_the_secret_in_the_django_admin(browser: Client) -> None:
    enrol_app(browser)
    assert browser.get("/admin/otp_totp/totpdevice/").status_code == 404
    assert "otp_totp" not in browser.get("/admin/").content.decode()


def test_the_session_gets_a_new_key_and_stays_in_the_list(browser: Client, person: Any) -> None:
    before = browser.session.session_key
    enrol_app(browser)
    after = browser.session.session_key
    assert before != after
    assert list(person.sessions.values_list("session_key", flat=True)) == [after]


def test_other_browsers_of_the_person_are_asked(browser: Client, person: Any) -> None:
    other = half_in(person)
    assert other.get("/").status_code == 200
    enrol_app(browser)
    assert other.get("/")["Location"] == "/sign-in/second-factor/?next=%2F"

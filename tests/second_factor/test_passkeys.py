"""Passkeys: made for this host, by this session's challenge, once; shown the same way."""

import json
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client

from accounts.second_factor import factors, passkeys
from accounts.second_factor.models import Passkey
from tests.second_factor.authenticator import Authenticator
from tests.second_factor.base import (
    OWN,
    STEP,
    Secure,
    codes_in,
    enrol_app,
    enrol_passkey,
    half_in,
    options_of,
)

pytestmark = pytest.mark.stores("sqlite")
URL = f"{OWN}passkey/"


@pytest.fixture
def key(browser: Client) -> Authenticator:
    """Enrolled, and nothing else."""
    made = Authenticator()
    enrol_passkey(browser, made)
    mail.outbox.clear()
    return made


def show(client: Client, authenticator: Authenticator) -> Any:
    return client.post(STEP, {"answer": authenticator.get(options_of(client.get(STEP)))})


def test_what_the_browser_is_asked_for(browser: Client) -> None:
    options = options_of(browser.get(URL))
    assert options["rp"]["id"] == "testserver"
    assert options["user"]["name"] == "ada"
    assert "ada" not in options["user"]["id"]
    assert -7 in [one["alg"] for one in options["pubKeyCredParams"]]


def test_enrolling_shows_recovery_codes_and_tells(browser: Client, person: Any) -> None:
    page = enrol_passkey(browser, Authenticator(), "Blue key")
    assert len(codes_in(page)) == factors.CODES
    passkey = Passkey.objects.get()
    assert (passkey.user, passkey.name, passkey.host) == (person, "Blue key", "testserver")
    assert "“Blue key” was added" in mail.outbox[0].body
    assert browser.get("/").status_code == 200


def test_it_lets_in(person: Any, key: Authenticator) -> None:
    client = half_in(person)
    assert client.get("/").status_code == 302
    assert show(client, key)["Location"] == "/"
    assert client.get("/").status_code == 200
    assert Passkey.objects.get().last_used_at


def test_an_answer_is_taken_once(person: Any, key: Authenticator) -> None:
    client = half_in(person)
    answer = key.get(options_of(client.get(STEP)))
    assert client.post(STEP, {"answer": answer}).status_code == 302
    again = half_in(person)
    again.get(STEP)
    assert again.post(STEP, {"answer": answer}).status_code == 200
    assert again.get("/").status_code == 302


def test_a_challenge_is_this_sessions_and_lasts_minutes(person: Any, key: Authenticator) -> None:
    one, other = half_in(person), half_in(person)
    other.get(STEP)
    assert other.post(STEP, {"answer": key.get(options_of(one.get(STEP)))}).status_code == 200
    options = options_of(one.get(STEP))
    session = one.session
    kind, made, challenge = session[passkeys.CHALLENGE]
    session[passkeys.CHALLENGE] = [kind, made - passkeys.VALID - 1, challenge]
    session.save()
    assert one.post(STEP, {"answer": key.get(options)}).status_code == 200


def test_a_challenge_for_making_is_none_for_showing(browser: Client, key: Authenticator, person: Any) -> None:
    client = half_in(person)
    session = client.session
    client.get(STEP)
    session = client.session
    session[passkeys.CHALLENGE] = [passkeys.CREATE, *session[passkeys.CHALLENGE][1:]]
    session.save()
    challenge = session[passkeys.CHALLENGE][2]
    assert client.post(STEP, {"answer": key.get({"challenge": challenge})}).status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://testserver"},
        {"origin": "https://testserver:8443"},
        {"host": "evil.example"},
        {"present": 0},
        {"id": b"x" * 32},
    ],
)
def test_what_does_not_fit_is_refused(person: Any, key: Authenticator, change: dict[str, Any]) -> None:
    vars(key).update(change)
    client = half_in(person)
    assert show(client, key).status_code == 200
    assert client.get("/").status_code == 302


def test_another_key_with_the_same_id_is_refused(person: Any, key: Authenticator) -> None:
    forged = Authenticator()
    forged.id = key.id
    assert show(half_in(person), forged).status_code == 200


def test_a_copy_is_found_out_by_its_counter(person: Any, key: Authenticator) -> None:
    assert show(half_in(person), key).status_code == 302
    key.counter -= 2
    assert show(half_in(person), key).status_code == 200


def test_those_that_do_not_count_are_taken(browser: Client, person: Any) -> None:
    synced = Authenticator()
    synced.counter = 0
    enrol_passkey(browser, synced)
    for _ in range(2):
        assert show(half_in(person), synced).status_code == 302


def test_somebody_elses_does_not_help(person: Any, key: Authenticator) -> None:
    from accounts.models import User

    eve = User.objects.create_superuser("eve", password="eve-password")
    browser = half_in(eve)
    hers = Authenticator()
    enrol_passkey(browser, hers)
    client = half_in(person)
    options = options_of(client.get(STEP))
    assert len(options["allowCredentials"]) == 1
    assert client.post(STEP, {"answer": hers.get(options)}).status_code == 200


def test_one_that_is_known_is_not_taken_again(browser: Client, person: Any, key: Authenticator) -> None:
    from accounts.models import User

    options = options_of(browser.get(URL))
    assert len(options["excludeCredentials"]) == 1
    page = browser.post(URL, {"name": "Again", "answer": key.create(options)})
    assert page.context["form"].non_field_errors()
    eve = half_in(User.objects.create_superuser("eve", password="eve-password"))
    enrol_passkey(eve, key)
    assert Passkey.objects.get().user == person


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "null",
        "[]",
        "{}",
        "{",
        "\x00",
        "[" * 15_000,
        '{"id": 1, "rawId": [], "type": "public-key", "response": {}}',
        json.dumps({"id": "AA", "rawId": "AA", "type": "public-key", "response": {"clientDataJSON": "AA"}}),
        json.dumps(
            {
                "id": "AA",
                "rawId": "AA",
                "type": "public-key",
                "response": {
                    "clientDataJSON": "e30",
                    "attestationObject": "oA",
                    "authenticatorData": "AA",
                    "signature": "%%",
                },
            }
        ),
    ],
)
def test_rubbish_is_an_answer_that_does_not_fit(
    browser: Client, person: Any, key: Authenticator, answer: str
) -> None:
    browser.get(URL)
    assert browser.post(URL, {"name": "x", "answer": answer}).status_code == 200
    client = half_in(person)
    client.get(STEP)
    assert client.post(STEP, {"answer": answer}).status_code == 200
    assert Passkey.objects.count() == 1


def test_torn_answers_are_refused(browser: Client, person: Any, key: Authenticator) -> None:
    """Cut short at many places: never a traceback, and nothing is enrolled."""
    for place in range(0, 250, 11):
        options = options_of(browser.get(URL))
        whole = Authenticator().create(options)
        torn = json.loads(whole)
        text = torn["response"]["attestationObject"]
        torn["response"]["attestationObject"] = text[:place]
        assert browser.post(URL, {"name": "x", "answer": json.dumps(torn)}).status_code == 200
    assert Passkey.objects.count() == 1


def test_under_another_name_the_page_says_where_it_works(
    person: Any, key: Authenticator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "ALLOWED_HOSTS", ["testserver", "other.example"])
    client = half_in(person)
    page = client.get(STEP, headers={"Host": "other.example"}).content.decode()
    assert "Your passkey is for testserver" in page
    assert "data-options" not in page


def test_a_host_that_is_not_ours_is_no_relying_party(browser: Client) -> None:
    assert browser.get(URL, headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.parametrize(
    "host, scheme, possible",
    [
        ("mail.example.com", "https", True),
        ("mail.example.com:8443", "https", True),
        ("mail.example.com", "http", False),
        ("localhost:8000", "http", True),
        ("192.0.2.1", "https", False),
        ("[2001:db8::1]:8443", "https", False),
        ("127.0.0.1:8000", "http", False),
    ],
)
def test_where_browsers_offer_them(
    person: Any, monkeypatch: pytest.MonkeyPatch, host: str, scheme: str, possible: bool
) -> None:
    monkeypatch.setattr(settings, "ALLOWED_HOSTS", ["*"])
    client = (Secure if scheme == "https" else Client)(headers={"Host": host})
    client.force_login(person)
    assert client.get(URL).status_code == (200 if possible else 404)
    assert ("Browsers keep passkeys for" in client.get(OWN).content.decode()) is not possible


def test_there_is_a_bound(browser: Client, monkeypatch: pytest.MonkeyPatch, key: Authenticator) -> None:
    monkeypatch.setattr(passkeys, "MOST", 1)
    assert browser.get(URL)["Location"] == OWN
    assert browser.post(URL, {"name": "x", "answer": "{}"})["Location"] == OWN


def age(client: Client) -> None:
    session = client.session
    session["vqweb.confirmed"] -= 3600
    session.save()


def test_it_stands_for_the_password_where_that_is_asked_again(browser: Client, key: Authenticator) -> None:
    key.present = 0x05  # the owner was there, and known by a PIN or a finger
    age(browser)
    page = browser.get(f"{OWN}app/", follow=True)
    sent = {"answer": key.get(options_of(page)), "next": page.context["next"]}
    assert browser.post("/sign-in/again/passkey/", sent)["Location"] == f"{OWN}app/"
    assert browser.get(f"{OWN}app/").status_code == 200


@pytest.mark.parametrize("what", ["no PIN", "of the step", "nothing", "elsewhere"])
def test_what_is_less_does_not(browser: Client, person: Any, key: Authenticator, what: str) -> None:
    key.present = 0x01 if what == "no PIN" else 0x05
    age(browser)
    options = options_of(browser.get("/sign-in/again/"))
    if what == "of the step":
        options = options_of(half_in(person).get(STEP))
    answer = "" if what == "nothing" else key.get(options)
    to = "https://evil.example/" if what == "elsewhere" else "/"
    answered = browser.post("/sign-in/again/passkey/", {"answer": answer, "next": to})
    if what == "elsewhere":
        assert answered["Location"] == "/"
        return
    assert answered["Location"] == "/sign-in/again/?next=%2F"
    assert browser.get(f"{OWN}app/").status_code == 302


def test_app_and_passkey_beside_each_other(browser: Client, person: Any, key: Authenticator) -> None:
    enrol_app(browser)
    text = half_in(person).get(STEP).content.decode()
    assert 'name="code"' in text and "data-options" in text

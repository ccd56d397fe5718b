"""Reset by rank: administrators anybody's, a postmaster those of lower accounts, nobody one's own."""

from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client

from accounts import services
from accounts.models import User
from accounts.second_factor import factors
from accounts.second_factor import services as factor_services
from accounts.second_factor.models import RecoveryCode
from audit.models import Entry
from tests.commands.base import run
from tests.second_factor.base import STEP, enrol_app, half_in
from tests.sign_in.people import ANNA, CAROL, PASSWORD, POSTMASTER, user_of
from vpopmail import flags
from vpopmail.engines.base import Refused


def url(address: str) -> str:
    name, _at, domain = address.partition("@")
    return f"/domains/{domain}/accounts/{name}/second-factor/"


@pytest.fixture
def anna(mailboxes: Any) -> Client:
    """Where anna is signed in and has an app."""
    client = half_in(user_of(ANNA))
    enrol_app(client)
    return client


def test_a_postmaster_resets_that_of_an_owner(anna: Client) -> None:
    postmaster = half_in(user_of(POSTMASTER))
    assert "ended" not in postmaster.get(url(ANNA)).content.decode()
    assert factors.marks_of(user_of(ANNA))
    answer = postmaster.post(url(ANNA))
    assert answer["Location"] == "/domains/example.com/accounts/anna/"
    assert not factors.marks_of(user_of(ANNA)) and not RecoveryCode.objects.exists()
    entry = Entry.objects.get(action="factor-reset")
    assert (entry.actor_name, entry.target, entry.domain) == (POSTMASTER, ANNA, "example.com")
    assert mail.outbox[0].to == [ANNA]
    assert POSTMASTER in mail.outbox[0].body
    assert anna.get("/me/sessions/")["Location"].startswith("/sign-in/?next=")  # her sessions ended
    assert half_in(user_of(ANNA)).get("/me/sessions/").status_code == 200


@pytest.mark.stores("sqlite")
@pytest.mark.parametrize(
    "who, whose, status",
    [
        (ANNA, CAROL, 404),
        (ANNA, ANNA, 404),
        (CAROL, ANNA, 302),
        (CAROL, POSTMASTER, 403),
        (CAROL, CAROL, 403),
        (POSTMASTER, CAROL, 302),
        (POSTMASTER, POSTMASTER, 403),
        ("postmaster@other.org", ANNA, 404),
    ],
)
def test_only_of_lower_rank(mailboxes: Any, who: str, whose: str, status: int) -> None:
    enrol_app(half_in(user_of(whose)))
    client = half_in(user_of(who))
    if who == whose:
        client.post(STEP, {"recovery": factors.make_recovery_codes(user_of(whose))[0]})
    answer = client.post(url(whose))
    expected = {403, 404} if status == 404 and who == whose else {status}
    assert answer.status_code in expected
    assert bool(factors.marks_of(user_of(whose))) is (status != 302)


@pytest.mark.stores("sqlite")
def test_the_account_says_so_to_who_may(anna: Client, signed_in: Client) -> None:
    page = "/domains/example.com/accounts/anna/"
    assert url(ANNA) in signed_in.get(page).content.decode()
    assert url(ANNA) in half_in(user_of(POSTMASTER)).get(page).content.decode()
    assert url(CAROL) not in signed_in.get("/domains/example.com/accounts/carol/").content.decode()


@pytest.mark.stores("sqlite")
def test_without_one_nothing_is_done(mailboxes: Any, signed_in: Client) -> None:
    assert "has no second factor" in signed_in.get(url(ANNA)).content.decode()
    assert signed_in.post(url(ANNA)).status_code == 200
    assert not Entry.objects.filter(action="factor-reset").exists()


@pytest.mark.stores("sqlite")
def test_administrators_among_themselves(person: Any, browser: Client, signed_in: Client, allow: Any) -> None:
    enrol_app(browser)
    superusers, path = person, "/server/administrators/ada/second-factor/"
    lower = User.objects.create_user("viewer", password="viewer-pass")
    enrol_app(half_in(lower))
    some = allow("change_user")
    assert some.post(path).status_code == 403  # a superuser's is for superusers
    assert some.post("/server/administrators/viewer/second-factor/").status_code == 302
    assert not factors.marks_of(lower)
    assert browser.post(path).status_code == 403  # nobody one's own
    assert signed_in.get("/server/administrators/nobody/second-factor/").status_code == 404
    assert factors.marks_of(superusers)
    assert signed_in.post(path).status_code == 302
    assert not factors.marks_of(superusers)


@pytest.mark.stores("sqlite")
@pytest.mark.parametrize("setting", [True, False])
def test_of_who_administers_the_server_superusers_only(
    mailboxes: Any, signed_in: Client, allow: Any, settings_of: Any, setting: bool
) -> None:
    chief = "chief@example.com"
    services.add_account(
        actor=None, domain="example.com", name="chief", password=PASSWORD, flags=flags.SYSTEM_ADMIN
    )
    enrol_app(half_in(user_of(chief)))
    settings_of(setting)
    some = allow("view_domain", "view_account", "reset_second_factor")
    assert url(chief) not in some.get("/domains/example.com/accounts/chief/").content.decode()
    assert some.get(url(chief)).status_code == some.post(url(chief)).status_code == 403
    assert some.get(url(ANNA)).status_code == 200
    with pytest.raises(Refused, match="only a superuser"):
        factor_services.reset(User.objects.get(username__startswith="with-"), user_of(chief))
    assert factors.marks_of(user_of(chief))
    assert url(chief) in signed_in.get("/domains/example.com/accounts/chief/").content.decode()
    assert signed_in.post(url(chief)).status_code == 302
    assert not factors.marks_of(user_of(chief))


@pytest.fixture
def settings_of(monkeypatch: pytest.MonkeyPatch) -> Any:
    return lambda value: monkeypatch.setattr(settings, "VPOPMAIL_SA_ADMIN", value)


def test_on_the_command_line(anna: Client) -> None:
    done = run("reset_second_factor", ANNA)
    assert done.status == 0, done
    assert "anna@example.com had 1 second factors" in done.out
    assert not factors.marks_of(user_of(ANNA))
    assert mail.outbox[0].to == [ANNA]
    assert run("reset_second_factor", "nobody@example.com").status != 0


@pytest.mark.stores("sqlite")
def test_a_new_owner_of_the_address_has_nothing_of_the_former(anna: Client) -> None:
    former = user_of(ANNA)
    code = factors.make_recovery_codes(former)[0]
    services.delete_account(actor=None, domain="example.com", name="anna")
    services.add_account(actor=None, domain="example.com", name="anna", password="Correct-Horse-7")
    new = user_of(ANNA)
    assert new.pk != former.pk
    assert not factors.marks_of(new) and not factors.marks_of(former)
    assert not factors.use_recovery_code(new, code) and not factors.use_recovery_code(former, code)
    assert half_in(new).get("/me/sessions/").status_code == 200

"""The pages that disable an account and enable it again."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts import services
from accounts.models import User
from tests.accounts.base import ACCOUNTS, DOMAIN, check_looking, check_rights, last_entry, row, state_of
from tests.engines.cast import set_values
from tests.store import Store
from vpopmail.engines.base import Unavailable
from vpopmail.flags import BOUNCE_MAIL, SERVICES

OFF, ON, PAGE = f"{ACCOUNTS}anna/disable/", f"{ACCOUNTS}anna/enable/", f"{ACCOUNTS}anna/"


def test_off_and_on(example: Store, signed_in: Client) -> None:
    before = row(example)
    assert "disable/" in signed_in.get(PAGE).content.decode()
    response = signed_in.post(OFF, {"seen": "0-", "mail": "bounce", "reason": "left <b>"}, follow=True)
    page = response.content.decode()
    assert "This account is disabled." in page and "left &lt;b&gt;" in page and "enable/" in page
    assert f"anna@{DOMAIN} is disabled." in page
    assert row(example)["pw_gid"] == SERVICES | BOUNCE_MAIL
    assert last_entry().action == "disable_account"
    page = signed_in.get(ON).content.decode()
    assert "No POP" in page and "left &lt;b&gt;" in page
    response = signed_in.post(ON, {"seen": f"{SERVICES | BOUNCE_MAIL}!"}, follow=True)
    assert "is enabled again" in response.content.decode()
    assert row(example) == before


def test_what_still_works_is_named(
    example: Store, signed_in: Client, add_alias: Callable[..., None], admin: Any
) -> None:
    add_alias("info", f"&anna@{DOMAIN}")
    add_alias("anna", "&else@where.example", beside_account=True)
    page = check_looking(example, OFF, signed_in)
    assert f"info@{DOMAIN}" in page
    assert "else@where.example" in page
    assert "Dovecot is not told" in page or "master user" in page


@pytest.mark.stores("sqlite")
def test_looking_at_the_other_page(example: Store, signed_in: Client) -> None:
    assert "nothing to bring back" in check_looking(example, ON, signed_in)
    services.disable_account(actor=None, domain=DOMAIN, name="anna")
    assert "What comes back" in check_looking(example, ON, signed_in)
    assert "disabled already" in check_looking(example, OFF, signed_in)


@pytest.mark.parametrize("url", [OFF, ON])
def test_the_second_is_told(example: Store, signed_in: Client, url: str) -> None:
    if url == ON:
        services.disable_account(actor=None, domain=DOMAIN, name="anna")
    seen = signed_in.get(url).context["form"]["seen"].value()
    set_values(example, "anna", pw_gid=row(example)["pw_gid"] | 0x1000)
    before = row(example)
    response = signed_in.post(url, {"seen": seen, "mail": "forward", "reason": "typed"})
    assert "by somebody else meanwhile" in response.content.decode()
    assert row(example) == before
    form = response.context["form"]
    assert form["seen"].value() != seen
    again = {"seen": form["seen"].value(), "mail": "forward", "reason": "typed"}
    assert signed_in.post(url, again).status_code == 302
    assert row(example) != before


@pytest.mark.stores("sqlite")
def test_saving_what_is_so_already_changes_nothing(example: Store, signed_in: Client) -> None:
    services.disable_account(actor=None, domain=DOMAIN, name="anna", mail="forward")
    before = state_of(example)
    response = signed_in.post(OFF, {"seen": f"{SERVICES}!", "mail": "forward"}, follow=True)
    assert "Nothing was changed" in response.content.decode()
    assert state_of(example) == before
    services.enable_account(actor=None, domain=DOMAIN, name="anna")
    before = state_of(example)
    assert "Nothing was changed" in signed_in.post(ON, {"seen": "0-"}, follow=True).content.decode()
    assert state_of(example) == before


@pytest.mark.stores("sqlite")
@pytest.mark.parametrize("bad", [{"mail": "burn"}, {"mail": ""}, {"reason": "x" * 201}, {"reason": "a\0b"}])
def test_bad_input(example: Store, signed_in: Client, bad: dict[str, str]) -> None:
    before = state_of(example)
    response = signed_in.post(OFF, {"seen": "0-", "mail": "keep", **bad})
    assert response.status_code == 200 and response.context["form"].errors
    for seen in ("", "x", "-1-", "9" * 30, "4294967296-"):
        assert signed_in.post(OFF, {"seen": seen, "mail": "keep"}).context["form"].errors
    assert state_of(example) == before


@pytest.mark.stores("sqlite")
def test_a_failure_keeps_what_was_typed(
    example: Store, signed_in: Client, broken_engine: Callable[..., None]
) -> None:
    broken_engine("switch_accounts", Unavailable("the helper fails"))
    response = signed_in.post(OFF, {"seen": "0-", "mail": "bounce", "reason": "typed"})
    assert response.status_code == 503
    assert "the helper fails" in response.content.decode()
    assert response.context["form"]["reason"].value() == "typed"


@pytest.mark.stores("sqlite")
def test_rights(example: Store, person: Client, allow: Callable[..., Client]) -> None:
    viewer = allow("view_domain", "view_account")
    for url in (OFF, ON):
        check_rights(url, person)
        check_rights(url, viewer)


@pytest.mark.stores("sqlite")
def test_a_postmaster_does_not_undo_what_an_administrator_did(example: Store) -> None:
    client = Client()
    client.force_login(User.objects.of_mailbox("postmaster", DOMAIN))
    services.disable_account(actor=None, domain=DOMAIN, name="anna")
    page = client.get(PAGE).content.decode()
    assert "An administrator of the server did it" in page and "enable/" not in page
    before = row(example)
    assert "administrator" in client.post(ON, {"seen": f"{SERVICES}!"}).content.decode()
    assert row(example) == before


@pytest.mark.stores("sqlite")
def test_nobody_disables_itself(example: Store) -> None:
    client = Client()
    client.force_login(User.objects.of_mailbox("postmaster", DOMAIN))
    before = state_of(example)
    page = client.post(f"{ACCOUNTS}postmaster/disable/", {"seen": "0-", "mail": "keep"}).content.decode()
    assert "Nobody disables the account" in page
    assert state_of(example) == before


@pytest.mark.stores("sqlite")
def test_the_list_says_so(example: Store, signed_in: Client) -> None:
    services.disable_account(actor=None, domain=DOMAIN, name="anna")
    assert "Disabled" in signed_in.get(f"/domains/{DOMAIN}/").content.decode()

"""The pages and commands that disable a domain and enable it again."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts import disabling_domain, disabling_domain_views, services
from accounts.models import DisabledDomain, User
from audit.models import Entry
from tests.accounts.base import DOMAIN, check_looking, check_rights, state_of
from tests.commands.base import done, run
from tests.store import Store
from vpopmail.engines.base import Unavailable

PAGE = f"/domains/{DOMAIN}/"
OFF, ON = f"{PAGE}disable/", f"{PAGE}enable/"


def rows(store: Store) -> list[dict[str, Any]]:
    return sorted(store.accounts(DOMAIN), key=lambda row: str(row["pw_name"]))


def test_off_and_on(example: Store, signed_in: Client) -> None:
    before = rows(example)
    assert "disable/" in check_looking(example, PAGE, signed_in)
    assert "Every account" in check_looking(example, OFF, signed_in)
    page = signed_in.post(OFF, {"mail": "keep", "reason": "not <i>"}, follow=True).content.decode()
    assert (
        "This domain is disabled." in page and "not &lt;i&gt;" in page and "2 accounts were changed" in page
    )
    assert all(row["pw_passwd"].startswith("!") for row in rows(example))
    assert '<span class="state state-bad">' in signed_in.get("/domains/").content.decode()
    assert "What comes back" in check_looking(example, ON, signed_in)
    assert "disabled already" in check_looking(example, OFF, signed_in)
    page = signed_in.post(ON, {}, follow=True).content.decode()
    assert f"{DOMAIN} is enabled." in page
    assert rows(example) == before
    assert '<span class="state state-bad">' not in signed_in.get("/domains/").content.decode()


@pytest.mark.stores("sqlite")
def test_a_large_one_goes_on(example: Store, signed_in: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disabling_domain, "CHUNK", 1)
    monkeypatch.setattr(disabling_domain_views, "SECONDS", 0)
    before = rows(example)
    page = signed_in.post(OFF, {"mail": "bounce"}, follow=True).content.decode()
    assert "1 account was changed. That is not all of them yet" in page and "Go on disabling" in page
    assert "Go on disabling" in check_looking(example, PAGE, signed_in)
    page = signed_in.post(OFF, {}, follow=True).content.decode()
    assert "This domain is disabled." in page
    page = signed_in.post(ON, {}, follow=True).content.decode()
    assert "Go on enabling" in page
    assert "has to be finished first" in check_looking(example, OFF, signed_in)
    signed_in.post(ON, {})
    assert rows(example) == before and not DisabledDomain.objects.exists()


@pytest.mark.stores("sqlite")
def test_nothing_to_do_changes_nothing(example: Store, signed_in: Client) -> None:
    before = state_of(example)
    assert "nothing to bring back" in check_looking(example, ON, signed_in)
    signed_in.post(ON, {})
    assert state_of(example) == before
    services.disable_domain(actor=None, domain=DOMAIN)
    before = state_of(example)
    signed_in.post(OFF, {"mail": "bounce"})
    assert state_of(example) == before


@pytest.mark.stores("sqlite")
def test_bad_input_and_failures(
    example: Store, signed_in: Client, broken_engine: Callable[..., None]
) -> None:
    before = state_of(example)
    for bad in ({}, {"mail": "burn"}, {"mail": "keep", "reason": "x" * 201}):
        assert signed_in.post(OFF, bad).context["form"].errors
    assert state_of(example) == before
    broken_engine("switch_accounts", Unavailable("the helper fails."))
    response = signed_in.post(OFF, {"mail": "keep", "reason": "typed"})
    assert response.status_code == 503 and "the helper fails." in response.content.decode()


@pytest.mark.stores("sqlite")
def test_rights(example: Store, person: Client, allow: Callable[..., Client]) -> None:
    viewer = allow("view_domain", "view_account", "change_account")
    postmaster = Client()
    postmaster.force_login(User.objects.of_mailbox("postmaster", DOMAIN))
    for url in (OFF, ON):
        check_rights(url, person)
        check_rights(url, viewer)
        check_rights(url, postmaster)
    assert "disable/" not in postmaster.get(PAGE).content.decode()


@pytest.mark.stores("sqlite", "many")
def test_commands(example: Store) -> None:
    before = rows(example)
    answer = done("disable_domain", "--json", "--mail", "bounce", "--reason", "not paid", DOMAIN).json
    assert (answer["accounts"], answer["domain"]) == (2, DOMAIN)
    entry = Entry.objects.latest("id")
    line = f"manage.py disable_domain --mail bounce --reason 'not paid' {DOMAIN}"
    assert (entry.action, entry.command) == ("disable_domain", line)
    assert run("enable_account", f"anna@{DOMAIN}").status == 1
    assert "2 accounts" in done("enable_domain", DOMAIN).out
    assert rows(example) == before
    assert run("disable_domain", "nowhere.example").status == 3

"""SA_ADMIN mail accounts: owners like others, unless VPOPMAIL_SA_ADMIN makes administrators of them."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client, override_settings

from accounts import services as accounts
from tests.sign_in.people import ANNA, PASSWORD
from tests.store import Store
from vpopmail import flags
from vpopmail.engines.base import Refused

pytestmark = pytest.mark.stores("sqlite")
CHIEF = "chief@example.com"


@pytest.fixture
def chief(owner_of: Callable[[str], Client]) -> Client:
    accounts.add_account(
        actor=None, domain="example.com", name="chief", password=PASSWORD, flags=flags.SYSTEM_ADMIN
    )
    return owner_of(CHIEF)


@pytest.fixture
def on() -> Iterator[None]:
    with override_settings(VPOPMAIL_SA_ADMIN=True):
        yield


def test_off_it_adds_nothing(store: Store, chief: Client) -> None:
    from accounts.models import User
    from accounts.roles import Role, role_of

    assert role_of(User.objects.get(username=CHIEF)) is Role.OWNER
    for url in ("/domains/other.org/", "/domains/example.com/", "/domains/example.com/accounts/anna/"):
        assert chief.get(url).status_code == 404, url
    assert chief.get("/domains/").status_code == 403


def test_on_all_domains_are_theirs(store: Store, chief: Client, on: None) -> None:
    places = [place.url for place in chief.get("/").context["panel"].navigation]
    assert {"/domains/", "/server/", "/activity/", "/me/"} <= set(places)
    for url in (
        "/domains/",
        "/domains/other.org/",
        "/domains/add/",
        "/server/",
        "/activity/",
        "/server/trash/",
    ):
        assert chief.get(url).status_code == 200, url
    answer = chief.post("/domains/example.com/accounts/anna/quota/", {"quota": "1 GB", "seen": "NOQUOTA"})
    assert answer.status_code == 302
    assert [row["pw_shell"] for row in store.accounts("example.com") if row["pw_name"] == "anna"] == [
        "1073741824S"
    ]


def test_on_they_are_no_superusers(store: Store, chief: Client, on: None, admin: Any) -> None:
    urls = ("/server/administrators/", "/server/administrators/add/", "/server/administrators/admin/")
    for url in (*urls, "/domains/example.com/accounts/anna/look/", "/admin/login/"):
        assert chief.get(url).status_code == 403, url
        assert chief.post(url).status_code == 403, url


def test_on_others_get_nothing_by_it(store: Store, chief: Client, on: None, owner_of: Any) -> None:
    assert owner_of(ANNA).get("/domains/other.org/").status_code == 404
    assert owner_of("carol@example.com").get("/domains/other.org/").status_code == 404


def test_switched_off_it_is_over_at_once(store: Store, chief: Client) -> None:
    with override_settings(VPOPMAIL_SA_ADMIN=True):
        assert chief.get("/domains/other.org/").status_code == 200
    assert chief.get("/domains/other.org/").status_code == 404


def test_who_holds_letters_only_does_not_become_one_by_a_password(
    store: Store, chief: Client, on: None, allow: Any
) -> None:
    """Setting the password of such an account would be a way to all rights."""
    from accounts.models import User

    allow("view_domain", "view_account", "change_account", "change_password", "delete_account")
    helper = User.objects.exclude(username=CHIEF).get(username__startswith="with-")
    where = {"actor": helper, "domain": "example.com"}
    with pytest.raises(Refused, match="only a superuser"):
        accounts.change_password(**where, name="chief", password="Another-Horse-8")
    with pytest.raises(Refused, match="only a superuser"):
        accounts.delete_account(**where, name="chief")
    accounts.change_password(**where, name="anna", password="Another-Horse-8")
    with override_settings(VPOPMAIL_SA_ADMIN=False):
        accounts.change_password(**where, name="chief", password="Another-Horse-8")


def test_superusers_may(store: Store, chief: Client, on: None, admin: Any) -> None:
    accounts.change_password(actor=admin, domain="example.com", name="chief", password="Another-Horse-8")


def test_they_do_not_make_more_of_their_kind(store: Store, chief: Client, on: None) -> None:
    from accounts.models import User

    actor = User.objects.get(username=CHIEF)
    with pytest.raises(Refused):
        accounts.change_account(actor=actor, domain="example.com", name="anna", set_flags=flags.SYSTEM_ADMIN)


def test_a_second_factor_for_administrators_is_for_them_too(store: Store, chief: Client, on: None) -> None:
    with override_settings(REQUIRE_SECOND_FACTOR="administrators"):
        assert chief.get("/domains/")["Location"] == "/me/second-factor/"
        with override_settings(VPOPMAIL_SA_ADMIN=False):
            assert chief.get("/domains/").status_code == 403

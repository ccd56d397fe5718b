"""What the masks of a domain deny to its other administrators, its pages do not offer them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts import services as accounts
from domains.services import change_limits
from tests.sign_in.people import ANNA, CAROL, POSTMASTER

pytestmark = pytest.mark.stores("sqlite", "many")
DOMAIN = "/domains/example.com/"
PAGES = {
    "add": (DOMAIN, f"{DOMAIN}accounts/add/"),
    "name": (f"{DOMAIN}accounts/anna/", f"{DOMAIN}accounts/anna/change/"),
    "password": (f"{DOMAIN}accounts/anna/", f"{DOMAIN}accounts/anna/password/"),
    "quota": (f"{DOMAIN}accounts/anna/", f"{DOMAIN}accounts/anna/quota/"),
    "delete": (f"{DOMAIN}accounts/anna/", f"{DOMAIN}accounts/anna/delete/"),
    "add-alias": (f"{DOMAIN}aliases/", f"{DOMAIN}aliases/add/"),
    "forward": (f"{DOMAIN}aliases/forward/", f"{DOMAIN}aliases/forward/add/"),
    "delete-forward": (f"{DOMAIN}aliases/forward/", f"{DOMAIN}aliases/forward/delete/"),
    "blackhole": (f"{DOMAIN}aliases/blackhole/", f"{DOMAIN}aliases/blackhole/add/"),
}


@pytest.fixture
def offered(owner_of: Callable[[str], Client]) -> Callable[..., set[str]]:
    """`offered("carol@example.com", perm_account=7)`: what of PAGES that person finds a button for."""
    for alias, line in (("forward", "&anna@example.com"), ("blackhole", "# delete")):
        accounts.add_alias(actor=None, domain="example.com", alias=alias, line=line)

    def find(who: str, **masks: int) -> set[str]:
        everything = {"perm_account": 0, "perm_alias": 0, "perm_forward": 0, "perm_quota": 0}
        change_limits(actor=None, domain="example.com", changes=everything | masks)
        browser = owner_of(who)
        return {name for name, (page, url) in PAGES.items() if url in browser.get(page).content.decode()}

    return find


@pytest.mark.parametrize(
    "masks, hidden",
    [
        ({}, set()),
        ({"perm_account": 1}, {"add"}),
        ({"perm_account": 2}, {"name", "password", "quota"}),
        ({"perm_account": 4}, {"delete"}),
        ({"perm_quota": 2}, set()),  # a quota may still be taken away
        ({"perm_quota": 6}, {"quota"}),
        ({"perm_alias": 1}, set()),  # a forward may still be made
        ({"perm_alias": 1, "perm_forward": 1}, {"add-alias"}),
        ({"perm_forward": 2}, {"forward"}),
        ({"perm_forward": 4}, {"delete-forward"}),
        ({"perm_alias": 2}, {"blackhole"}),
    ],
)
def test_what_is_refused_is_not_offered(offered: Any, masks: dict[str, int], hidden: set[str]) -> None:
    assert offered(CAROL, **masks) == set(PAGES) - hidden
    assert offered(POSTMASTER, **masks) == set(PAGES)


def test_ones_own_password_is_not_masked(offered: Any, owner_of: Callable[[str], Client]) -> None:
    offered(CAROL, perm_account=7)
    assert "/me/password/" in owner_of(CAROL).get("/me/").content.decode()
    own = f"{DOMAIN}accounts/carol/"
    assert f"{own}password/" in owner_of(CAROL).get(own).content.decode()
    assert owner_of(ANNA).get("/me/").status_code == 200


def test_administrators_are_not_masked(offered: Any, signed_in: Client) -> None:
    offered(CAROL, perm_account=7, perm_alias=7, perm_forward=7, perm_quota=7)
    for name, (page, url) in PAGES.items():
        assert url in signed_in.get(page).content.decode(), name

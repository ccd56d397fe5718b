from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.services import add_accounts
from domains import services
from tests.pages import state_of
from tests.store import Store
from vpopmail.engines.base import NewAccount

URL = "/domains/example.com/"


def test_it_works(example: Store, signed_in: Client) -> None:
    response = signed_in.get(URL)
    assert response.status_code == 200
    page = response.content.decode()
    assert f'href="{URL}accounts/postmaster/"' in page
    assert str(example.directory("example.com")) in page
    assert str(response.context["facts"].accounts) == "1"
    assert [state.word for state in response.context["facts"].states] == ["Active"]
    for part in ("aliases/", "aliasdomains/", "activity/", "accounts/add/", "delete/"):
        assert f'href="{URL}{part}"' in page


def test_state_follows_the_limits(example: Store, signed_in: Client, admin: Any) -> None:
    services.change_limits(actor=admin, domain="example.com", changes={"disable_pop": 1, "maxpopaccounts": 5})
    facts = signed_in.get(URL).context["facts"]
    assert facts.states[0].word == "Restricted"
    assert "POP" in facts.states[0].detail
    assert facts.most_accounts == 5


@pytest.mark.stores("sqlite")
def test_alias_domain_and_upper_case_lead_to_the_domain(store: Store, signed_in: Client, admin: Any) -> None:
    services.add_domain(
        actor=admin, domain="example.com", password="Correct-Horse-7", alias_domains=["example.net"]
    )
    for name in ("example.net", "EXAMPLE.com"):
        assert signed_in.get(f"/domains/{name}/")["Location"] == URL


@pytest.mark.stores("sqlite")
@pytest.mark.parametrize("name", ["unknown.example", "..", "x", "exämple.com", "a%00b.com"])
def test_unknown_is_404(example: Store, signed_in: Client, name: str) -> None:
    for part in ("", "delete/", "activity/", "aliasdomains/"):
        assert signed_in.get(f"/domains/{name}/{part}").status_code == 404


@pytest.mark.stores("sqlite")
def test_not_signed_in_and_without_the_right(
    example: Store, client: Client, person: Client, allow: Any
) -> None:
    assert client.get(URL)["Location"].startswith("/sign-in/")
    assert person.get(URL).status_code in (403, 404)
    page = allow("view_domain").get(URL).content.decode()
    assert "accounts/postmaster/" not in page
    assert "delete/" not in page


def test_pages_search_and_queries(example: Store, signed_in: Client) -> None:
    accounts = [NewAccount(f"user{n:03}", "$6$x$y") for n in range(120)]
    add_accounts(actor=None, domain="example.com", accounts=accounts)
    before = state_of(example)
    signed_in.get(URL)
    with (
        CaptureQueriesContext(connections["default"]) as panel,
        CaptureQueriesContext(connections["vpopmail"]) as tables,
    ):
        response = signed_in.get(URL, {"after": "user010"})
    assert len(panel) + len(tables) <= 8, [*panel, *tables]
    shown = [account.name for account in response.context["accounts"]]
    assert shown == [f"user{n:03}" for n in range(11, 61)]
    assert 'rel="next"' in response.content.decode()
    found = signed_in.get(URL, {"q": "R11"}).context["accounts"]
    assert [account.name for account in found] == [f"user11{n}" for n in range(10)]
    assert state_of(example) == before


def test_accounts_of_other_domains_are_not_shown(example: Store, signed_in: Client, admin: Any) -> None:
    services.add_domain(actor=admin, domain="example.net", password="Correct-Horse-7")
    add_accounts(actor=admin, domain="example.net", accounts=[NewAccount("stranger", "$6$x$y")])
    assert "stranger" not in signed_in.get(URL).content.decode()

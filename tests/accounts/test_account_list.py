from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts import services
from tests.accounts.base import check_looking
from tests.store import Store
from vpopmail.engines.base import NewAccount

URL = "/domains/example.com/"


@pytest.fixture
def crowd(example: Store, admin: Any) -> Store:
    many = [NewAccount(f"user{n:03d}", "$6$aaaaaaaa$" + "x" * 86, gecos=f"Person {n}") for n in range(60)]
    services.add_accounts(actor=admin, domain="example.com", accounts=many)
    services.change_account(actor=admin, domain="example.com", name="user001", set_flags=0x80E)
    return example


def shown(client: Client, **query: str) -> list[str]:
    return [account.name for account in client.get(URL, query).context["accounts"]]


def test_a_page_and_the_next(crowd: Store, signed_in: Client) -> None:
    page = check_looking(crowd, URL, signed_in)
    for text in ("Person 0", "Active", "Disabled", "Administrator", "2 GB", "Never signed in"):
        assert text in page, text
    assert '<a href="/domains/example.com/accounts/anna/">' in page
    first = shown(signed_in)
    assert len(first) == 50
    assert f"?after={first[-1]}" in page
    rest = shown(signed_in, after=first[-1])
    assert (rest[0], rest[-1], len(rest)) == ("user048", "user059", 12)


def test_search_inside(crowd: Store, signed_in: Client) -> None:
    assert shown(signed_in, q="05") == ["user005", *[f"user05{n}" for n in range(10)]]
    assert shown(signed_in, q="USER059") == ["user059"]
    for text in ("%", "_ser", "ü", "nothing"):
        assert shown(signed_in, q=text) == []
    page = signed_in.get(URL, {"q": "<i>nothing"}).content.decode()
    assert "No account found" in page
    assert "<i>nothing" not in page


def test_at_most_eight_queries(
    crowd: Store, signed_in: Client, queries: Callable[[Client, str], int]
) -> None:
    signed_in.get(URL)
    assert queries(signed_in, URL) <= 8

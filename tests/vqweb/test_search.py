"""Search over everything."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts import services as accounts
from aliasdomains import services as alias_domains
from domains import services as domains
from tests.store import Store


@pytest.fixture
def server(example: Store, admin: Any) -> Store:
    """example.com, also called example.net, with the alias info → anna; and xn--mller-kva.example."""
    alias_domains.add_alias_domain(actor=admin, real="example.com", alias="example.net")
    accounts.add_alias(actor=admin, domain="example.com", alias="info", line="&anna@example.com")
    domains.add_domain(actor=admin, domain="xn--mller-kva.example", password="Correct-Horse-7")
    return example


def found(client: Client, text: str, **more: str) -> dict[str, list[str]]:
    """What was found, by group."""
    answer = client.get("/search/", {"q": text, **more})
    assert answer.status_code == 200, answer
    return {str(group.title): [row.text for row in group.rows] for group in answer.context["groups"]}


@pytest.mark.parametrize(
    "typed, page",
    [
        ("anna@example.com", "/domains/example.com/accounts/anna/"),
        (" Anna@Example.COM ", "/domains/example.com/accounts/anna/"),
        ("anna@example.net", "/domains/example.com/accounts/anna/"),
        ("info@example.com", "/domains/example.com/aliases/info/"),
        ("example.com", "/domains/example.com/"),
        ("example.net", "/domains/example.com/"),
        ("müller.example", "/domains/xn--mller-kva.example/"),
        ("postmaster@müller.example", "/domains/xn--mller-kva.example/accounts/postmaster/"),
    ],
)
@pytest.mark.stores("sqlite")
def test_what_is_named_in_full_is_opened(server: Store, signed_in: Client, typed: str, page: str) -> None:
    answer = signed_in.get("/search/", {"q": typed})
    assert answer.status_code == 302
    assert answer["Location"] == page


def test_parts_are_found_in_groups(server: Store, signed_in: Client) -> None:
    assert found(signed_in, "ann")["Accounts"] == ["anna@example.com"]
    assert found(signed_in, "anna@exam")["Accounts"] == ["anna@example.com"]
    assert found(signed_in, "examp") == {
        "Domains": ["example.com", "xn--mller-kva.example"],
        "Alias domains": ["example.net"],
        **({"Accounts": []} if server.kind == "perdomain" else {}),
    }
    assert found(signed_in, "müll")["Domains"] == ["xn--mller-kva.example"]


@pytest.mark.stores("many", "sqlite")
def test_aliases_by_name_and_by_destination(server: Store, signed_in: Client, admin: Any) -> None:
    assert found(signed_in, "inf")["Aliases"] == ["info@example.com"]
    accounts.delete_account(actor=admin, domain="example.com", name="anna")
    assert found(signed_in, "anna@example.com")["Aliases"] == ["info@example.com"]


@pytest.mark.stores("perdomain")
def test_it_says_that_it_cannot_look_everywhere(server: Store, signed_in: Client) -> None:
    assert "Without a domain" in signed_in.get("/search/", {"q": "nobody"}).content.decode()
    assert "Accounts" not in found(signed_in, "ann@example.com")


@pytest.mark.stores("sqlite")
def test_it_says_when_it_stopped_early(server: Store, signed_in: Client, admin: Any) -> None:
    from vqweb.search import SUGGESTED

    for number in range(SUGGESTED):
        alias_domains.add_alias_domain(actor=admin, real="example.com", alias=f"many{number}.example")
    part = {"q": "many", "part": "1"}
    assert "There are more" not in signed_in.get("/search/", part).content.decode()
    alias_domains.add_alias_domain(actor=admin, real="example.com", alias="many-more.example")
    page = signed_in.get("/search/", part)
    assert f"There are more than these {SUGGESTED}" in page.content.decode()
    assert len(page.context["groups"][0].rows) == SUGGESTED


@pytest.mark.stores("sqlite")
def test_suggestions_are_a_part_of_a_page_and_never_lead_away(server: Store, signed_in: Client) -> None:
    page = signed_in.get("/search/", {"q": "anna@example.com", "part": "1"})
    assert page.status_code == 200
    assert "<html" not in page.content.decode()
    assert 'href="/domains/example.com/accounts/anna/"' in page.content.decode()
    assert signed_in.get("/search/", {"q": "a", "part": "1"}).content.strip() == b""


@pytest.mark.parametrize(
    "typed", ["", "  ", "%", "_", "\x00", "ä", "a" * 5000, "'\"<script>", "@", "@@", "a@", "@b"]
)
def test_anything_may_be_typed(server: Store, signed_in: Client, typed: str) -> None:
    answer = signed_in.get("/search/", {"q": typed})
    assert answer.status_code == 200
    assert b"'\"<script>" not in answer.content


@pytest.mark.stores("sqlite")
def test_only_what_the_person_may_see(server: Store, allow: Callable[..., Client]) -> None:
    assert found(allow("view_domain"), "anna") == {}
    assert found(allow("view_domain", "view_alias"), "info") == {"Aliases": ["info@example.com"]}

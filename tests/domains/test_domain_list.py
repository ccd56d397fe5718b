import re
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from domains import services
from domains.listing import domain_page, letters
from tests.store import Store
from vpopmail.assigned import Assigned

URL = "/domains/"
PASSWORD = "Correct-Horse-7"


def names(response: HttpResponse) -> list[str]:
    return [row.domain.name for row in response.context["page"].rows]


def assign(store: Store, lines: list[tuple[str, str]]) -> None:
    """Domains as other programs would have made them: lines (name, real)."""
    text = "".join(f"+{name}-:{real}:89:89:{store.home}/domains/{real}:-::\n" for name, real in lines)
    (store.qmail / "users" / "assign").write_text(f"{text}.\n")


def test_it_works(store: Store, signed_in: Client, admin: Any) -> None:
    for name in ("example.com", "abc.example"):
        services.add_domain(actor=admin, domain=name, password=PASSWORD)
    response = signed_in.get(URL)
    assert response.status_code == 200
    assert names(response) == ["abc.example", "example.com"]
    assert [row.accounts for row in response.context["page"].rows] == [1, 1]
    assert '<a href="/domains/example.com/">' in response.content.decode()


def test_empty(store: Store, signed_in: Client) -> None:
    page = signed_in.get(URL).content.decode()
    assert "No domains yet" in page
    assert "/domains/add/" in page


@pytest.mark.stores("sqlite")
def test_alias_domains_are_folded_after_three(store: Store, signed_in: Client) -> None:
    aliases = [(f"alias{n}.net", "example.com") for n in range(5)]
    assign(store, [("example.com", "example.com"), *aliases])
    response = signed_in.get(URL)
    assert names(response) == ["example.com"]
    row = response.context["page"].rows[0]
    assert row.alias_domains == ["alias0.net", "alias1.net", "alias2.net"]
    assert row.folded == ["alias3.net", "alias4.net"]
    assert "2 more" in response.content.decode()


@pytest.mark.stores("sqlite")
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("xamp", ["example.com"]),
        ("XAMP", ["example.com"]),
        ("other", ["example.com"]),
        ("info@example.com", ["example.com"]),
        ("müll", ["xn--mller-kva.org"]),
        ("xn--mller", ["xn--mller-kva.org"]),
        ("nothing", []),
        ("%", []),
        ("'\"<script>", []),
    ],
)
def test_search(store: Store, signed_in: Client, text: str, found: list[str]) -> None:
    domains = ["example.com", "xn--mller-kva.org", "zoo.org"]
    assign(store, [*((name, name) for name in domains), ("another.net", "example.com")])
    response = signed_in.get(URL, {"q": text})
    assert names(response) == found
    page = response.content.decode()
    assert "<script>'" not in page
    assert ("No domain found" in page) == (not found)


@pytest.mark.stores("sqlite")
def test_only_those_with_alias_domains(store: Store, signed_in: Client) -> None:
    assign(store, [("a.com", "a.com"), ("b.com", "b.com"), ("b.net", "b.com"), ("lost.net", "gone.com")])
    assert names(signed_in.get(URL)) == ["a.com", "b.com"]
    assert names(signed_in.get(URL, {"with": "aliases"})) == ["b.com"]
    assert names(signed_in.get(URL, {"with": "aliases", "q": "a.com"})) == []


@pytest.mark.stores("sqlite")
def test_matching_alias_domain_is_shown_though_many_are_folded(store: Store, signed_in: Client) -> None:
    assign(store, [("example.com", "example.com"), *((f"a{n}.net", "example.com") for n in range(10))])
    row = signed_in.get(URL, {"q": "a7."}).context["page"].rows[0]
    assert row.alias_domains[0] == "a7.net"


@pytest.mark.stores("sqlite")
def test_htmx_gets_the_table_only(store: Store, signed_in: Client) -> None:
    assign(store, [("example.com", "example.com")])
    headers = {"HX-Request": "true", "HX-Target": "found"}
    page = signed_in.get(URL, {"q": "exa"}, headers=headers).content.decode()
    assert "<html" not in page
    assert 'id="found"' in page
    assert "example.com" in page


@pytest.mark.stores("sqlite")
def test_pages_and_letters(store: Store, signed_in: Client) -> None:
    wanted = sorted(f"{letter}{n:03}.example" for letter in "abc" for n in range(60))
    assign(store, [(name, name) for name in wanted])
    seen, url = [], URL
    while url:
        response = signed_in.get(url)
        assert len(names(response)) <= 50
        seen += names(response)
        following = re.search(r'rel="next" href="([^"]+)"', response.content.decode())
        url = URL + following[1].replace("&amp;", "&") if following else ""
    assert seen == wanted
    assert response.context["letters"] == ["a", "b", "c"]
    assert names(signed_in.get(URL, {"letter": "b"}))[0] == "b000.example"
    second = signed_in.get(URL, {"letter": "b", "after": "b049.example"})
    assert names(second) == [f"b{n:03}.example" for n in range(50, 60)]


@pytest.mark.stores("sqlite")
def test_page_costs_the_same_for_many_domains(store: Store, signed_in: Client) -> None:
    from django.db import connections
    from django.test.utils import CaptureQueriesContext

    assign(store, [(f"d{n:05}.example", f"d{n:05}.example") for n in range(20_000)])
    signed_in.get(URL)
    with (
        CaptureQueriesContext(connections["default"]) as panel,
        CaptureQueriesContext(connections["vpopmail"]) as tables,
    ):
        response = signed_in.get(URL, {"after": "d19000.example"})
    assert names(response)[0] == "d19001.example"
    assert len(panel) + len(tables) <= 8, [*panel, *tables]


def test_scanning_ends_with_the_page(store: Store) -> None:
    text = "".join(f"+d{n}.example-:d{n}.example:89:89:/v/d{n}.example:-::\n" for n in range(1000)) + ".\n"
    page = domain_page(Assigned(text), text="d1", size=10)
    assert len(page.rows) == 10
    assert page.next_after == page.rows[-1].domain.name
    assert letters([]) == []


@pytest.mark.stores("sqlite")
def test_not_signed_in_and_without_the_right(
    store: Store, client: Client, person: Client, allow: Any
) -> None:
    assert client.get(URL)["Location"].startswith("/sign-in/")
    assert person.get(URL).status_code == 403
    page = allow("view_domain").get(URL)
    assert page.status_code == 200
    assert "/domains/add/" not in page.content.decode()


@pytest.mark.stores("sqlite")
def test_post_changes_nothing_and_bad_positions_are_the_first_page(store: Store, signed_in: Client) -> None:
    assign(store, [("example.com", "example.com")])
    for query in ({"after": "\x00"}, {"letter": "é"}, {"letter": "%00"}, {"q": "x" * 5000}):
        assert signed_in.get(URL, query).status_code == 200

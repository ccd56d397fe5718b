import re
from typing import Any

import pytest
from django.db import connections
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from aliasdomains import services
from tests.store import Store

URL = "/aliasdomains/"
TAB = "/domains/example.com/aliasdomains/"


def names(response: HttpResponse) -> list[str]:
    return [row.name for row in response.context["page"].rows]


def assign(store: Store, lines: list[tuple[str, str]]) -> None:
    """Domains as other programs would have made them: lines (name, real)."""
    text = "".join(f"+{name}-:{real}:89:89:{store.home}/domains/{real}:-::\n" for name, real in lines)
    (store.qmail / "users" / "assign").write_text(f"{text}.\n")


def test_it_works(example: Store, signed_in: Client, admin: Any) -> None:
    for alias in ("example.net", "abc.example"):
        services.add_alias_domain(actor=admin, real="example.com", alias=alias)
    for url in (URL, TAB):
        response = signed_in.get(url)
        assert names(response) == ["abc.example", "example.net"]
        assert 'href="/aliasdomains/example.net/delete/"' in response.content.decode()
    assert '<a href="/domains/example.com/">' in signed_in.get(URL).content.decode()


@pytest.mark.stores("sqlite")
def test_empty(example: Store, signed_in: Client) -> None:
    page = signed_in.get(URL).content.decode()
    assert "No alias domains yet" in page
    assert "/aliasdomains/add/" in page
    page = signed_in.get(TAB).content.decode()
    assert "No alias domains yet" in page
    assert "/aliasdomains/add/?real=example.com" in page


@pytest.mark.stores("sqlite")
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("zebra", ["zebra.org"]),
        ("ZEB", ["zebra.org"]),
        ("example.com", ["xn--mller-kva.net"]),
        ("müll", ["xn--mller-kva.net"]),
        ("nothing", []),
        ("<b>", []),
    ],
)
def test_search(store: Store, signed_in: Client, text: str, found: list[str]) -> None:
    real = [("example.com", "example.com"), ("other.org", "other.org")]
    assign(store, [*real, ("xn--mller-kva.net", "example.com"), ("zebra.org", "other.org")])
    response = signed_in.get(URL, {"q": text})
    assert names(response) == found
    assert ("No alias domain found" in response.content.decode()) == (not found)
    part = signed_in.get(URL, {"q": text}, headers={"HX-Request": "true", "HX-Target": "found"})
    assert "<html" not in part.content.decode()
    assert names(part) == found


@pytest.mark.stores("sqlite")
@pytest.mark.parametrize("url", [URL, TAB])
def test_pages(store: Store, signed_in: Client, url: str) -> None:
    wanted = [f"a{n:03}.net" for n in range(120)]
    assign(store, [("example.com", "example.com"), *((name, "example.com") for name in wanted)])
    seen, following = [], url
    while following:
        with (
            CaptureQueriesContext(connections["default"]) as panel,
            CaptureQueriesContext(connections["vpopmail"]) as rows,
        ):
            response = signed_in.get(following)
        assert len(panel) + len(rows) <= 8
        seen += names(response)
        link = re.search(r'rel="next" href="([^"]+)"', response.content.decode())
        following = url + link[1] if link else ""
    assert seen == wanted


@pytest.mark.stores("sqlite")
def test_tab_of_an_alias_domain_leads_to_its_domain(store: Store, signed_in: Client) -> None:
    assign(store, [("example.com", "example.com"), ("example.net", "example.com")])
    assert signed_in.get("/domains/example.net/aliasdomains/")["Location"] == TAB
    assert signed_in.get("/domains/unknown.org/aliasdomains/").status_code == 404


@pytest.mark.stores("sqlite")
def test_not_signed_in_and_without_the_right(
    example: Store, client: Client, person: Client, allow: Any
) -> None:
    for url in (URL, TAB):
        assert client.get(url)["Location"].startswith("/sign-in/")
        assert person.get(url).status_code in (403, 404)
        page = allow("view_domain").get(url) if url == URL else allow("view_domain", "view_account").get(url)
        assert page.status_code == 200
        assert "/aliasdomains/add/" not in page.content.decode()

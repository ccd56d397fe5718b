from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.accounts.base import ALIASES, check_looking, check_rights
from tests.store import Store


def lines(client: Client, **query: str) -> dict[str, list[tuple[str, str, bool]]]:
    """Alias → (destination, word, missing) as the page shows them."""
    rows = client.get(ALIASES, query).context["page"].rows
    return {row.alias.name: [(d.text, str(d.word), d.missing) for d in row.destinations] for row in rows}


def test_kinds_and_marks(
    example: Store, signed_in: Client, add_alias: Callable[..., None], admin: Any
) -> None:
    from aliasdomains import services

    services.add_alias_domain(actor=admin, real="example.com", alias="example.net")
    add_alias("info", "&anna@example.com")
    add_alias("info", "bob@elsewhere.example")
    add_alias("info", "gone@example.com")
    add_alias("sales", "info@example.net")
    add_alias("devnull", "#")
    assert lines(signed_in) == {
        "devnull": [("#", "Thrown away", False)],
        "info": [
            ("anna@example.com", "Account", False),
            ("bob@elsewhere.example", "Elsewhere", False),
            ("gone@example.com", "Address", True),
        ],
        "sales": [("info@example.net", "Alias", False)],
    }
    page = check_looking(example, ALIASES, signed_in)
    assert page.count("Does not exist") == 1
    assert '<a href="/domains/example.com/aliases/info/">' in page


@pytest.mark.stores("sqlite", "many", "old")
def test_programs_and_mailboxes_of_others_are_shown(example: Store, signed_in: Client) -> None:
    """Rows that other programs wrote, by hand: a program, a mailbox by its path."""
    from django.db import connections

    from vpopmail.schema import ensure_table

    ensure_table("valias")
    with connections["vpopmail"].cursor() as cursor:
        for alias, line in (
            ("robot", "|/usr/bin/true <x>"),
            ("copy", "/home/x/Maildir/"),
            ("upper", "&Anna@Example.COM"),
        ):
            cursor.execute(
                "INSERT INTO valias (alias, domain, valias_line) VALUES (%s, 'example.com', %s)",
                [alias, line],
            )
    shown = lines(signed_in)
    assert shown["robot"][0][1] == "Program"
    assert shown["copy"] == [("/home/x/Maildir/", "Mailbox", False)]
    assert shown["upper"] == [("Anna@Example.COM", "Account", False)]
    page = signed_in.get(ALIASES).content.decode()
    assert '<code class="program">|/usr/bin/true &lt;x&gt;</code>' in page


def test_at_most_eight_queries(
    example: Store, signed_in: Client, add_alias: Callable[..., None], queries: Callable[[Client, str], int]
) -> None:
    for n in range(12):
        add_alias(f"list{n}", "anna@example.com")
        add_alias(f"list{n}", f"nobody{n}@example.com")
    signed_in.get(ALIASES)
    assert queries(signed_in, ALIASES) <= 8


def test_paging_and_search(example: Store, signed_in: Client, add_alias: Callable[..., None]) -> None:
    for n in range(52):
        add_alias(f"list{n:02d}", "#")
    first = list(lines(signed_in))
    assert len(first) == 50
    assert list(lines(signed_in, after=first[-1])) == ["list50", "list51"]
    assert list(lines(signed_in, q="list4")) == [f"list4{n}" for n in range(10)]
    assert list(lines(signed_in, q="LIST51@example.com")) == ["list51"]
    assert lines(signed_in, q="x%") == {}


def test_empty(example: Store, signed_in: Client) -> None:
    page = signed_in.get(ALIASES).content.decode()
    assert "No aliases yet" in page
    assert f"{ALIASES}add/" in page


@pytest.mark.stores("sqlite")
def test_part_for_htmx(example: Store, signed_in: Client, add_alias: Callable[..., None]) -> None:
    add_alias("info", "#")
    page = signed_in.get(ALIASES, headers={"HX-Request": "true", "HX-Target": "found"}).content.decode()
    assert page.lstrip().startswith('<div id="found">')
    assert "1 alias shown" in page


@pytest.mark.stores("sqlite")
def test_by_an_alias_domain(example: Store, signed_in: Client, admin: Any) -> None:
    from aliasdomains import services

    services.add_alias_domain(actor=admin, real="example.com", alias="example.net")
    assert signed_in.get("/domains/example.net/aliases/")["Location"] == ALIASES


@pytest.mark.stores("sqlite")
def test_rights(example: Store, person: Client, allow: Callable[..., Client], signed_in: Client) -> None:
    check_rights(ALIASES, person)
    assert allow("view_domain").get(ALIASES).status_code == 403
    page = allow("view_domain", "view_alias").get(ALIASES)
    assert page.status_code == 200
    assert "add/" not in page.content.decode().split("<main")[1]
    assert signed_in.get("/domains/other.com/aliases/").status_code == 404

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.accounts.base import ACCOUNTS, ALIASES, check_looking, check_rights
from tests.store import Store

URL = f"{ALIASES}info/"


@pytest.mark.stores("sqlite", "many", "perdomain", "old")
def test_it_works(example: Store, signed_in: Client, add_alias: Callable[..., None]) -> None:
    add_alias("info", "anna@example.com")
    add_alias("info", "gone@example.com")
    add_alias("info", "bob@elsewhere.example")
    page = check_looking(example, URL, signed_in)
    for text in (
        '<a href="/domains/example.com/accounts/anna/">',
        "Does not exist",
        "Elsewhere",
        f'action="{URL}remove/"',
        f'action="{URL}add/"',
        f'href="{URL}delete/"',
        "manage.py valias -s info@example.com",
        "Alias changed",
    ):
        assert text in page, text
    assert page.count("Does not exist") == 1


@pytest.mark.stores("sqlite")
def test_the_last_line_has_no_button(
    example: Store, signed_in: Client, add_alias: Callable[..., None]
) -> None:
    add_alias("info", "anna@example.com")
    assert f'action="{URL}remove/"' not in signed_in.get(URL).content.decode()


def test_files_look_the_same(in_files: Store, signed_in: Client, add_alias: Callable[..., None]) -> None:
    add_alias("info", "anna@example.com")
    add_alias("info", "bob@elsewhere.example")
    file = in_files.directory("example.com") / ".qmail-info"
    assert file.read_text() == "anna@example.com\nbob@elsewhere.example\n"
    page = signed_in.get(URL).content.decode()
    assert '<a href="/domains/example.com/accounts/anna/">' in page
    assert f'action="{URL}remove/"' in page
    assert ".qmail" not in page
    assert '<a href="/domains/example.com/aliases/info/">' in signed_in.get(ALIASES).content.decode()
    assert (
        '<a href="/domains/example.com/aliases/info/">' in signed_in.get(f"{ACCOUNTS}anna/").content.decode()
    )


def test_a_file_beside_the_table_is_found(example: Store, signed_in: Client) -> None:
    (example.directory("example.com") / ".qmail-info").write_text("|/usr/bin/ezmlm <x>\n&anna@example.com\n")
    page = signed_in.get(URL).content.decode()
    assert '<code class="program">|/usr/bin/ezmlm &lt;x&gt;</code>' in page
    assert "Account" in page


def test_at_most_eight_queries(
    example: Store, signed_in: Client, add_alias: Callable[..., None], queries: Callable[[Client, str], int]
) -> None:
    for n in range(8):
        add_alias("info", f"user{n}@example.com")
    signed_in.get(URL)
    assert queries(signed_in, URL) <= 8


def test_unknown(example: Store, signed_in: Client) -> None:
    for path in ("nobody/", "ännä/", "in%25/", "-a/", "default/", "anna/"):
        assert signed_in.get(f"{ALIASES}{path}").status_code == 404, path


@pytest.mark.stores("sqlite")
def test_by_an_alias_domain(
    example: Store, signed_in: Client, admin: Any, add_alias: Callable[..., None]
) -> None:
    from aliasdomains import services

    add_alias("info", "#")
    services.add_alias_domain(actor=admin, real="example.com", alias="example.net")
    assert signed_in.get("/domains/example.net/aliases/info/")["Location"] == URL


@pytest.mark.stores("sqlite")
def test_rights(
    example: Store, person: Client, allow: Callable[..., Client], add_alias: Callable[..., None]
) -> None:
    add_alias("info", "#")
    check_rights(URL, person)
    page = allow("view_domain", "view_alias").get(URL)
    assert page.status_code == 200
    assert "<form" not in page.content.decode().split('<main id="main"')[1]

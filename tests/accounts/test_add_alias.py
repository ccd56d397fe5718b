from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.accounts.base import (
    ALIASES,
    alias_rows,
    check_looking,
    check_rights,
    error_of,
    last_entry,
    row,
    state_of,
)
from tests.store import Store
from vpopmail.engines.base import Unavailable

URL = f"{ALIASES}add/"
TYPED = {"alias": "info", "line": "bob@elsewhere.example"}


def lines(store: Store, alias: str = "info") -> list[str]:
    from vpopmail.aliases import get_alias

    return [line.line for line in get_alias("example.com", alias)]


def test_it_works(example: Store, signed_in: Client) -> None:
    response = signed_in.post(URL, TYPED)
    assert response["Location"] == f"{ALIASES}info/"
    assert lines(example) == ["bob@elsewhere.example"]
    assert "was added" in signed_in.get(response["Location"]).content.decode()
    entry = last_entry()
    assert (entry.action, entry.target, entry.state) == ("valias", "info@example.com", "ok")
    assert entry.changes == {"line": [None, "bob@elsewhere.example"]}


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("anna", "anna@example.com"),
        ("&anna@example.com", "&anna@example.com"),
        ("Bob+x@Elsewhere.Example", "Bob+x@elsewhere.example"),
        ("bob@müller.example", "bob@xn--mller-kva.example"),
        ("one-letter@x.yz", "one-letter@x.yz"),
    ],
)
@pytest.mark.stores("sqlite")
def test_destinations(example: Store, signed_in: Client, typed: str, stored: str) -> None:
    signed_in.post(URL, {**TYPED, "line": typed})
    assert lines(example) == [stored]


def test_blackhole(example: Store, signed_in: Client) -> None:
    signed_in.post(URL, {"alias": "devnull", "line": "", "blackhole": "on"})
    assert lines(example, "devnull") == ["#"]


def test_one_letter_and_upper_case(example: Store, signed_in: Client) -> None:
    response = signed_in.post(URL, {**TYPED, "alias": "X"})
    assert response["Location"] == f"{ALIASES}x/"
    assert lines(example, "x") == ["bob@elsewhere.example"]


@pytest.mark.stores("sqlite")
def test_an_alias_called_add_has_a_page(example: Store, signed_in: Client) -> None:
    response = signed_in.post(URL, {**TYPED, "alias": "add"})
    assert signed_in.get(response["Location"]).context["address"] == "add@example.com"


@pytest.mark.stores("sqlite", "many", "perdomain", "old")
def test_one_more_line_of_an_alias(example: Store, signed_in: Client, add_alias: Callable[..., None]) -> None:
    add_alias("info", "anna@example.com")
    signed_in.post(URL, TYPED)
    assert sorted(lines(example)) == ["anna@example.com", "bob@elsewhere.example"]


def test_under_an_alias_domain(example: Store, signed_in: Client, admin: Any) -> None:
    from aliasdomains import services

    services.add_alias_domain(actor=admin, real="example.com", alias="example.net")
    assert signed_in.post("/domains/example.net/aliases/add/", TYPED)["Location"] == f"{ALIASES}info/"
    assert lines(example) == ["bob@elsewhere.example"]


BAD = [
    ("alias", "", "required"),
    ("alias", "n" * 65, "at most 64"),
    ("alias", "n" * 33, "32"),
    ("alias", "-info", "hyphen"),
    ("alias", "..", "mail server"),
    ("alias", "a/b", "made of"),
    ("alias", "in fo", "made of"),
    ("alias", "in\x07fo", "made of"),
    ("alias", "infö", "made of"),
    ("alias", "info@example.com", "before the @"),
    ("alias", "default", "own delivery"),
    ("line", "", "Type where mail goes"),
    ("line", "|/bin/sh -c id", "Programs cannot be entered"),
    ("line", "/etc/passwd", "Paths cannot be entered"),
    ("line", "./Maildir/", "Paths cannot be entered"),
    ("line", "bob@", "domain"),
    ("line", "@elsewhere.example", "address"),
    ("line", "bob@@elsewhere.example", "address"),
    ("line", "bob @elsewhere.example", "address"),
    ("line", "bob\x02@elsewhere.example", "control"),
    ("line", "bob@else_where.example", "domain"),
    ("line", "bob@localhost", "domain"),
    ("line", "a@x.example, b@x.example", "address"),
    ("line", "b" * 490 + "@elsewhere.example", "500"),
    ("line", "info@example.com", "circle"),
    ("line", "info", "circle"),
]


def test_bad_input(example: Store, signed_in: Client) -> None:
    before = state_of(example)
    for field, value, words in BAD:
        response = signed_in.post(URL, {**TYPED, field: value})
        assert words in error_of(response, field), (field, value, response.context["form"].errors)
        assert response.context["form"][field].value() == value
    response = signed_in.post(URL, {**TYPED, "blackhole": "on"})
    assert "not both" in error_of(response, "line")
    assert state_of(example) == before


def test_no_circles(example: Store, signed_in: Client, add_alias: Callable[..., None], admin: Any) -> None:
    from aliasdomains import services

    services.add_alias_domain(actor=admin, real="example.com", alias="example.net")
    add_alias("b", "c@example.com")
    add_alias("c", "info@example.com")
    before = state_of(example)
    for line in ("b@example.com", "c@example.net", "info@example.net"):
        assert "circle" in error_of(signed_in.post(URL, {**TYPED, "line": line}), "line")
    assert state_of(example) == before


def test_the_same_line_twice(example: Store, signed_in: Client) -> None:
    signed_in.post(URL, TYPED)
    before = state_of(example)
    assert "already" in error_of(signed_in.post(URL, TYPED), "line")
    assert state_of(example) == before


def test_beside_an_account(example: Store, signed_in: Client) -> None:
    before = state_of(example)
    response = signed_in.post(URL, {**TYPED, "alias": "anna"})
    assert "account" in error_of(response, "alias")
    page = response.content.decode()
    assert 'name="beside_account"' in page
    assert 'name="keep_copy"' in page
    assert 'value="bob@elsewhere.example"' in page
    assert state_of(example) == before
    response = signed_in.post(URL, {**TYPED, "alias": "anna", "beside_account": "on"})
    assert lines(example, "anna") == ["bob@elsewhere.example"]
    assert "an account of the same name" in signed_in.get(response["Location"]).content.decode()


def test_with_a_copy_in_the_mailbox(example: Store, signed_in: Client) -> None:
    response = signed_in.post(URL, {**TYPED, "alias": "anna", "keep_copy": "on"})
    assert response.status_code == 302
    mailbox = f"{row(example)['pw_dir']}/Maildir/"
    assert lines(example, "anna") == [mailbox, "bob@elsewhere.example"]
    assert "Mailbox" in signed_in.get(response["Location"]).content.decode()


@pytest.mark.stores("sqlite")
def test_a_bad_destination_leaves_no_copy_line(example: Store, signed_in: Client) -> None:
    before = state_of(example)
    typed = {"alias": "anna", "line": "anna@example.com", "keep_copy": "on"}
    assert "circle" in error_of(signed_in.post(URL, typed), "line")
    assert state_of(example) == before


@pytest.mark.stores("sqlite")
def test_engine_fails(example: Store, signed_in: Client, broken_engine: Callable[..., None]) -> None:
    broken_engine("valias_insert", Unavailable("The database is gone."))
    response = signed_in.post(URL, TYPED)
    assert response.status_code == 503
    assert error_of(response, "__all__") == "The database is gone."
    assert 'value="bob@elsewhere.example"' in response.content.decode()
    assert last_entry().state == "failed"
    assert alias_rows(example) == []


@pytest.mark.stores("sqlite")
def test_rights(example: Store, person: Client, allow: Callable[..., Client], signed_in: Client) -> None:
    check_rights(URL, person)
    assert allow("view_domain", "view_alias").post(URL, TYPED).status_code == 403
    assert allow("view_domain", "view_alias", "add_alias").post(URL, TYPED).status_code == 302
    assert signed_in.post("/domains/other.com/aliases/add/", TYPED).status_code == 404


@pytest.mark.stores("sqlite")
def test_looking_changes_nothing(example: Store, signed_in: Client) -> None:
    page = check_looking(example, f"{URL}?alias=info&line=anna@example.com", signed_in)
    assert "manage.py valias" in page
    assert 'value="info"' in page

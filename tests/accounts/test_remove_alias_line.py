from collections.abc import Callable

import pytest
from django.test import Client

from tests.accounts.base import ALIASES, alias_rows, last_entry, state_of
from tests.accounts.test_add_alias import lines
from tests.store import Store
from vpopmail.engines.base import Unavailable

URL = f"{ALIASES}info/remove/"


@pytest.fixture
def info(example: Store, add_alias: Callable[..., None]) -> Store:
    for line in ("anna@example.com", "bob@elsewhere.example", "carl@elsewhere.example"):
        add_alias("info", line)
    return example


def button(client: Client, line: str) -> dict[str, str]:
    """What the button beside a line sends."""
    shown = client.get(f"{ALIASES}info/").context["lines"]
    found = next(d.line for d in shown if d.line.line == line)
    return {"line": found.line} | ({"id": str(found.id)} if found.id is not None else {})


@pytest.mark.stores("sqlite", "many", "perdomain", "old")
def test_one_of_several(info: Store, signed_in: Client) -> None:
    response = signed_in.post(URL, button(signed_in, "bob@elsewhere.example"))
    assert response["Location"] == f"{ALIASES}info/"
    assert sorted(lines(info)) == ["anna@example.com", "carl@elsewhere.example"]
    assert "one destination less" in signed_in.get(response["Location"]).content.decode()
    assert last_entry().changes == {"line": ["bob@elsewhere.example", None]}


@pytest.mark.stores("many")
def test_one_of_two_equal_lines(info: Store, signed_in: Client) -> None:
    from django.db import connections

    with connections["vpopmail"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO valias (alias, domain, valias_line) VALUES ('info', 'example.com', %s)",
            ["bob@elsewhere.example"],
        )
    signed_in.post(URL, button(signed_in, "bob@elsewhere.example"))
    assert lines(info).count("bob@elsewhere.example") == 1


def test_in_a_file(in_files: Store, signed_in: Client, add_alias: Callable[..., None]) -> None:
    add_alias("info", "anna@example.com")
    add_alias("info", "bob@elsewhere.example")
    signed_in.post(URL, button(signed_in, "anna@example.com"))
    assert (in_files.directory("example.com") / ".qmail-info").read_text() == "bob@elsewhere.example\n"


def test_the_last_one_goes_by_the_plan(
    example: Store, signed_in: Client, add_alias: Callable[..., None]
) -> None:
    add_alias("info", "anna@example.com")
    before = state_of(example)
    response = signed_in.post(URL, {"line": "anna@example.com"})
    assert response["Location"] == f"{ALIASES}info/delete/"
    assert state_of(example) == before


def test_bad_input(info: Store, signed_in: Client) -> None:
    before = state_of(info)
    for typed in ({}, {"line": ""}, {"line": "nobody@example.com"}, {"line": "anna@example.com", "id": "x"}):
        response = signed_in.post(URL, typed)
        assert response.status_code in (200, 400)
        assert 'role="alert"' in response.content.decode()
    assert state_of(info) == before


@pytest.mark.stores("sqlite")
def test_engine_fails(info: Store, signed_in: Client, broken_engine: Callable[..., None]) -> None:
    before = alias_rows(info)
    broken_engine("valias_remove", Unavailable("The database is gone."))
    response = signed_in.post(URL, button(signed_in, "anna@example.com"))
    assert response.status_code == 503
    assert "The database is gone." in response.content.decode()
    assert (alias_rows(info), last_entry().state) == (before, "failed")


@pytest.mark.stores("sqlite")
def test_rights(info: Store, person: Client, allow: Callable[..., Client]) -> None:
    typed = {"line": "anna@example.com"}
    assert Client().post(URL, typed)["Location"].startswith("/sign-in/")
    assert person.post(URL, typed).status_code in (403, 404)
    assert allow("view_domain", "view_alias").post(URL, typed).status_code == 403
    assert len(lines(info)) == 3


@pytest.mark.stores("sqlite")
def test_never_by_looking(info: Store, signed_in: Client) -> None:
    before = state_of(info)
    assert signed_in.get(f"{URL}?line=anna@example.com").status_code == 405
    assert state_of(info) == before
    assert signed_in.post(f"{ALIASES}nobody/remove/", {"line": "x"}).status_code == 404

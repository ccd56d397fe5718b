from collections.abc import Callable

import pytest
from django.test import Client

from tests.accounts.base import ALIASES, check_looking, check_rights, error_of, last_entry, row, state_of
from tests.accounts.test_add_alias import lines
from tests.store import Store
from vpopmail.engines.base import Unavailable

URL = f"{ALIASES}info/add/"


@pytest.fixture
def info(example: Store, add_alias: Callable[..., None]) -> Store:
    add_alias("info", "anna@example.com")
    return example


@pytest.mark.stores("sqlite", "many", "perdomain", "old")
def test_it_works(info: Store, signed_in: Client) -> None:
    response = signed_in.post(URL, {"line": "bob@elsewhere.example"})
    assert response["Location"] == f"{ALIASES}info/"
    assert sorted(lines(info)) == ["anna@example.com", "bob@elsewhere.example"]
    assert "one more destination" in signed_in.get(response["Location"]).content.decode()


def test_in_a_file(in_files: Store, signed_in: Client, add_alias: Callable[..., None]) -> None:
    add_alias("info", "anna@example.com")
    signed_in.post(URL, {"line": "bob@elsewhere.example"})
    file = in_files.directory("example.com") / ".qmail-info"
    assert file.read_text() == "anna@example.com\nbob@elsewhere.example\n"


@pytest.mark.stores("sqlite")
def test_the_mailbox_of_the_same_name(
    example: Store, signed_in: Client, add_alias: Callable[..., None]
) -> None:
    add_alias("anna", "bob@elsewhere.example", beside_account=True)
    assert 'name="keep_copy"' in signed_in.get(f"{ALIASES}anna/").content.decode()
    response = signed_in.post(f"{ALIASES}anna/add/", {"line": "x@y.example", "keep_copy": "on"})
    assert "One line at a time" in error_of(response, "line")
    signed_in.post(f"{ALIASES}anna/add/", {"line": "", "keep_copy": "on"})
    assert sorted(lines(example, "anna")) == [f"{row(example)['pw_dir']}/Maildir/", "bob@elsewhere.example"]
    assert 'name="keep_copy"' not in signed_in.get(f"{ALIASES}anna/").content.decode()


BAD = [
    ("", "Type where mail goes"),
    ("|/bin/sh", "Programs cannot"),
    ("/etc/x/", "Paths cannot"),
    ("info@example.com", "circle"),
    ("anna@example.com", "already"),
    ("bob@", "domain"),
    ("b" * 501, "500"),
    ("bob\x02@x.example", "control"),
]


def test_bad_input(info: Store, signed_in: Client) -> None:
    before = state_of(info)
    for value, words in BAD:
        response = signed_in.post(URL, {"line": value})
        assert words in error_of(response, "line"), value
        assert response.context["form"]["line"].value() == value
        assert "Mail goes to" in response.content.decode()
    assert state_of(info) == before


@pytest.mark.stores("sqlite")
def test_engine_fails(info: Store, signed_in: Client, broken_engine: Callable[..., None]) -> None:
    broken_engine("valias_insert", Unavailable("The disk is full.", field="line"))
    response = signed_in.post(URL, {"line": "bob@elsewhere.example"})
    assert response.status_code == 503
    assert error_of(response, "line") == "The disk is full."
    assert last_entry().state == "failed"
    assert lines(info) == ["anna@example.com"]


@pytest.mark.stores("sqlite")
def test_rights(info: Store, person: Client, allow: Callable[..., Client]) -> None:
    check_rights(URL, person)
    assert allow("view_domain", "view_alias").post(URL, {"line": "x@y.example"}).status_code == 403
    assert allow("view_domain", "change_alias").post(URL, {"line": "x@y.example"}).status_code == 302


@pytest.mark.stores("sqlite")
def test_unknown(info: Store, signed_in: Client) -> None:
    assert signed_in.post(f"{ALIASES}nobody/add/", {"line": "x@y.example"}).status_code == 404


@pytest.mark.stores("sqlite")
def test_looking_changes_nothing(info: Store, signed_in: Client) -> None:
    check_looking(info, URL, signed_in)

from collections.abc import Callable

import pytest
from django.test import Client

from tests.accounts.base import ALIASES, alias_rows, check_looking, check_rights, last_entry
from tests.store import Store
from vpopmail.engines.base import Unavailable

URL = f"{ALIASES}info/delete/"


@pytest.fixture
def info(example: Store, add_alias: Callable[..., None]) -> Store:
    for alias, line in (("info", "anna@example.com"), ("info", "bob@elsewhere.example"), ("sales", "#")):
        add_alias(alias, line)
    return example


@pytest.mark.stores("sqlite", "many", "perdomain", "old")
def test_it_works(info: Store, signed_in: Client) -> None:
    page = check_looking(info, URL, signed_in)
    for text in (
        "2 destinations",
        "elsewhere.<wbr>example",
        "unknown one",
        "Keep the alias",
        "manage.py valias -d info@example.com",
    ):
        assert text in page, text
    assert page.index("Keep the alias") < page.index("Delete alias</button>")
    response = signed_in.post(URL)
    assert response["Location"] == ALIASES
    assert alias_rows(info) == [("sales", "#")]
    assert "info@example.com was deleted" in signed_in.get(ALIASES).content.decode()
    assert last_entry().changes == {"lines": [["anna@example.com", "bob@elsewhere.example"], None]}


def test_a_file(in_files: Store, signed_in: Client, add_alias: Callable[..., None]) -> None:
    add_alias("info", "anna@example.com")
    signed_in.post(URL)
    assert not (in_files.directory("example.com") / ".qmail-info").exists()


@pytest.mark.stores("sqlite")
def test_the_mailbox_gets_mail_again(
    example: Store, signed_in: Client, add_alias: Callable[..., None]
) -> None:
    add_alias("anna", "bob@elsewhere.example", beside_account=True)
    page = signed_in.get(f"{ALIASES}anna/delete/").content.decode()
    assert "into its mailbox again" in page
    assert "unknown one" not in page


@pytest.mark.stores("sqlite")
def test_engine_fails(info: Store, signed_in: Client, broken_engine: Callable[..., None]) -> None:
    before = alias_rows(info)
    broken_engine("valias_delete", Unavailable("The database is gone."))
    response = signed_in.post(URL)
    assert response.status_code == 503
    assert "The database is gone." in response.content.decode()
    assert (alias_rows(info), last_entry().state) == (before, "failed")


@pytest.mark.stores("sqlite")
def test_rights(info: Store, person: Client, allow: Callable[..., Client]) -> None:
    check_rights(URL, person)
    assert allow("view_domain", "view_alias", "change_alias").post(URL).status_code == 403
    assert len(alias_rows(info)) == 3


@pytest.mark.stores("sqlite")
def test_unknown(info: Store, signed_in: Client) -> None:
    assert signed_in.get(f"{ALIASES}nobody/delete/").status_code == 404
    assert signed_in.post(f"{ALIASES}nobody/delete/").status_code == 404

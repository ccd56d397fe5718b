from typing import Any

import pytest
from django.test import Client

from aliasdomains import services
from audit.models import Entry
from tests.pages import state_of
from tests.store import Store
from vpopmail.engines.base import Refused, Unavailable

URL = "/aliasdomains/example.net/delete/"


@pytest.fixture
def with_alias(example: Store, admin: Any) -> Store:
    services.add_alias_domain(actor=admin, real="example.com", alias="example.net")
    return example


def test_it_works(with_alias: Store, signed_in: Client) -> None:
    response = signed_in.post(URL)
    assert response.status_code == 302
    assert response["Location"] == "/domains/example.com/aliasdomains/"
    for name in ("assign", "rcpthosts", "virtualdomains"):
        assert "example.net" not in with_alias.control(name)
        assert "example.com" in with_alias.control(name)
    assert with_alias.rows("SELECT alias FROM aliasdomains") == []
    assert (with_alias.directory("example.com") / "postmaster" / "Maildir").is_dir()
    assert [row["pw_name"] for row in with_alias.accounts("example.com")] == ["postmaster"]
    entry = Entry.objects.get(action="vdeldomain")
    assert (entry.target, entry.domain, entry.state) == ("example.net", "example.com", "ok")
    assert "example.net was deleted" in signed_in.get(response["Location"]).content.decode()


def test_plan(with_alias: Store, signed_in: Client) -> None:
    before = state_of(with_alias)
    page = signed_in.get(URL).content.decode()
    assert "will bounce" in page
    assert "Accounts and mail of example.com stay." in page
    assert page.index("Keep the alias domain") < page.index("Delete alias domain</button>")
    assert state_of(with_alias) == before


def test_engine_fails(with_alias: Store, signed_in: Client, broken_engine: Any) -> None:
    before = state_of(with_alias)
    broken_engine("vdeldomain", Refused("The disk said no."))
    response = signed_in.post(URL)
    assert response.status_code == 200
    assert "The disk said no." in response.content.decode()
    assert Entry.objects.get(action="vdeldomain").state == "failed"
    assert state_of(with_alias)["control"] == before["control"]


@pytest.mark.stores("sqlite")
def test_helper_does_not_answer(with_alias: Store, signed_in: Client, broken_engine: Any) -> None:
    broken_engine("vdeldomain", Unavailable("The mail host does not answer."))
    response = signed_in.post(URL)
    assert response.status_code == 503
    assert "The mail host does not answer." in response.content.decode()


@pytest.mark.stores("sqlite")
@pytest.mark.parametrize("name", ["unknown.org", "example.com", "..", "x"])
def test_what_is_no_alias_domain_is_404(with_alias: Store, signed_in: Client, name: str) -> None:
    before = state_of(with_alias)
    for method in (signed_in.get, signed_in.post):
        assert method(f"/aliasdomains/{name}/delete/").status_code == 404
    assert state_of(with_alias) == before


@pytest.mark.stores("sqlite")
def test_get_changes_nothing(with_alias: Store, signed_in: Client) -> None:
    before = state_of(with_alias)
    assert signed_in.get(URL, {"confirm": "example.net"}).status_code == 200
    assert signed_in.delete(URL).status_code == 405
    assert state_of(with_alias) == before


@pytest.mark.stores("sqlite")
def test_not_signed_in_and_without_the_right(
    with_alias: Store, client: Client, person: Client, allow: Any
) -> None:
    before = state_of(with_alias)
    assert client.post(URL)["Location"].startswith("/sign-in/")
    for other in (person, allow("view_domain", "add_aliasdomain", "delete_domain")):
        assert other.get(URL).status_code == 403
        assert other.post(URL).status_code == 403
    assert state_of(with_alias) == before

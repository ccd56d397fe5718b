from typing import Any

import pytest
from django.test import Client

from aliasdomains import services
from audit.models import Entry
from tests.pages import error_of, state_of
from tests.store import Store
from vpopmail.engines.base import Refused, Unavailable

URL = "/aliasdomains/add/"


def post(client: Client, alias: str, real: str = "example.com") -> Any:
    return client.post(URL, {"alias": alias, "real": real})


def test_it_works(example: Store, signed_in: Client) -> None:
    response = post(signed_in, "example.net")
    assert response.status_code == 302
    assert response["Location"] == "/domains/example.com/aliasdomains/"
    assert "+example.net-:example.com:" in example.control("assign")
    assert "example.net:example.net" in example.control("virtualdomains").splitlines()
    assert "example.net" in example.control("rcpthosts").splitlines()
    rows = example.rows("SELECT alias, domain FROM aliasdomains")
    assert rows == [{"alias": "example.net", "domain": "example.com"}]
    entry = Entry.objects.get(action="vaddaliasdomain")
    assert (entry.target, entry.domain, entry.state, entry.via) == (
        "example.net",
        "example.com",
        "ok",
        "page",
    )
    page = signed_in.get(response["Location"]).content.decode()
    assert 'Mail for example.net now reaches <a href="/domains/example.com/">example.com</a>.' in page


@pytest.mark.stores("sqlite")
@pytest.mark.parametrize(
    ("typed", "stored"), [("Example.NET", "example.net"), ("müller.example", "xn--mller-kva.example")]
)
def test_names_are_stored_lower_case_and_as_xn(
    example: Store, signed_in: Client, typed: str, stored: str
) -> None:
    assert post(signed_in, typed, "EXAMPLE.com").status_code == 302
    assert f"+{stored}-:example.com:" in example.control("assign")


@pytest.mark.stores("sqlite")
def test_real_may_be_an_alias_domain(example: Store, signed_in: Client) -> None:
    post(signed_in, "example.net")
    post(signed_in, "example.org", "example.net")
    assert "+example.org-:example.com:" in example.control("assign")


@pytest.mark.stores("sqlite")
def test_from_a_domain(example: Store, signed_in: Client) -> None:
    page = signed_in.get(URL, {"real": "example.com"}).content.decode()
    assert 'value="example.com"' in page
    assert '<option value="example.com">' in page


@pytest.mark.parametrize(
    ("alias", "message"),
    [
        ("", "Type the new name"),
        ("x" * 93 + ".com", "between 3 and 96"),
        ("-example.net", "does not start or end"),
        ("nodot", "has a dot"),
        ("a..net", "two dots"),
        ("a/b.net", "lower-case letters"),
        ("a\x01b.net", "lower-case letters"),
        ("a_b.net", "lower-case letters"),
        ("example.com", "alias domain of itself"),
        ("taken.org", "exists already"),
        ("Old.example", "already an alias domain of taken.org"),
    ],
)
@pytest.mark.stores("sqlite", "perdomain")
def test_bad_alias(example: Store, signed_in: Client, admin: Any, alias: str, message: str) -> None:
    from domains.services import add_domain

    add_domain(actor=admin, domain="taken.org", password="Correct-Horse-7", alias_domains=["old.example"])
    before = state_of(example)
    response = post(signed_in, alias)
    assert message in error_of(response, "alias")
    assert 'value="example.com"' in response.content.decode()
    assert state_of(example) == before


@pytest.mark.stores("sqlite")
@pytest.mark.parametrize(
    ("real", "message"),
    [
        ("", "Type the domain"),
        ("unknown.org", "no domain unknown.org"),
        ("a b", "lower-case letters"),
        ("..", "between"),
    ],
)
def test_bad_real(example: Store, signed_in: Client, real: str, message: str) -> None:
    before = state_of(example)
    response = post(signed_in, "example.net", real)
    assert message in error_of(response, "real")
    assert 'value="example.net"' in response.content.decode()
    assert state_of(example) == before


def test_engine_fails(example: Store, signed_in: Client, broken_engine: Any) -> None:
    before = state_of(example)
    broken_engine("vaddaliasdomain", Refused("The disk said no.", field="alias"))
    assert error_of(post(signed_in, "example.net"), "alias") == "The disk said no."
    entry = Entry.objects.get(action="vaddaliasdomain")
    assert (entry.state, entry.reason) == ("failed", "The disk said no.")
    assert state_of(example)["control"] == before["control"]


@pytest.mark.stores("sqlite")
def test_helper_does_not_answer(example: Store, signed_in: Client, broken_engine: Any) -> None:
    broken_engine("vaddaliasdomain", Unavailable("The mail host does not answer."))
    response = post(signed_in, "example.net")
    assert response.status_code == 503
    assert error_of(response, "__all__") == "The mail host does not answer."


@pytest.mark.stores("sqlite")
def test_check_as_one_types(
    example: Store, signed_in: Client, admin: Any, person: Client, client: Client
) -> None:
    services.add_alias_domain(actor=admin, real="example.com", alias="example.net")
    before = state_of(example)

    def check(**fields: str) -> str:
        return str(signed_in.get("/aliasdomains/check/", fields).content.decode())

    assert "is free." in check(alias="new.example", real="example.com")
    assert "already an alias domain" in check(alias="example.net", real="example.com")
    assert "no domain unknown.org" in check(alias="new.example", real="unknown.org")
    assert "check-" not in check(alias="new", real="")
    assert state_of(example) == before
    assert person.get("/aliasdomains/check/").status_code == 403
    assert client.get("/aliasdomains/check/")["Location"].startswith("/sign-in/")


@pytest.mark.stores("sqlite")
def test_get_changes_nothing(example: Store, signed_in: Client) -> None:
    before = state_of(example)
    assert signed_in.get(URL, {"alias": "example.net", "real": "example.com"}).status_code == 200
    assert signed_in.put(URL).status_code == 405
    assert state_of(example) == before


@pytest.mark.stores("sqlite")
def test_not_signed_in_and_without_the_right(
    example: Store, client: Client, person: Client, allow: Any
) -> None:
    before = state_of(example)
    assert post(client, "example.net")["Location"].startswith("/sign-in/")
    for other in (person, allow("view_domain", "add_domain")):
        assert other.get(URL).status_code == 403
        assert post(other, "example.net").status_code == 403
    assert state_of(example) == before

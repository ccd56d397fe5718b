"""Who forwards to an address: in the table, in files, by accounts and by mail for unknown addresses, in many
domains, for whoever may look there."""

import os
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts import services
from aliasdomains import services as alias_services
from domains import services as domain_services
from tests.accounts.base import PASSWORD, check_rights, state_of
from tests.accounts.test_own_account import sign_in
from tests.commands.base import done, run
from tests.store import GID, UID, Store
from vpopmail.leading import Scope, leading_to

URL = "/aliases/to/"
ANNA = "anna@example.com"
EVERYTHING = {
    ("alias", "box@other.example"),
    ("alias", "info@example.com"),
    ("alias", "team@example.com"),
    ("account", "bob@other.example"),
    ("unknown", "third.example"),
}

pytestmark = pytest.mark.stores("sqlite", "many")


def write(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o600)
    if os.geteuid() == 0:
        os.chown(path, UID, GID)


@pytest.fixture
def leading(example: Store, admin: Any) -> Store:
    """Five ways that lead to anna; a file, a row and an account that do not."""
    for name in ("other.example", "third.example"):
        domain_services.add_domain(actor=admin, domain=name, password=PASSWORD)
    alias_services.add_alias_domain(actor=admin, real="example.com", alias="alias.example")
    services.add_account(actor=admin, domain="other.example", name="bob", password=PASSWORD)
    services.add_account(actor=admin, domain="other.example", name="carl", password=PASSWORD)
    for domain, alias, line in (
        ("example.com", "info", "&Anna@Example.COM"),
        ("other.example", "box", "anna@alias.example"),
        ("example.com", "no", "&joanna@example.com"),
    ):
        services.add_alias(actor=admin, domain=domain, alias=alias, line=line)
    write(example.directory("example.com") / ".qmail-team", "# us\n&ANNA@alias.example\n")
    write(example.directory("example.com") / ".qmail-not", "|program anna@example.com\n")
    other = example.directory("other.example")
    write(other / "bob" / ".qmail", "&anna@example.com\n./Maildir/\n")
    write(other / "carl" / ".qmail", "&anna@elsewhere.example\n")
    home = example.home
    write(
        example.directory("third.example") / ".qmail-default",
        f"| {home}/bin/vdelivermail '' anna@example.com\n",
    )
    return example


def found(client: Client, **query: str) -> set[tuple[str, str]]:
    page = client.get(URL, {"address": ANNA, **query})
    assert page.status_code == 200
    return {(place.kind, place.address) for place in page.context["found"].places}


def test_everything_in_all_domains(leading: Store, signed_in: Client) -> None:
    before = state_of(leading)
    assert found(signed_in) == EVERYTHING
    assert found(signed_in, address="ANNA@alias.example") == EVERYTHING
    page = signed_in.get(URL, {"address": ANNA}).content.decode()
    assert "Looked at all of 3 domains" in page
    assert 'href="/domains/other.example/accounts/bob/"' in page and "valias --to anna@example.com" in page
    assert state_of(leading) == before


def test_it_stops_and_goes_on(leading: Store) -> None:
    """Without any time left each page looks at one domain; nothing is left out, nothing comes twice."""
    scope = Scope(("example.com", "other.example", "third.example"), lambda _name: True, everywhere=True)
    places, after, pages = [], "", 0
    while True:
        part = leading_to(ANNA, scope, after, seconds=0)
        places += [(place.kind, place.address) for place in part.places]
        after, pages = part.next_after, pages + 1
        if not after:
            break
    assert pages == 3 and part.looked == 3
    assert sorted(places) == sorted(EVERYTHING)


def test_in_the_midst_of_a_domain(leading: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vpopmail.leading._ACCOUNTS", 1)
    scope = Scope(("other.example",), lambda _name: True)
    first = leading_to(ANNA, scope, seconds=0)
    assert first.next_after == "other.example/bob" and first.looked == 0
    assert [place.kind for place in first.places] == ["account"]
    second = leading_to(ANNA, scope, first.next_after, seconds=60)
    assert second.next_after == "" and second.places == []


def test_a_postmaster_sees_the_own_domain(leading: Store, admin: Any) -> None:
    services.add_alias(actor=admin, domain="other.example", alias="postman", line="&x@alias.example")
    postmaster = sign_in("postmaster@other.example")
    assert found(postmaster) == {("account", "bob@other.example")}  # box: how alias.example leads is not told
    assert found(postmaster, address="anna@alias.example") == {("alias", "box@other.example")}
    page = postmaster.get(URL, {"address": ANNA}).content.decode()
    assert "third.example" not in page and "Looked at all of 1 domain." in page


def test_rights_and_bad_addresses(leading: Store, person: Client, signed_in: Client, allow: Any) -> None:
    check_rights(URL, person)
    without_accounts = allow("view_domain", "view_alias")
    assert found(without_accounts) == {one for one in EVERYTHING if one[0] != "account"}
    for address in ("", "anna", "@example.com", "a b@example.com", "x" * 300 + "@example.com"):
        page = signed_in.get(URL, {"address": address})
        assert page.status_code == 200 and "found" not in page.context
    assert "Nothing found" in signed_in.get(URL, {"address": "bob@far.example"}).content.decode()
    assert found(signed_in, after="nothing.example/x") == EVERYTHING - {
        ("alias", "info@example.com"),
        ("alias", "box@other.example"),
    }


def test_the_command(leading: Store) -> None:
    places = done("valias", "--json", "--to", "Anna@alias.example").json["places"]
    assert {(one["kind"], one["at"]) for one in places} == EVERYTHING
    assert "Nothing forwards" in run("valias", "--to", "nobody@example.com").err

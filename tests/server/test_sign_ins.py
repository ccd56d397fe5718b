"""Pages of attempts to sign in: of the server, of a domain, of an account, of one's own mailbox."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts import services as accounts
from aliasdomains import services as aliasdomains
from domains import services as domains
from tests.store import Store
from tests.vpopmail.sign_in_log import log, make
from vpopmail import sign_in_figures

PASSWORD = "Correct-Horse-7"
ANNA = "anna<wbr>@example<wbr>.com"


@pytest.fixture
def logged(store: Store, admin: Any) -> Store:
    """Two domains; attempts at an account of each, and at a name that nobody has."""
    make(store, "vlog")
    for domain in ("example.com", "other.org"):
        domains.add_domain(actor=admin, domain=domain, password=PASSWORD)
        accounts.add_account(actor=admin, domain=domain, name="anna", password=PASSWORD)
    aliasdomains.add_alias_domain(actor=admin, real="example.com", alias="example.net")
    log("anna@example.com", 3, times=2, ago=300)
    log("anna@other.org", 4, address="198.51.100.4", service="pop3s", ago=200)
    log("nobody@example.com", 1, ago=100)
    log("anna@example.com", 2, address="192.0.2.1", service="submission", ago=50)
    return store


def signed_in_as(address: str) -> Client:
    client = Client()
    assert client.post("/sign-in/", {"username": address, "password": PASSWORD}).status_code == 302
    return client


def shown(client: Client, url: str) -> list[str]:
    answer = client.get(url)
    assert answer.status_code == 200, answer.status_code
    assert "typed-Secret" not in answer.content.decode()
    return [f"{one.who} {one.address}" for one in answer.context["page"].rows]


def test_the_server_s_page_shows_failures_first(logged: Store, signed_in: Client) -> None:
    assert shown(signed_in, "/server/sign-ins/") == [
        "nobody@example.com 203.0.113.9",
        "anna@other.org 198.51.100.4",
        "anna@example.com 203.0.113.9",
    ]
    page = signed_in.get("/server/sign-ins/").content.decode()
    for text in ("Wrong password", "No such account", "Service closed", "POP (TLS)", "3 attempts failed"):
        assert text in page
    assert 'href="/domains/example.com/accounts/anna/"' in page
    assert "/accounts/nobody/" not in page
    assert "/server/sign-ins/" in signed_in.get("/server/").content.decode()


@pytest.mark.stores("sqlite", "many")
def test_it_is_filtered_by_account_domain_address_and_result(logged: Store, signed_in: Client) -> None:
    def found(query: str) -> list[str]:
        return shown(signed_in, f"/server/sign-ins/?{query}")

    assert found("account=anna@example.com") == ["anna@example.com 203.0.113.9"]
    assert found("account=ANNA@example.net&result=all") == [
        "anna@example.com 192.0.2.1",
        "anna@example.com 203.0.113.9",
    ]
    assert found("account=other.org") == ["anna@other.org 198.51.100.4"]
    assert found("ip=198.51.100.4") == ["anna@other.org 198.51.100.4"]
    assert len(found("result=all")) == 4
    for query in ("ip=nonsense", "account=\u00e9", "result=odd", "after=-1", "after=x", "after=" + "9" * 30):
        signed_in.get(f"/server/sign-ins/?{query}")
    assert "That is not an IP address" in signed_in.get("/server/sign-ins/?ip=x").content.decode()


@pytest.mark.stores("sqlite", "many")
def test_there_is_a_next_page(logged: Store, signed_in: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(60):
        log(f"u{number}@example.com", 1, ago=2000 + number)
    first = signed_in.get("/server/sign-ins/").context["page"]
    assert len(first.rows) == 50
    second = signed_in.get(f"/server/sign-ins/?after={first.next_after}").context["page"]
    assert len(second.rows) == 13 and not second.next_after
    assert not {one.id for one in first.rows} & {one.id for one in second.rows}


def test_a_postmaster_sees_the_own_domain_s(logged: Store) -> None:
    postmaster = signed_in_as("postmaster@example.com")
    assert shown(postmaster, "/domains/example.com/sign-ins/") == [
        "nobody@example.com 203.0.113.9",
        "anna@example.com 203.0.113.9",
    ]
    assert "/domains/example.com/sign-ins/" in postmaster.get("/domains/example.com/").content.decode()
    assert shown(postmaster, "/domains/example.com/sign-ins/?account=anna") == [
        "anna@example.com 203.0.113.9"
    ]
    foreign = postmaster.get("/domains/example.com/sign-ins/?account=anna@other.org")
    assert "not an address of this domain" in foreign.content.decode() and not foreign.context["page"].rows
    assert postmaster.get("/domains/other.org/sign-ins/").status_code == 404
    assert postmaster.get("/server/sign-ins/").status_code == 403
    alias = postmaster.get("/domains/example.net/sign-ins/")
    assert alias["Location"] == "/domains/example.com/sign-ins/"


def test_an_account_s_page_shows_its_latest(
    logged: Store, signed_in: Client, allow: Callable[..., Client]
) -> None:
    page = signed_in.get("/domains/example.com/accounts/anna/").content.decode()
    assert "Latest sign-ins to the mailbox" in page and "SMTP (submission)" in page
    assert "/domains/example.com/sign-ins/?result=all&amp;account=anna" in page
    other = allow("view_domain", "view_account").get("/domains/example.com/accounts/anna/").content.decode()
    assert "Latest sign-ins to the mailbox" not in other and "203.0.113.9" not in other


def test_owners_see_their_own_alone(logged: Store) -> None:
    anna = signed_in_as("anna@example.com")
    assert shown(anna, "/me/sign-ins/") == ["anna@example.com 192.0.2.1", "anna@example.com 203.0.113.9"]
    page = anna.get("/me/").content.decode()
    assert "192.0.2.1" in page and "198.51.100.4" not in page and "/me/sign-ins/" in page
    assert anna.get("/domains/example.com/sign-ins/").status_code == 404
    assert anna.get("/server/sign-ins/").status_code == 403


@pytest.mark.stores("sqlite", "perdomain")
def test_without_the_log_pages_say_so(store: Store, signed_in: Client, admin: Any) -> None:
    domains.add_domain(actor=admin, domain="example.com", password=PASSWORD)
    for url in ("/server/sign-ins/", "/domains/example.com/sign-ins/"):
        assert "Not recorded on this server" in signed_in.get(url).content.decode()
    assert "/sign-ins/" not in signed_in.get("/domains/example.com/").content.decode()
    assert "/server/sign-ins/" not in signed_in.get("/server/").content.decode()
    owner = signed_in_as("postmaster@example.com")
    assert "Not recorded on this server" in owner.get("/me/sign-ins/").content.decode()
    assert "/me/sign-ins/" not in owner.get("/me/").content.decode()


@pytest.mark.stores("sqlite", "many")
def test_unusual_failures_are_on_the_first_page(
    logged: Store, signed_in: Client, monkeypatch: pytest.MonkeyPatch, allow: Callable[..., Client]
) -> None:
    assert "failed sign-ins" not in signed_in.get("/").content.decode()
    monkeypatch.setattr(sign_in_figures, "UNUSUAL_FROM", 2)
    monkeypatch.setattr(sign_in_figures, "UNUSUAL_AT", 1)
    page = signed_in.get("/").content.decode()
    assert "2 failed sign-ins to mail from" in page and "/server/sign-ins/?ip=203.0.113.9" in page
    assert "/server/sign-ins/?account=anna%40example.com" in page
    other = allow("view_domain").get("/").content.decode()
    assert "failed sign-ins" not in other

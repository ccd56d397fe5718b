import time
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts import services
from domains import services as domain_services
from tests.accounts.base import PASSWORD, check_looking
from tests.store import Store
from vpopmail.models import LastAuth

URL = "/accounts/"


def found(client: Client, text: str) -> list[str]:
    result = client.get(URL, {"q": text}).context["found"]
    return [row.address for row in result.accounts or result.addresses]


@pytest.fixture
def two_domains(example: Store, admin: Any) -> Store:
    domain_services.add_domain(actor=admin, domain="other.org", password=PASSWORD)
    for domain, name in (("example.com", "anne"), ("other.org", "anna"), ("example.com", "zoe")):
        services.add_account(actor=admin, domain=domain, name=name, password=PASSWORD, gecos=f"{name}!")
    return example


@pytest.mark.stores("sqlite", "many")
def test_by_the_beginning_of_the_address(two_domains: Store, signed_in: Client) -> None:
    assert found(signed_in, "ann") == ["anna@example.com", "anna@other.org", "anne@example.com"]
    assert found(signed_in, "ANNA@") == ["anna@example.com", "anna@other.org"]
    assert found(signed_in, "anna@oth") == ["anna@other.org"]
    assert found(signed_in, "anna@other.org") == ["anna@other.org"]
    assert found(signed_in, "nobody") == []
    assert found(signed_in, "an%") == []
    assert found(signed_in, "ännä") == []
    page = check_looking(two_domains, f"{URL}?q=zoe", signed_in)
    assert "zoe!" in page
    assert '<a href="/domains/example.com/accounts/zoe/">' in page


@pytest.mark.stores("perdomain")
def test_one_table_per_domain(two_domains: Store, signed_in: Client) -> None:
    """A name alone is looked for among past sign-ins, and the page says so; else in the domain's table."""
    from vpopmail.schema import ensure_table

    ensure_table("lastauth")
    LastAuth.objects.all().delete()
    LastAuth(user="zoe", domain="example.com", remote_ip="192.0.2.1", timestamp=int(time.time())).save(
        force_insert=True
    )
    assert found(signed_in, "zo") == ["zoe@example.com"]
    assert found(signed_in, "ann") == []
    assert "a table of its own here" in signed_in.get(URL, {"q": "ann"}).content.decode()
    assert found(signed_in, "ann@example.com") == []
    assert found(signed_in, "anne@example.com") == ["anne@example.com"]
    assert "a table of its own here" not in signed_in.get(URL, {"q": "anne@example.com"}).content.decode()


@pytest.mark.stores("sqlite")
def test_nothing_asked(example: Store, signed_in: Client) -> None:
    page = check_looking(example, URL, signed_in)
    assert "Whom are you looking for?" in page
    assert "anna@" not in page.split("<main")[1].replace("anna@example.com", "", 1).replace("anna@exam", "")


@pytest.mark.stores("sqlite")
def test_part_for_htmx(two_domains: Store, signed_in: Client) -> None:
    headers = {"HX-Request": "true", "HX-Target": "found"}
    page = signed_in.get(URL, {"q": "zoe"}, headers=headers).content.decode()
    assert page.lstrip().startswith('<div id="found">')
    assert "1 account shown" in page
    assert "<main" not in page


def test_at_most_eight_queries(
    two_domains: Store, signed_in: Client, queries: Callable[[Client, str], int]
) -> None:
    signed_in.get(f"{URL}?q=ann")
    assert queries(signed_in, f"{URL}?q=ann") <= 8


@pytest.mark.stores("sqlite")
def test_more_than_shown(example: Store, signed_in: Client, admin: Any) -> None:
    from vpopmail.engines.base import NewAccount

    many = [NewAccount(f"user{n:03d}", "$6$aaaaaaaa$" + "x" * 86) for n in range(51)]
    services.add_accounts(actor=admin, domain="example.com", accounts=many)
    response = signed_in.get(URL, {"q": "user"})
    assert len(response.context["found"].accounts) == 50
    assert "first 50" in response.content.decode()


@pytest.mark.stores("sqlite")
def test_rights(example: Store, person: Client) -> None:
    assert Client().get(URL)["Location"].startswith("/sign-in/")
    assert person.get(URL).status_code == 403

"""`manage.py vaddaliasdomain`."""

import pytest

from audit.models import Entry
from tests.commands.base import done, run
from tests.store import Store


@pytest.fixture
def domain(store: Store) -> str:
    """example.com, without alias domains."""
    done("vadddomain", "example.com", stdin="Secret.Pass1\n")
    return "example.com"


@pytest.mark.parametrize("order", [("example.com", "example.net"), ("example.net", "example.com")])
def test_either_order(store: Store, domain: str, order: tuple[str, str]) -> None:
    assert done("vaddaliasdomain", "--json", *order).json["alias"] == "example.net"
    assert "+example.net-:example.com:" in store.control("assign")
    assert store.rows("SELECT alias, domain FROM aliasdomains") == [
        {"alias": "example.net", "domain": "example.com"}
    ]
    assert Entry.objects.latest("id").command == "manage.py vaddaliasdomain example.com example.net"


@pytest.mark.stores("sqlite")
def test_an_alias_of_an_alias_is_one_of_the_real_domain(store: Store, domain: str) -> None:
    done("vaddaliasdomain", domain, "example.net")
    done("vaddaliasdomain", "example.net", "example.org")
    assert "+example.org-:example.com:" in store.control("assign")


@pytest.mark.stores("sqlite")
def test_what_is_refused(store: Store, domain: str) -> None:
    done("vadddomain", "other.example", stdin="Secret.Pass1\n")
    before = store.control("assign")
    assert run("vaddaliasdomain", domain, "other.example").status == 1
    assert run("vaddaliasdomain", domain, domain).status == 1
    assert run("vaddaliasdomain", "nobody.example", "none.example").status == 3
    assert run("vaddaliasdomain", domain, "a_b.example").status == 1
    assert run("vaddaliasdomain", domain).status != 0
    assert store.control("assign") == before

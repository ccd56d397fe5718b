"""`manage.py vdominfo`."""

import pytest

from tests.commands.base import done, run
from tests.store import GID, UID, Store


def test_a_domain_with_its_alias_domains(store: Store, bob: str) -> None:
    expected = (
        f"domain: example.com\nuid:    {UID}\ngid:    {GID}\ndir:    {store.directory('example.com')}\n"
        "users:  2\nalias: example.net\n"
    )
    assert done("vdominfo", "example.com").out == expected
    assert done("vdominfo", "example.net").out == expected


def test_all_domains(store: Store, domain: str) -> None:
    shown = done("vdominfo").out
    assert shown.count("domain: ") == 2
    assert "domain: example.net (alias of example.com)\n" in shown
    assert shown.endswith("users:  1\n\n")
    records = done("vdominfo", "--json").json["domains"]
    assert {record["domain"]: record["real"] for record in records} == {
        "example.com": "example.com",
        "example.net": "example.com",
    }


@pytest.mark.stores("sqlite")
def test_single_fields(store: Store, domain: str) -> None:
    assert (
        done("vdominfo", "-n", "-t", "-r", "example.com").out
        == "example.com\n1\nexample.com\nalias: example.net\n"
    )
    assert done("vdominfo", "-d", "-a", "example.com").out.startswith("domain: ")


def test_it_never_writes(store: Store, bob: str) -> None:
    """vpopmail's writes dir_control back."""
    before = store.rows("SELECT * FROM dir_control ORDER BY domain")
    done("vdominfo")
    done("vdominfo", "example.com")
    assert store.rows("SELECT * FROM dir_control ORDER BY domain") == before


@pytest.mark.stores("sqlite")
def test_no_domains_and_an_unknown_one(store: Store) -> None:
    assert done("vdominfo").out == ""
    assert run("vdominfo", "unknown.example").status == 3

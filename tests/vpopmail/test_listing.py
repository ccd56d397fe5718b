"""Lists, search and figures: right in both layouts, and few rows examined on a table of real size."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from tests.store import Store
from tests.vpopmail.people import accounts, assign, execute, signed_in
from vpopmail import listing, schema
from vpopmail.models import Account

KINDS = ("sqlite", "many", "perdomain", "old", "handmade")


@pytest.fixture
def people(store: Store) -> Store:
    assign(store, ("example.com", "example.com"), ("other.net", "other.net"), ("alias.net", "example.com"))
    accounts(store, "example.com", [f"user{number:02}" for number in range(25)], gid=2)
    accounts(store, "other.net", ["user03", "zoe"], gecos="Zoë")
    signed_in("example.com", "user03", "192.0.2.7", 1_700_000_000)
    signed_in("example.com", "user04", "0.0.0.0", 1_600_000_000)  # noqa: S104
    signed_in("other.net", "zoe", "192.0.2.9", 1_700_000_001)
    return store


@pytest.mark.stores(*KINDS)
def test_pages_by_name(people: Store) -> None:
    page = listing.account_page("example.com", limit=10)
    assert [a.name for a in page.rows] == [f"user{n:02}" for n in range(10)] and page.next_after == "user09"
    assert page.rows[0].address == "user00@example.com" and page.rows[0].gid == 2
    page = listing.account_page("example.com", after="user19", limit=10)
    assert [a.name for a in page.rows] == [f"user{n:02}" for n in range(20, 25)] and page.next_after == ""
    assert list(listing.account_page("example.com", after="user24").rows) == []
    assert [a.name for a in listing.account_page("other.net").rows] == ["user03", "zoe"]


@pytest.mark.stores(*KINDS)
def test_last_sign_in_is_shown(people: Store) -> None:
    rows = {a.name: a.last_auth for a in listing.account_page("example.com").rows}
    there, made = rows["user03"], rows["user04"]
    assert (
        there is not None and there.remote_ip == "192.0.2.7" and not there.never and there.time.year == 2023
    )
    assert made is not None and made.never
    assert rows["user05"] is None
    assert (
        listing.last_auth("other.net", "zoe") is not None and listing.last_auth("other.net", "user03") is None
    )


@pytest.mark.stores(*KINDS)
def test_part_of_a_name(people: Store) -> None:
    assert [a.name for a in listing.account_page("example.com", search="R1").rows] == [
        f"user1{n}" for n in range(10)
    ]
    for nothing in ("%", "_ser", "ü", "!"):
        assert list(listing.account_page("example.com", search=nothing).rows) == []


@pytest.mark.stores("sqlite", "many", "perdomain")
def test_absent_tables_read_as_empty(store: Store) -> None:
    assign(store, ("example.com", "example.com"))
    assert list(listing.account_page("example.com").rows) == []
    assert listing.find_accounts("al") == []
    assert tuple(listing.estimated_accounts()) == (0, False)
    assert listing.count_about(["example.com"]) == {}
    assert tuple(listing.bounded_count("example.com")) == (0, False)
    accounts(store, "example.com", ["alice"])
    assert [a.last_auth for a in listing.account_page("example.com").rows] == [None]


@pytest.mark.stores(*KINDS)
def test_search_by_prefix(people: Store) -> None:
    whole = [found.address for found in listing.find_accounts("user03")]
    if people.kind == "perdomain":
        assert whole == ["user03@example.com"], "only what signed in is known across tables"
        assert not listing.find_accounts("user03")[0].certain
    else:
        assert whole == ["user03@example.com", "user03@other.net"]
    assert [f.address for f in listing.find_accounts("USER03@oth", domain="other.net")] == [
        "user03@other.net"
    ]
    assert [f.name for f in listing.find_accounts("user0", limit=3, domain="example.com")] == [
        "user00",
        "user01",
        "user02",
    ]
    exact = listing.find_accounts("zoe@other.net")
    assert [(f.address, f.gecos, f.certain) for f in exact] == [("zoe@other.net", "Zoë", True)]
    assert [f.address for f in listing.find_accounts("user03@alias.net")] == ["user03@example.com"]
    for nothing in ("", "%", "zö", "user\0", "_ser"):
        assert listing.find_accounts(nothing) == []


@pytest.mark.stores("many", "perdomain", "sqlite")
def test_counts(people: Store) -> None:
    schema.ensure_table("dir_control")
    execute(
        "INSERT INTO dir_control (domain, cur_users) VALUES "
        "('example.com', 26), ('other.net', -1), ('dom_89', 2)"
    )
    assert listing.count_about(["example.com", "other.net", "x.y"]) == {"example.com": 26, "other.net": 0}
    count = listing.bounded_count("example.com", 10, exact=True)
    assert (count.number, count.more, str(count)) == (10, True, "10+")
    assert tuple(listing.bounded_count("example.com", 100, exact=True)) == (25, False)
    about = listing.bounded_count("example.com", 100)
    assert (about.number, about.about) == ((26, True) if people.kind == "many" else (25, False))
    total = listing.estimated_accounts()
    assert total.number == (26 if people.kind == "perdomain" else 27) or people.kind == "many"
    assert total.about == (people.kind != "sqlite")


@contextmanager
def examined(most: int) -> Iterator[None]:
    """At most this many rows may be read inside."""
    names = (
        "Handler_read_next",
        "Handler_read_rnd_next",
        "Handler_read_key",
        "Handler_read_prev",
        "Handler_read_first",
    )

    def count() -> int:
        with connections["vpopmail"].cursor() as cursor:
            cursor.execute("SHOW SESSION STATUS LIKE 'Handler_read%%'", [])
            return sum(int(value) for name, value in cursor.fetchall() if name in names)

    before = count()
    yield
    assert count() - before <= most


@pytest.mark.stores("many")
def test_few_rows_are_read_with_the_recommended_index(store: Store) -> None:
    domains = [f"d{number:03}.test" for number in range(60)]
    assign(store, *((domain, domain) for domain in domains))
    schema.ensure_table("vpopmail")
    schema.ensure_table("lastauth")
    rows = [Account(name=f"user{n:04}", domain=domain, passwd="x") for domain in domains for n in range(150)]
    rows += [Account(name=f"user{n:04}", domain="big.test", passwd="x") for n in range(6000)]
    Account.objects.bulk_create(rows, batch_size=2000)
    execute("INSERT INTO lastauth SELECT pw_name, pw_domain, '192.0.2.1', 1700000000 FROM vpopmail")
    execute("CREATE INDEX panel_domain ON vpopmail (pw_domain, pw_name)")
    execute("ANALYZE TABLE vpopmail, lastauth")
    schema.reset()
    listing.account_page("d001.test")  # the schema is known from here on
    for domain, after in (("d030.test", ""), ("big.test", ""), ("big.test", "user5000")):
        with examined(400), CaptureQueriesContext(connections["vpopmail"]) as queries:
            page = listing.account_page(domain, after=after)
        assert len(page.rows) == 50 and page.next_after and len(queries) <= 5
    with examined(60):
        listing.find_accounts("user0001")
    with examined(2100):
        assert str(listing.bounded_count("big.test")) == "1000+"
    execute("DROP INDEX panel_domain ON vpopmail")
    assert len(listing.account_page("big.test").rows) == 50, "a hint for an index that is gone is dropped"


@pytest.mark.stores("many")
def test_outage_is_said(store: Store) -> None:
    from vpopmail.database import reachable
    from vpopmail.engines.base import Unavailable

    assign(store, ("example.com", "example.com"))
    connections["vpopmail"].close()
    options = connections["vpopmail"].settings_dict["OPTIONS"]
    socket = options["unix_socket"]
    options["unix_socket"] = str(store.root / "nothing.sock")
    with pytest.raises(Unavailable, match="does not answer"), reachable():
        listing.account_page("example.com")
    options["unix_socket"] = socket
    with reachable():
        assert list(listing.account_page("example.com").rows) == [], "and works again when it is back"

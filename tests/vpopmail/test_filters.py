"""Filters of the list of accounts: what each holds for, page by page, within the domain alone."""

import time
from pathlib import Path

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from tests.store import Store
from tests.vpopmail.people import accounts, assign, signed_in
from vpopmail import filters, flags, passwords, usage
from vpopmail.schema import schema

DAY = 86_400
HASH = "$5$saltsalt$" + "x" * 20
NOW = int(time.time())
KINDS = ("sqlite", "many", "perdomain", "old", "handmade")


@pytest.fixture
def people(store: Store) -> Store:
    assign(store, ("example.com", "example.com"), ("other.net", "other.net"))
    accounts(store, "example.com", ["anna", "bert", "cleo", "dora"], passwd=HASH)
    accounts(store, "example.com", ["disabled"], passwd=HASH, gid=flags.SERVICES)
    accounts(store, "example.com", ["locked"], passwd="!" + HASH)
    accounts(store, "example.com", ["nopop"], passwd=HASH, gid=flags.NO_POP)
    accounts(store, "example.com", ["chief"], passwd=HASH, gid=flags.DOMAIN_ADMIN)
    accounts(store, "example.com", ["postmaster"], passwd="$1$saltsalt$xxxxxxxxxxxx")
    accounts(store, "other.net", ["zoe"], passwd="des", gid=flags.SERVICES)
    signed_in("example.com", "anna", "192.0.2.7", NOW - 5 * DAY)
    signed_in("example.com", "bert", "192.0.2.7", NOW - 100 * DAY)
    signed_in("example.com", "cleo", "0.0.0.0", NOW - 400 * DAY)  # noqa: S104
    signed_in("example.com", "dora", "0.0.0.0", NOW - 1 * DAY)  # noqa: S104
    return store


def names(key: str, domain: str = "example.com", **more: object) -> list[str]:
    chosen = filters.find(key)
    assert chosen is not None, key
    return [account.name for account in filters.account_page(domain, chosen, **more)[0].rows]  # type: ignore[arg-type]


@pytest.mark.stores(*KINDS)
def test_what_each_holds_for(people: Store) -> None:
    assert names("disabled") == ["disabled", "locked"]
    assert names("restricted") == ["nopop"]
    assert names("administrator") == ["chief", "postmaster"]
    assert names("weak") == ["postmaster"]
    never = ["chief", "cleo", "disabled", "dora", "locked", "nopop", "postmaster"]
    assert names("never") == never
    assert names("idle-90") == ["bert", "cleo"]
    assert names("idle-365") == ["cleo"]
    assert names("idle-3") == ["anna", "bert", "cleo"]
    assert names("disabled", "other.net") == ["zoe"]
    assert names("disabled", search="LOCK") == ["locked"] and names("disabled", search="ü") == []


def test_the_rows_come_with_their_last_sign_ins(people: Store) -> None:
    chosen = filters.find("idle-90")
    assert chosen is not None
    bert = filters.account_page("example.com", chosen)[0].rows[0]
    assert bert.last_auth is not None and bert.last_auth.remote_ip == "192.0.2.7"
    assert bert.address == "bert@example.com"


@pytest.mark.stores("many")
def test_a_name_too_long_for_the_table_of_sign_ins_is_not_said_to_have_none(people: Store) -> None:
    accounts(people, "example.com", ["n" * 33, "m" * 32], passwd=HASH)
    assert "m" * 32 in names("never") and "n" * 33 not in names("never")


@pytest.mark.parametrize(
    "key", ["", "over", "over-0", "over-x", "idle-", "idle-99999", "Never", "weak ", "over-²"]
)
def test_other_words_are_no_filters(key: str) -> None:
    assert filters.find(key) is None


@pytest.mark.stores("sqlite", "many")
def test_pages_and_what_one_request_looks_at(people: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filters, "CHUNK", 2)
    monkeypatch.setattr(filters, "MOST_SEEN", 6)
    chosen = filters.find("never")
    assert chosen is not None
    first, seen = filters.account_page("example.com", chosen, limit=2)
    assert ([a.name for a in first.rows], first.next_after, seen) == (["chief", "cleo"], "cleo", 0)
    second, _ = filters.account_page("example.com", chosen, after="cleo", limit=50)
    assert [a.name for a in second.rows] == ["disabled", "dora", "locked", "nopop", "postmaster"]
    weak = filters.find("weak")
    assert weak is not None
    stopped, seen = filters.account_page("example.com", weak)
    assert (list(stopped.rows), stopped.next_after, seen) == ([], "dora", 6)
    last, seen = filters.account_page("example.com", weak, after=stopped.next_after)
    assert ([a.name for a in last.rows], last.next_after, seen) == (["postmaster"], "", 0)


@pytest.mark.stores("many")
def test_only_the_domain_is_read(people: Store) -> None:
    accounts(people, "other.net", [f"user{n:03}" for n in range(300)], passwd=HASH)
    link = connections["vpopmail"]
    with link.cursor() as cursor:
        cursor.execute("CREATE INDEX panel_domain ON vpopmail (pw_domain, pw_name)")
        cursor.execute("ANALYZE TABLE vpopmail")
        cursor.fetchall()
    schema()._facts.clear()
    names("disabled")

    def read() -> int:
        with link.cursor() as cursor:
            cursor.execute("SHOW SESSION STATUS LIKE 'Handler_read%'")
            return sum(int(value) for _name, value in cursor.fetchall())

    asking = -read() + read()
    before = read()
    with CaptureQueriesContext(link) as queries:
        names("disabled")
    assert len(queries) <= 4
    assert read() - before - asking < 40


def size_file(store: Store, name: str, text: str) -> None:
    path = Path(store.directory("example.com")) / name / "Maildir" / "maildirsize"
    path.write_text(text)


@pytest.mark.stores("sqlite", "many", "perdomain")
def test_how_full(store: Store) -> None:
    from tests.engines.cast import add_domain
    from vpopmail.engines import get_engine

    add_domain("example.com", "alice", "bob", "carol", "dave")
    for name, quota, text in (
        ("alice", "1000S", "1000S\n810 3\n"),
        ("bob", "1000S,10C", "1000S,10C\n10 9\n1 1\n"),
        ("carol", "1000S", "1000S\n1500 3\n"),
        ("dave", "1000S", "torn"),
    ):
        get_engine().vsetuserquota("example.com", name, quota)
        size_file(store, name, text)
    usage.reset()
    assert names("over-80") == ["alice", "bob", "carol"]
    assert names("over-95") == ["bob", "carol"]
    assert names("over-100") == ["bob", "carol"]
    assert names("over-101") == ["carol"]


@pytest.mark.parametrize(
    ("stored", "weak"),
    [
        (HASH, False),
        ("!" + HASH, False),
        ("{SHA512-CRYPT}" + HASH, False),
        ("$2y$05$x", False),
        ("$y$j9T$x", False),
        ("", False),
        ("!", False),
        ("*", False),
        ("$1$abc$x", True),
        ("!$1$abc$x", True),
        ("abJnggxhB/yWI", True),
        ("{PLAIN}secret", True),
        ("plain", True),
    ],
)
def test_weak_schemes(stored: str, weak: bool) -> None:
    assert passwords.is_weak(stored) is weak

"""Attempts to sign in, as they lie in vlog: which are found, what is shown of them, what is never read."""

from typing import Any

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from tests.store import Store
from tests.vpopmail.sign_in_log import execute, log, make
from vpopmail import schema, sign_in_figures, sign_ins
from vpopmail.sign_ins import Result, Wanted

pytestmark = pytest.mark.stores("sqlite", "many", "perdomain", "handmade", "old")


@pytest.fixture
def vlog(store: Store) -> Store:
    make(store, "vlog")
    return store


def found(**wanted: Any) -> list[tuple[str, str, Result | None]]:
    rows = sign_ins.page(Wanted(**wanted)).rows
    return [(attempt.who, attempt.address, attempt.result) for attempt in rows]


@pytest.mark.stores("sqlite", "many")
def test_without_the_table_nothing_is_recorded(store: Store) -> None:
    assert not sign_ins.recorded()
    assert sign_ins.page(Wanted()).rows == []
    assert sign_in_figures.figures().failures == 0


def test_the_latest_come_first_by_account_domain_and_address(vlog: Store) -> None:
    assert sign_ins.recorded()
    log("anna@example.com", 3)
    log("anna@example.com", 2, address="192.0.2.1", ago=50)
    log("bob@example.com", 4, ago=40)
    log("anna@other.org", 0, ago=30)
    anna, bob = "anna@example.com", "bob@example.com"
    assert [who for who, _address, _result in found()] == ["anna@other.org", bob, anna, anna]
    assert found(domain="example.com", name="anna") == [
        (anna, "192.0.2.1", Result.SUCCESS),
        (anna, "203.0.113.9", Result.PASSWORD),
    ]
    assert found(domain="example.com", failed=True) == [
        (bob, "203.0.113.9", Result.ACCESS),
        (anna, "203.0.113.9", Result.PASSWORD),
    ]
    assert found(address="192.0.2.1") == [(anna, "192.0.2.1", Result.SUCCESS)]
    assert found(address="é") == found(name="a\0") == []


def test_a_wrong_password_that_was_written_twice_is_one(vlog: Store) -> None:
    log("anna@example.com", 3, times=2)
    log("anna@example.com", 3, ago=10)
    log("anna@example.com", 4, ago=5, times=2)  # these were two
    assert [result for _who, _address, result in found()] == [
        *[Result.ACCESS] * 2,
        *[Result.PASSWORD] * 2,
    ]


def test_pages_follow_each_other_without_gap_or_repetition(vlog: Store) -> None:
    for number in range(7):
        log(f"u{number}@example.com", 3, ago=100 - number, times=2)
    seen, after = [], 0
    while True:
        page = sign_ins.page(Wanted(domain="example.com"), after, limit=3)
        seen += [attempt.name for attempt in page.rows]
        after = page.next_after
        if not after:
            break
    assert seen == [f"u{number}" for number in range(6, -1, -1)]


def test_it_stops_looking_and_says_so(vlog: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_ins, "LOOK", 4)
    log("anna@example.com", 3)
    for number in range(6):
        log(f"u{number}@example.com", 2, ago=50 - number)
    first = sign_ins.page(Wanted(failed=True))
    assert first.rows == [] and first.more and first.next_after
    second = sign_ins.page(Wanted(failed=True), first.next_after)
    assert [attempt.who for attempt in second.rows] == ["anna@example.com"]
    assert not second.next_after and not second.more


def test_passwords_are_never_read(vlog: Store) -> None:
    log("anna@example.com", 3, message="vchkpw-submission: password fail (pass: 'typed-Secret-1') anna@…")
    log("", 1, logon="my-Secret-password", ago=20)
    log("my-Secret@default.example", 1, logon="my-Secret", ago=15)
    log("who@example.com", 1, logon="who@example.com", ago=10)
    with CaptureQueriesContext(connections["vpopmail"]) as queries:
        page = sign_ins.page(Wanted())
        sign_in_figures.figures()
    assert "Secret" not in repr(page)
    assert [attempt.who for attempt in page.rows] == ["who@example.com", "", "", "anna@example.com"]
    assert page.rows[-1].service == "submission"
    assert not any("passwd" in query["sql"] for query in queries if "information_schema" not in query["sql"])


def test_odd_rows_do_no_harm(vlog: Store) -> None:
    quote = connections["vpopmail"].ops.quote_name
    execute(f"INSERT INTO vlog (error, {quote('timestamp')}) VALUES (9, 0)")
    execute(f"INSERT INTO vlog (error, {quote('timestamp')}) VALUES (NULL, 5)")
    log("anna@example.com", 3, message="nonsense <b>")
    rows = sign_ins.page(Wanted()).rows
    assert [(attempt.who, attempt.service, attempt.result) for attempt in rows] == [
        ("anna@example.com", "", Result.PASSWORD),
        ("", "", None),
        ("", "", None),
    ]


def test_failures_are_counted_by_address_and_by_account(vlog: Store) -> None:
    for number in range(6):
        log("anna@example.com", 3, ago=200 + number, times=2)
    log("bob@example.com", 1, ago=90)
    log("bob@other.org", 3, address="192.0.2.1", ago=80, times=2)
    log("bob@other.org", 2, address="192.0.2.1", ago=70)
    log("old@example.com", 3, ago=90_000)
    figures = sign_in_figures.figures()
    assert figures.failures == 8 and not figures.more
    assert [(one.what, one.failures, one.others) for one in figures.addresses] == [
        ("203.0.113.9", 7, 2),
        ("192.0.2.1", 1, 1),
    ]
    assert [(one.what, one.failures) for one in figures.accounts] == [
        ("anna@example.com", 6),
        ("bob@other.org", 1),
    ]
    assert sign_in_figures.figures("other.org").failures == 1
    assert figures.unusual_addresses == figures.unusual_accounts == []


def test_many_failures_are_unusual(vlog: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_in_figures, "UNUSUAL_FROM", 3)
    monkeypatch.setattr(sign_in_figures, "UNUSUAL_AT", 2)
    for number in range(3):
        log("anna@example.com", 3, ago=200 + number, times=2)
    figures = sign_in_figures.figures()
    assert [one.what for one in figures.unusual_addresses] == ["203.0.113.9"]
    assert [one.what for one in figures.unusual_accounts] == ["anna@example.com"]


def test_a_full_window_is_at_least(vlog: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_in_figures, "LOOK", 2)
    for number in range(3):
        log("anna@example.com", 3, ago=200 - number)
    assert (sign_in_figures.figures().failures, sign_in_figures.figures().more) == (2, True)


@pytest.mark.stores("sqlite", "many")
def test_a_table_that_lacks_columns_is_not_read(store: Store) -> None:
    execute("CREATE TABLE vlog (id integer PRIMARY KEY, passwd varchar(32))")
    schema.reset()
    assert not sign_ins.recorded()

"""What a page costs: queries and rows examined in this process, time through gunicorn, and its floor."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench.data import BIG, SMALL, Size, name_of
from tests.panel import Visitor

SEEN = (200, 302)
ROUNDS = 15
ROUNDS_SLOW = 5  # pages of half a second and more
ACCOUNT = "pw_name, pw_domain, pw_passwd, pw_uid, pw_gid, pw_gecos, pw_dir, pw_shell"


@dataclass(frozen=True)
class Page:
    """`floor` is the least that must be asked of vpopmail's tables for it: statements with parameters."""

    title: str
    path: str
    floor: tuple[tuple[str, tuple[Any, ...]], ...] = ()


@dataclass(frozen=True)
class Cost:
    title: str
    queries: int
    examined: int | None
    ms: float
    floor: float | None


def pages(size: Size, mark: str, hints: bool) -> list[Page]:
    """`mark` is the database's parameter mark; `hints` are given where MariaDB has the index."""
    names = sorted(size.sizes())
    deep_domain, deep = names[len(names) * 3 // 4], name_of(size.big * 3 // 4)
    by_domain = " FORCE INDEX (panel_domain)" if hints else ""
    by_key = " FORCE INDEX (PRIMARY)" if mark == "%s" else ""

    def keys(domain: str, after: str = "") -> tuple[str, tuple[Any, ...]]:
        condition = f"pw_domain = {mark}" + (f" AND pw_name > {mark}" if after else "")
        text = f"SELECT pw_name FROM vpopmail{by_domain} WHERE {condition} ORDER BY pw_name LIMIT 51"
        return text, (domain, after) if after else (domain,)

    def rows(domain: str, first: int, count: int) -> tuple[str, tuple[Any, ...]]:
        marks = ", ".join([mark] * count)
        text = f"SELECT {ACCOUNT} FROM vpopmail{by_key} WHERE pw_domain = {mark} AND pw_name IN ({marks})"
        return text, (domain, *(name_of(first + n) for n in range(count)))

    def counters(shown: Sequence[str]) -> tuple[str, tuple[Any, ...]]:
        marks = ", ".join([mark] * len(shown))
        return f"SELECT domain, cur_users FROM dir_control WHERE domain IN ({marks})", tuple(shown)

    at = names.index(deep_domain)
    ordered = "ORDER BY pw_name, pw_domain LIMIT 21"
    prefix = f"SELECT pw_name, pw_domain FROM vpopmail WHERE pw_name LIKE {mark} {ordered}"
    one = f"SELECT {ACCOUNT} FROM vpopmail WHERE pw_name = {mark} AND pw_domain = {mark}"
    return [
        Page("a page without lists (add domain)", "/domains/add/"),
        Page("domain list", "/domains/", (counters(names[:50]),)),
        Page("domain list, deep", f"/domains/?after={deep_domain}", (counters(names[at : at + 50]),)),
        Page("domain list, found by prefix", "/domains/?q=d000", (counters(names[:50]),)),
        Page("accounts of a domain of 10", f"/domains/{SMALL}/", (keys(SMALL), rows(SMALL, 0, 10))),
        Page("accounts of the biggest domain", f"/domains/{BIG}/", (keys(BIG), rows(BIG, 0, 50))),
        Page(
            "the same, deep",
            f"/domains/{BIG}/?after={deep}",
            (keys(BIG, deep), rows(BIG, size.big * 3 // 4 + 1, 50)),
        ),
        Page("the same, administrators only", f"/domains/{BIG}/?filter=administrator"),
        Page("the same, not signed in for a year", f"/domains/{BIG}/?filter=idle-365"),
        Page("accounts over 80 % everywhere (report)", "/accounts/?filter=over-80"),
        Page("accounts never signed in (report)", "/accounts/?filter=never"),
        Page("search by prefix, everywhere", "/search/?q=user0001", ((prefix, ("user0001%",)),)),
        Page(
            "search for one address (leads to it)",
            f"/search/?q={name_of(7)}@{BIG}",
            ((one, (name_of(7), BIG)),),
        ),
        Page("account", f"/domains/{BIG}/accounts/{name_of(7)}/", ((one, (name_of(7), BIG)),)),
    ]


def timed(work: Callable[[], Any], rounds: int = ROUNDS) -> float:
    """Median milliseconds; fewer rounds when one takes half a second."""
    work()
    found: list[float] = []
    while len(found) < (ROUNDS_SLOW if found and found[-1] > 500 else rounds):
        start = time.perf_counter()
        work()
        found.append((time.perf_counter() - start) * 1000)
    return statistics.median(found)


def _read_rows(server: bool) -> int:
    """Rows read by this connection so far."""
    if not server:
        return 0
    with connections["vpopmail"].cursor() as cursor:
        cursor.execute("SHOW SESSION STATUS LIKE 'Handler_read%'")
        return sum(int(value) for _name, value in cursor.fetchall())


def _asked(client: Client, path: str, server: bool) -> tuple[int, int | None]:
    """Queries on both databases, and rows examined less what asking for them costs."""
    client.get(path)  # what is read once a minute only
    asking = -_read_rows(server) + _read_rows(server)
    before = _read_rows(server)
    with (
        CaptureQueriesContext(connections["default"]) as own,
        CaptureQueriesContext(connections["vpopmail"]) as mail,
    ):
        response = client.get(path)
    assert response.status_code in SEEN, f"{path}: {response.status_code}"
    examined = _read_rows(server) - before - asking if server else None
    return len(own) + len(mail), examined


def _seen(visitor: Visitor, path: str) -> None:
    reply = visitor.get(path)
    assert reply.status in SEEN, f"{path}: {reply.status} {reply.location}"


def measure(page: Page, client: Client, visitor: Visitor, cursor: Any) -> Cost:
    """`cursor` is a plain one of the database's own module, for the floor."""
    server = connections["vpopmail"].vendor == "mysql"
    queries, examined = _asked(client, page.path, server)

    def floor() -> None:
        for statement, params in page.floor:
            cursor.execute(statement, params)
            cursor.fetchall()

    ms = timed(lambda: _seen(visitor, page.path))
    return Cost(page.title, queries, examined, ms, timed(floor) if page.floor else None)

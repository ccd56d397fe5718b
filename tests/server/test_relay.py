"""The page of open relays: addresses, until when, and a vpopmail that opens none."""

from typing import Any

import pytest
from django.db import connections
from django.test import Client

from tests.store import Store
from tests.vpopmail.sign_in_log import NOW, execute, make
from vpopmail import relays


def opened(address: str, ago: int) -> None:
    moment = connections["vpopmail"].ops.quote_name("timestamp")
    execute(f"INSERT INTO relay (ip_addr, {moment}) VALUES (%s, %s)", [address, NOW - ago])


@pytest.mark.stores("sqlite", "many", "perdomain", "old")
def test_each_says_until_when(store: Store, signed_in: Client, person: Client) -> None:
    make(store, "relay")
    opened("192.0.2.1", 60)
    opened("198.51.100.4", 4 * 3600)
    execute("INSERT INTO relay (ip_addr) VALUES ('2001:db8::1')")
    answer = signed_in.get("/server/relay/")
    found = {one.address: (one.until - NOW, one.overdue) for one in answer.context["page"].rows}
    assert found["192.0.2.1"] == (180 * 60 - 60, False)
    assert found["198.51.100.4"] == (-3600, True)
    assert found["2001:db8::1"][1]
    assert "Overdue" in answer.content.decode() and "for 180 minutes" in answer.content.decode()
    assert "/server/relay/" in signed_in.get("/server/").content.decode()
    assert person.get("/server/relay/").status_code == 403


@pytest.mark.stores("many")
def test_pages_follow_each_other(store: Store, signed_in: Client) -> None:
    make(store, "relay")
    for number in range(60):
        opened(f"192.0.2.{number}", 60)
    first = signed_in.get("/server/relay/").context["page"]
    second = signed_in.get(f"/server/relay/?after={first.next_after}").context["page"]
    assert (len(first.rows), len(second.rows), second.next_after) == (50, 10, "")


@pytest.mark.stores("sqlite", "many")
def test_without_a_table(store: Store, signed_in: Client, admin: Any) -> None:
    """The recorded build for many domains opens relays, its table comes with the first."""
    assert relays.exist() == (store.kind == "many")
    page = signed_in.get("/server/relay/").content.decode()
    assert ("No relay is open" if store.kind == "many" else "opens none") in page

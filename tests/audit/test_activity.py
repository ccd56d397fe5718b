"""The journal's pages: filters, pages by key, one entry."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import Entry
from tests.store import Store

pytestmark = pytest.mark.stores("sqlite")
URL = "/activity/"


def entry(key: str = "k", **values: Any) -> Entry:
    usual: dict[str, Any] = {
        "key": key,
        "started_at": timezone.now(),
        "ended_at": timezone.now(),
        "actor_name": "admin",
        "address": "192.0.2.7",
        "via": "page",
        "action": "vpasswd",
        "target": "anna@example.com",
        "domain": "example.com",
        "changes": {"password": "changed"},
        "command": "manage.py vpasswd anna@example.com",
        "state": "ok",
    }
    return Entry(**{**usual, **values})


@pytest.fixture
def journal(store: Store) -> list[Entry]:
    now = timezone.now()
    return Entry.objects.bulk_create(
        [
            entry("old", started_at=now - timedelta(days=10), action="vadddomain", target="example.com"),
            entry("anna"),
            entry("bob", target="bob@example.com", actor_name="carla", action="vsetuserquota"),
            entry(
                "other", target="x@other.org", domain="other.org", state="failed", reason="The disk is full."
            ),
            entry("alias", target="example.net", action="vaddaliasdomain", state="started", ended_at=None),
        ]
    )


def keys(client: Client, **filters: str) -> list[str]:
    page = client.get(URL, filters)
    assert page.status_code == 200
    return [entry.key for entry in page.context["page"]]


def test_the_newest_first(journal: Any, signed_in: Client) -> None:
    assert keys(signed_in) == ["alias", "other", "bob", "anna", "old"]


@pytest.mark.parametrize(
    "filters, found",
    [
        ({"person": "carla"}, ["bob"]),
        ({"target": "anna@example.com"}, ["anna"]),
        ({"target": "Example.com"}, ["alias", "bob", "anna", "old"]),
        ({"target": "example.net"}, ["alias"]),
        ({"action": "vsetuserquota"}, ["bob"]),
        ({"result": "failed"}, ["other"]),
        ({"result": "started"}, ["alias"]),
        ({"person": "admin", "target": "example.com", "result": "ok"}, ["anna", "old"]),
        ({"person": "nobody"}, []),
    ],
)
def test_filters(journal: Any, signed_in: Client, filters: dict[str, str], found: list[str]) -> None:
    assert keys(signed_in, **filters) == found


def test_time(journal: Any, signed_in: Client) -> None:
    week_ago = (timezone.localdate() - timedelta(days=7)).isoformat()
    today = timezone.localdate().isoformat()
    assert "old" not in keys(signed_in, since=week_ago)
    assert keys(signed_in, until=week_ago) == ["old"]
    assert len(keys(signed_in, since=today, until=today)) == 4


def test_bad_filters_are_told_and_kept(journal: Any, signed_in: Client) -> None:
    page = signed_in.get(URL, {"since": "yesterday", "action": "rm", "person": "carla"})
    text = page.content.decode()
    assert page.status_code == 200
    assert 'value="yesterday"' in text
    assert page.context["form"].errors.keys() == {"since", "action"}
    assert [entry.key for entry in page.context["page"]] == ["bob"]


def test_pages_keep_the_filters(store: Store, signed_in: Client) -> None:
    Entry.objects.bulk_create(entry(f"k{n}", target=f"u{n % 2}@example.com") for n in range(240))
    seen: list[str] = []
    after = ""
    while True:
        page = signed_in.get(URL, {"target": "u1@example.com", "after": after}).context["page"]
        seen += [entry.key for entry in page]
        after = page.next_after
        if not after:
            break
    assert seen == [f"k{n}" for n in range(239, 0, -2)]
    text = signed_in.get(URL, {"target": "u1@example.com"}).content.decode()
    assert "target=u1%40example.com&amp;after=" in text


@pytest.mark.parametrize("after", ["x", "-1", "9" * 30, "\x00", "1 OR 1=1"])
def test_a_position_that_is_none(journal: Any, signed_in: Client, after: str) -> None:
    assert len(keys(signed_in, after=after)) == 5


def test_an_entry(journal: Any, signed_in: Client) -> None:
    text = signed_in.get(f"{URL}other/").content.decode()
    for part in ("The disk is full.", "Failed", "192.0.2.7", "vpasswd", "admin", "manage.py vpasswd"):
        assert part in text
    assert "never recorded" in signed_in.get(f"{URL}alias/").content.decode()
    assert signed_in.get(f"{URL}nothing/").status_code == 404


def test_before_and_after_in_words(store: Store, signed_in: Client) -> None:
    entry(
        "q", changes={"quota": ["1073741824S", "NOQUOTA"], "flags": [0, 2], "line": [None, "&<b>@x.org"]}
    ).save()
    text = signed_in.get(f"{URL}q/").content.decode()
    for part in ("1 GB", "No limit", "No POP", "&amp;&lt;b&gt;@x.org"):
        assert part in text
    assert "1 GB → No limit" in signed_in.get(URL).content.decode()


def test_only_with_the_right_to_it(journal: Any, allow: Callable[..., Client]) -> None:
    assert allow("view_domain").get(URL).status_code == 403
    assert allow("view_entry").get(URL).status_code == 200
    assert allow("view_account").get(f"{URL}anna/").status_code == 403

"""What tests of account and alias pages ask of every page."""

from typing import Any

from django.http import HttpResponse
from django.test import Client

from audit.models import Entry
from tests.store import Store

DOMAIN = "example.com"
ACCOUNTS = f"/domains/{DOMAIN}/accounts/"
ALIASES = f"/domains/{DOMAIN}/aliases/"
PASSWORD = "Correct-Horse-7"


def state_of(store: Store) -> dict[str, Any]:
    """Everything a page must leave alone when it refuses, or when it is only looked at."""
    directory = store.directory(DOMAIN)
    return {
        "accounts": store.accounts(DOMAIN),
        "aliases": alias_rows(store),
        "files": sorted(str(path.relative_to(directory)) for path in directory.rglob("*")),
        "entries": Entry.objects.count(),
    }


def alias_rows(store: Store) -> list[tuple[str, str]]:
    from vpopmail.schema import schema

    if not schema().has_table("valias"):
        return []
    rows = store.rows("SELECT alias, valias_line FROM valias WHERE domain = %s", [DOMAIN])
    return sorted((row["alias"], row["valias_line"]) for row in rows)


def row(store: Store, name: str = "anna") -> dict[str, Any]:
    return next(row for row in store.accounts(DOMAIN) if row["pw_name"] == name)


def error_of(response: HttpResponse, field: str) -> str:
    """The message beside a field; the page was shown again, not left."""
    assert response.status_code in (200, 503), response.status_code
    errors = response.context["form"].errors
    assert set(errors) == {field}, errors
    page = response.content.decode()
    if field != "__all__":
        assert f'id="error_1_id_{field}"' in page
    assert str(errors[field][0]).split("'")[0].split("“")[0][:20] in page
    return str(errors[field][0])


def last_entry() -> Entry:
    entry = Entry.objects.order_by("-id").first()
    assert entry is not None
    return entry


def check_rights(url: str, person: Client) -> None:
    """Not signed in → sign-in; signed in without the right → not allowed, and not told what exists."""
    anonymous = Client().get(url)
    assert anonymous.status_code == 302
    assert anonymous["Location"].startswith("/sign-in/")
    assert Client().post(url, {"name": "x"})["Location"].startswith("/sign-in/")
    assert person.get(url).status_code in (403, 404)
    assert person.post(url, {}).status_code in (403, 404, 405)


def check_looking(store: Store, url: str, client: Client) -> str:
    """A GET and a HEAD change nothing; returns the page."""
    before = state_of(store)
    page = client.get(url)
    assert page.status_code == 200
    assert client.head(url).status_code == 200
    assert state_of(store) == before
    return page.content.decode()

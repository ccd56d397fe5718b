"""Nothing is changed by looking at a page, and no change is made without a token of the form."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from audit.models import Entry
from tests.routes import ROUTES
from tests.scenery import Scenery
from tests.store import Store

pytestmark = pytest.mark.stores("sqlite")
# What remembers that somebody looked, and when: sessions, the list of them, when somebody signed in last.
LOOKED = {"django_session", "accounts_signedin"}


@pytest.fixture
def scenery(store: Store, admin: Any) -> Scenery:
    return Scenery(store, admin)


def rows(database: str) -> dict[str, list[Any]]:
    connection = connections[database]
    with connection.cursor() as cursor:
        tables = [name for name in connection.introspection.table_names(cursor) if name not in LOOKED]
        found = {}
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')
            found[table] = sorted(map(repr, cursor.fetchall()))
    return found


def files(*roots: Path) -> Iterator[tuple[str, object]]:
    for root in roots:
        for path in sorted(root.rglob("*")):
            if path.name.startswith(("_vpopmail.sqlite", "panel.sqlite")):
                continue
            yield (
                str(path),
                path.read_bytes() if path.is_file() and not path.is_symlink() else path.lstat().st_mode,
            )


def state(store: Store) -> dict[str, Any]:
    return {
        **{
            f"{name}.{table}": found
            for name in ("default", "vpopmail")
            for table, found in rows(name).items()
        },
        **dict(files(store.home, store.qmail)),
    }


def test_no_page_changes_anything_by_being_looked_at(
    scenery: Scenery, signed_in: Client, store: Store
) -> None:
    before = state(store)
    for route in ROUTES:
        for method in (signed_in.get, signed_in.head, signed_in.options):
            answer = method(route.address(scenery.arguments), {"post": "yes", "confirm": "on", "name": "new"})
            assert answer.status_code < 500, (route.name, method.__name__, answer.status_code)
        assert state(store) == before, route.name


@pytest.mark.parametrize("method", ["put", "patch", "delete", "trace"])
def test_other_methods_change_nothing_either(
    scenery: Scenery, signed_in: Client, store: Store, method: str
) -> None:
    before = state(store)
    for route in ROUTES:
        answer = getattr(signed_in, method)(route.address(scenery.arguments))
        assert answer.status_code < 500, (route.name, answer.status_code)
    assert state(store) == before


def test_every_change_needs_the_token_of_its_form(scenery: Scenery, admin: Any, store: Store) -> None:
    """Whether or not a form would be complete: a POST from elsewhere does not come as far as the form."""
    other = Client(enforce_csrf_checks=True)
    other.force_login(admin)
    before = state(store)
    for client in (other, Client(enforce_csrf_checks=True)):
        for route in ROUTES:
            answer = client.post(route.address(scenery.arguments), {"name": "new", "domain": "new.example"})
            assert answer.status_code in (403, 405), (route.name, answer.status_code)
    assert state(store) == before
    assert other.get("/domains/").status_code == 200  # not even signed out


def test_no_view_is_exempt_from_the_check() -> None:
    exempt = {route.name for route in ROUTES if getattr(route.pattern.callback, "csrf_exempt", False)}
    assert exempt == set()


def test_a_token_of_somebody_else_is_none(scenery: Scenery, admin: Any) -> None:
    mine, theirs = Client(enforce_csrf_checks=True), Client()
    mine.force_login(admin)
    theirs.get("/sign-in/")
    token = theirs.cookies["csrftoken"].value
    answer = mine.post("/domains/add/", {"csrfmiddlewaretoken": token, "domain": "new.example"})
    assert answer.status_code == 403
    assert not Entry.objects.filter(target="new.example").exists()

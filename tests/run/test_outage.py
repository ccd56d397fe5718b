"""MariaDB stopped: the panel says so with 503, changes nothing, and works again when it is back."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from domains import services
from tests.mariadb import MariaDB
from tests.panel import Panel
from tests.store import Store

PAGES = ("/domains/", "/domains/example.com/", "/domains/example.com/accounts/postmaster/", "/search/?q=post")


@pytest.fixture
def server() -> Iterator[MariaDB]:
    server = MariaDB()
    server.start()
    yield server
    server.remove()


@pytest.fixture
def store(server: MariaDB, panel_database: Path, tmp_path: Path) -> Iterator[Store]:
    store = Store("many", tmp_path / "store", server)
    (store.state / "panel.sqlite").write_bytes(panel_database.read_bytes())
    store.activate()
    yield store
    if server.process is None:
        server.start()
    store.remove()


@pytest.fixture
def admin(store: Store) -> Any:
    return User.objects.create_superuser("admin", password="admin-pass")


def test_a_stopped_server_is_said_and_everything_works_when_it_is_back(server: MariaDB, panel: Panel) -> None:
    services.add_domain(actor=None, domain="example.com", password="Tulip-Harbour-42")
    visitors = [panel.visitor() for _ in range(8)]  # more than there are threads in one worker
    for visitor in visitors:
        assert visitor.sign_in("admin", "admin-pass").location == "/"
        assert [visitor.get(page).status for page in PAGES] == [200] * len(PAGES)
    server.stop()
    for visitor in visitors:
        replies = [visitor.get(page) for page in PAGES[1:]]
        assert [reply.status for reply in replies] == [503] * len(replies)
        assert all("database does not answer" in reply.text for reply in replies)
    refused = visitors[0].post("/domains/example.com/accounts/add/", name="ann", password="Tulip-Harbour-42")
    assert refused.status == 503
    health = visitors[0].get("/health/")
    assert (health.status, '"vpopmail": "down"' in health.text) == (503, True)
    server.start()
    for visitor in visitors:
        assert [visitor.get(page).status for page in PAGES] == [200] * len(PAGES)
    added = visitors[0].submit("/domains/example.com/accounts/add/", name="ann", password="Tulip-Harbour-42")
    assert added.status == 302, added.text

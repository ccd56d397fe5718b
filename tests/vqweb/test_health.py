"""/health/ for monitoring: 200 or 503, status words only, for everybody."""

import pytest
from django.test import Client

from tests.mariadb import MariaDB
from tests.store import Store


def test_everything_answers(store: Store, client: Client) -> None:
    answer = client.get("/health/")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "panel": "ok",
        "vpopmail": "ok",
        "helper": "ok",
        "vacations": "ok",
    }
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.stores("many")
def test_vpopmails_database_is_down(store: Store, client: Client, mariadb: MariaDB) -> None:
    assert client.get("/health/").status_code == 200
    mariadb.stop()
    try:
        answer = client.get("/health/")
    finally:
        mariadb.start()
    assert answer.status_code == 503
    assert answer.json() == {
        "status": "down",
        "panel": "ok",
        "vpopmail": "down",
        "helper": "ok",
        "vacations": "ok",
    }
    assert client.get("/health/").status_code == 200


@pytest.mark.stores("sqlite")
def test_nothing_but_looking(store: Store, client: Client) -> None:
    assert client.post("/health/").status_code == 405

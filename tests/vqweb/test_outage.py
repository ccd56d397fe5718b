"""Something that the panel stands on is down: a clear page, status 503, and all is well when it is back."""

import pytest
from django.test import Client

from tests.mariadb import MariaDB
from tests.store import Store
from vpopmail import helper
from vpopmail.engines.base import Unavailable

PAGES = ["/", "/domains/example.com/", "/accounts/?q=anna", "/search/?q=an"]


@pytest.mark.stores("many", "perdomain")
def test_mariadb_stopped_and_back(example: Store, signed_in: Client, mariadb: MariaDB) -> None:
    for page in PAGES:
        assert signed_in.get(page).status_code == 200, page
    mariadb.stop()
    try:
        for page in PAGES:
            answer = signed_in.get(page)
            text = answer.content.decode()
            assert answer.status_code == 503, page
            assert "vpopmail&#x27;s database does not answer" in text
            assert "Traceback" not in text and str(mariadb.socket) not in text
            assert int(answer["Retry-After"]) > 0
            assert f'href="{page}"' in text  # a way on
        assert signed_in.get("/activity/").status_code == 200  # what does not need it goes on working
    finally:
        mariadb.start()
    for page in PAGES:
        assert signed_in.get(page).status_code == 200, page


@pytest.mark.stores("many")
def test_a_change_while_mariadb_is_down_says_what_became_of_it(
    example: Store, signed_in: Client, mariadb: MariaDB
) -> None:
    mariadb.stop()
    try:
        answer = signed_in.post("/domains/example.com/delete/", {"confirm": "example.com"})
    finally:
        mariadb.start()
    assert answer.status_code == 503
    assert "journal" in answer.content.decode()
    assert example.accounts("example.com")


@pytest.mark.stores("many")
def test_a_part_of_a_page_is_replaced_by_the_notice(
    example: Store, signed_in: Client, mariadb: MariaDB
) -> None:
    mariadb.stop()
    try:
        answer = signed_in.get("/search/?q=an&part=1", headers={"HX-Request": "true"})
    finally:
        mariadb.start()
    assert answer.status_code == 503
    assert answer["HX-Retarget"] == "#main"
    assert b"<html" not in answer.content


@pytest.mark.stores("sqlite")
def test_the_panels_own_database_is_gone(example: Store, signed_in: Client) -> None:
    """Even who is signed in cannot be told then; found out before the middleware that asks for a sign-in."""
    from django.db import connections

    database, moved = example.state / "panel.sqlite", example.state / "moved"
    connections["default"].close()
    database.rename(moved)
    database.mkdir()
    try:
        answer = signed_in.get("/activity/")
        health = signed_in.get("/health/")
    finally:
        database.rmdir()
        moved.rename(database)
    assert answer.status_code == 503
    assert "own database does not answer" in answer.content.decode()
    assert health.status_code == 503
    assert signed_in.get("/activity/").status_code == 200


@pytest.mark.stores("sqlite")
def test_the_helper_is_gone(example: Store, signed_in: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*args: object, **kwargs: object) -> None:
        raise Unavailable("The helper on the mail host cannot be reached.")

    with monkeypatch.context() as patch:
        patch.setattr(helper, "call", gone)
        answer = signed_in.get("/domains/")
        assert signed_in.get("/health/").json()["helper"] == "down"
    assert answer.status_code == 503
    assert "cannot be reached" in answer.content.decode()
    assert signed_in.get("/domains/").status_code == 200


@pytest.mark.stores("sqlite")
def test_an_outage_outside_a_view_is_told_as_one(
    example: Store, signed_in: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no middleware can catch it, in the session's own: the handler of status 500 does."""
    from django.contrib.sessions.middleware import SessionMiddleware
    from django.db import OperationalError

    def fail(*args: object) -> None:
        raise OperationalError("(2006, 'Server has gone away')")

    monkeypatch.setattr(SessionMiddleware, "process_response", fail)
    signed_in.raise_request_exception = False
    answer = signed_in.get("/activity/")
    assert answer.status_code == 503
    assert "gone away" not in answer.content.decode()

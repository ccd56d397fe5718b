"""vpopmail's database is down: administrators get in and see it, mail accounts are told so, nobody is told
"wrong password", and nobody is signed out.
"""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Guess
from tests.mariadb import MariaDB
from tests.sign_in.people import ANNA, PASSWORD, is_in
from tests.store import Store
from vpopmail import helper
from vpopmail.engines.base import Unavailable

SAID = "database does not answer"


def send(client: Client, username: str, password: str) -> Any:
    return client.post("/sign-in/", {"username": username, "password": password})


@pytest.mark.stores("many", "perdomain")
def test_mariadb_is_stopped(mailboxes: Store, admin: Any, anna: Client, mariadb: MariaDB) -> None:
    assert is_in(anna)
    mariadb.stop()
    try:
        for address in (ANNA, "nobody@example.com", "anna@nowhere.example"):
            answer = send(Client(), address, PASSWORD)
            assert answer.status_code == 503, address
            assert SAID in answer.content.decode() and "do not fit" not in answer.content.decode()
            assert int(answer["Retry-After"]) > 0
        assert anna.get("/me/sessions/").status_code == 503
        assert "Does not answer" not in anna.get("/me/sessions/").content.decode()
        assert Client().get("/sign-in/").status_code == 200
        administrator = Client()
        assert send(administrator, "admin", "admin-pass").status_code == 302
        page = administrator.get("/")
        assert page.status_code == 503 and SAID in page.content.decode()
        assert page.content.decode().count("Does not answer") == 1
        assert administrator.get("/activity/").status_code == 200
        assert is_in(administrator)
    finally:
        mariadb.start()
    assert is_in(anna)
    assert send(Client(), ANNA, PASSWORD).status_code == 302
    assert not Guess.objects.filter(failures__gt=0).exists()


@pytest.mark.stores("many")
def test_a_wrong_password_of_an_administrator_is_told_as_such(
    mailboxes: Store, admin: Any, mariadb: MariaDB
) -> None:
    mariadb.stop()
    try:
        answer = send(Client(), "admin", "wrong")
    finally:
        mariadb.start()
    assert answer.status_code == 200 and "do not fit together" in answer.content.decode()


@pytest.mark.stores("sqlite")
def test_the_helper_is_gone(
    mailboxes: Store, admin: Any, anna: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*args: object, **kwargs: object) -> None:
        raise Unavailable("The helper on the mail host cannot be reached.")

    with monkeypatch.context() as patch:
        patch.setattr(helper, "call", gone)
        assert send(Client(), ANNA, PASSWORD).status_code == 503
        assert anna.get("/me/sessions/").status_code == 503
        administrator = Client()
        assert send(administrator, "admin", "admin-pass").status_code == 302
        assert is_in(administrator)
    assert is_in(anna)

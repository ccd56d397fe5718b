from collections.abc import Callable

import pytest
from django.test import Client

from tests.accounts.base import ACCOUNTS, check_looking, check_rights, error_of, last_entry, row, state_of
from tests.store import Store
from vpopmail.engines.base import Unavailable

URL = f"{ACCOUNTS}anna/change/"
SEEN = {"seen": "Anna"}


def test_it_works(example: Store, signed_in: Client) -> None:
    before = row(example)
    response = signed_in.post(URL, {"gecos": "Anna Österberg, 'x' & \"y\" 100%", **SEEN})
    assert response["Location"] == f"{ACCOUNTS}anna/"
    assert row(example) == {**before, "pw_gecos": "Anna Österberg, 'x' & \"y\" 100%"}
    assert "was saved" in signed_in.get(response["Location"]).content.decode()
    entry = last_entry()
    assert (entry.action, entry.state) == ("vmoduser", "ok")
    assert entry.changes == {"gecos": ["Anna", "Anna Österberg, 'x' & \"y\" 100%"]}


def test_unchanged_changes_nothing(example: Store, signed_in: Client) -> None:
    before = state_of(example)
    response = signed_in.post(URL, {"gecos": "Anna", **SEEN}, follow=True)
    assert "Nothing was changed" in response.content.decode()
    assert state_of(example) == before


def test_changed_meanwhile(example: Store, signed_in: Client) -> None:
    signed_in.post(URL, {"gecos": "Somebody else's", **SEEN})
    before = row(example)
    response = signed_in.post(URL, {"gecos": "Mine", **SEEN})
    assert response.status_code == 200
    page = response.content.decode()
    assert 'value="Mine"' in page
    assert "It is now: Somebody else&#x27;s" in page
    assert row(example) == before
    assert last_entry().state == "failed"
    again = response.context["form"]["seen"].value()
    signed_in.post(URL, {"gecos": "Mine", "seen": again})
    assert row(example)["pw_gecos"] == "Mine"


def test_bad_input(example: Store, signed_in: Client) -> None:
    before = state_of(example)
    for value, words in (("a:b", "colon"), ("g" * 65, "64"), ("日本", "Western"), ("a\x02b", "control")):
        response = signed_in.post(URL, {"gecos": value, **SEEN})
        assert words in error_of(response, "gecos")
        assert response.context["form"]["gecos"].value() == value
    assert state_of(example) == before


@pytest.mark.stores("sqlite")
def test_engine_fails(example: Store, signed_in: Client, broken_engine: Callable[..., None]) -> None:
    before = row(example)
    broken_engine("vmoduser", Unavailable("The database is gone."))
    response = signed_in.post(URL, {"gecos": "New", **SEEN})
    assert response.status_code == 503
    assert error_of(response, "__all__") == "The database is gone."
    assert 'value="New"' in response.content.decode()
    assert (row(example), last_entry().state) == (before, "failed")


@pytest.mark.stores("sqlite")
def test_rights(example: Store, person: Client, allow: Callable[..., Client]) -> None:
    check_rights(URL, person)
    assert allow("view_domain", "view_account").post(URL, {"gecos": "x", **SEEN}).status_code == 403
    changing = allow("view_domain", "view_account", "change_account")
    assert changing.post(URL, {"gecos": "New", **SEEN}).status_code == 302


@pytest.mark.stores("sqlite")
def test_unknown(example: Store, signed_in: Client) -> None:
    assert signed_in.post(f"{ACCOUNTS}nobody/change/", {"gecos": "x"}).status_code == 404


@pytest.mark.stores("sqlite")
def test_looking_changes_nothing(example: Store, signed_in: Client) -> None:
    assert "manage.py vmoduser" in check_looking(example, URL, signed_in)

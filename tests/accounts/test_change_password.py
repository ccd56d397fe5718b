from collections.abc import Callable

import pytest
from django.test import Client

from audit.models import Entry
from tests.accounts.base import ACCOUNTS, check_looking, check_rights, error_of, last_entry, row, state_of
from tests.store import Store
from vpopmail.engines.base import Unavailable
from vpopmail.passwords import LONGEST, verify

URL = f"{ACCOUNTS}anna/password/"
NEW = "another & 'Secret' 9 ü%"


def test_it_works(example: Store, signed_in: Client) -> None:
    before = row(example)
    response = signed_in.post(URL, {"password": NEW})
    assert response["Location"] == f"{ACCOUNTS}anna/"
    after = row(example)
    assert verify(NEW, after["pw_passwd"])
    assert {**after, "pw_passwd": ""} == {**before, "pw_passwd": "", "pw_clear_passwd": ""} or (
        "pw_clear_passwd" not in before and {**after, "pw_passwd": ""} == {**before, "pw_passwd": ""}
    )
    page = signed_in.get(response["Location"]).content.decode()
    assert "was changed" in page
    assert "Secret" not in page
    entry = last_entry()
    assert (entry.action, entry.state, entry.changes) == ("vpasswd", "ok", {"password": "changed"})


@pytest.mark.stores("sqlite")
def test_generated_in_the_browser_is_shown_once(example: Store, signed_in: Client) -> None:
    response = signed_in.post(URL, {"password": NEW, "generated": "on"})
    assert "no-store" in response["Cache-Control"]
    assert response.context["secret"] == NEW
    assert "Secret" not in signed_in.get(f"{ACCOUNTS}anna/").content.decode()
    assert "Secret" not in str(list(Entry.objects.values()))


def test_bad_input(example: Store, signed_in: Client) -> None:
    """An empty field is no password: a click too many must not lock anybody out."""
    before = state_of(example)
    for value, words in (
        ("", "generated"),
        ("p" * (LONGEST + 1), str(LONGEST)),
        ("a\x0bb", "control"),
    ):
        response = signed_in.post(URL, {"password": value})
        assert words in error_of(response, "password")
        assert response.context["form"]["password"].value() == value
    assert state_of(example) == before


@pytest.mark.stores("sqlite")
def test_the_sites_own_policy(example: Store, signed_in: Client) -> None:
    (example.home / "etc" / "password_strength.conf").write_text("Policy = At least twelve.\nLength >= 12\n")
    before = state_of(example)
    error_of(signed_in.post(URL, {"password": "short"}), "password")
    assert state_of(example) == before


@pytest.mark.stores("sqlite")
def test_engine_fails(example: Store, signed_in: Client, broken_engine: Callable[..., None]) -> None:
    before = row(example)
    broken_engine("vpasswd", Unavailable("The database is gone."))
    response = signed_in.post(URL, {"password": NEW})
    assert response.status_code == 503
    assert error_of(response, "__all__") == "The database is gone."
    assert response.context["form"]["password"].value() == NEW
    assert (row(example), last_entry().state) == (before, "failed")


@pytest.mark.stores("sqlite")
def test_rights(example: Store, person: Client, allow: Callable[..., Client]) -> None:
    check_rights(URL, person)
    assert allow("view_domain", "view_account").post(URL, {"password": NEW}).status_code == 403


@pytest.mark.stores("sqlite")
def test_unknown(example: Store, signed_in: Client) -> None:
    assert signed_in.post(f"{ACCOUNTS}nobody/password/", {"password": NEW}).status_code == 404


@pytest.mark.stores("sqlite")
def test_looking_changes_nothing(example: Store, signed_in: Client) -> None:
    assert "manage.py vpasswd anna@example.com" in check_looking(example, URL, signed_in)

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts import services
from tests.accounts.base import ACCOUNTS, check_looking, check_rights, error_of, last_entry, row, state_of
from tests.store import Store
from vpopmail.engines.base import Unavailable

URL = f"{ACCOUNTS}anna/quota/"
SEEN = {"seen": "2147483648S"}


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("500 MB", "524288000S"),
        ("100G", "107374182400S"),
        ("1048576S,1000C", "1048576S,1000C"),
        ("NOQUOTA", "NOQUOTA"),
    ],
)
def test_it_works(example: Store, signed_in: Client, text: str, stored: str) -> None:
    before = row(example)
    response = signed_in.post(URL, {"quota": text, **SEEN})
    assert response["Location"] == f"{ACCOUNTS}anna/"
    assert row(example) == {**before, "pw_shell": stored}
    assert last_entry().changes == {"quota": ["2147483648S", stored]}
    size = example.directory("example.com") / "anna" / "Maildir" / "maildirsize"
    assert size.exists() == (stored != "NOQUOTA")
    if stored != "NOQUOTA":
        assert size.read_text().splitlines()[0] == stored


@pytest.mark.parametrize(
    "stored", ["10737418240S", "107374182400S", "1048576S,1000C", "1500000001S", "1000C", "NOQUOTA"]
)
@pytest.mark.stores("sqlite")
def test_unchanged_changes_nothing(example: Store, signed_in: Client, admin: Any, stored: str) -> None:
    """What the form shows is exact: saving it gives the same text back, the part not edited included."""
    services.change_quota(actor=admin, domain="example.com", name="anna", quota=stored)
    form = signed_in.get(URL).context["form"]
    before = state_of(example)
    shown = {"quota": form["quota"].value(), "seen": form["seen"].value()}
    assert "Nothing was changed" in signed_in.post(URL, shown, follow=True).content.decode()
    assert state_of(example) == before
    assert row(example)["pw_shell"] == stored


def test_changed_meanwhile(example: Store, signed_in: Client, admin: Any) -> None:
    services.change_quota(actor=admin, domain="example.com", name="anna", quota="7 GB")
    before = row(example)
    response = signed_in.post(URL, {"quota": "3 GB", **SEEN})
    page = response.content.decode()
    assert response.status_code == 200
    assert 'value="3 GB"' in page
    assert "7516192768S" in page
    assert row(example) == before


def test_bad_input(example: Store, signed_in: Client) -> None:
    before = state_of(example)
    for value in ("", "rubbish", "-1", "0", "1 XB", "2GB 3GB", "9" * 41, "99999999999 TB", "1,5 GB"):
        response = signed_in.post(URL, {"quota": value, **SEEN})
        assert error_of(response, "quota"), value
        assert response.context["form"]["quota"].value() == value
    assert state_of(example) == before


@pytest.mark.stores("sqlite")
def test_engine_fails(example: Store, signed_in: Client, broken_engine: Callable[..., None]) -> None:
    before = row(example)
    broken_engine("vsetuserquota", Unavailable("The disk is read-only.", field="quota"))
    response = signed_in.post(URL, {"quota": "3 GB", **SEEN})
    assert response.status_code == 503
    assert error_of(response, "quota") == "The disk is read-only."
    assert 'value="3 GB"' in response.content.decode()
    assert (row(example), last_entry().state) == (before, "failed")


@pytest.mark.stores("sqlite")
def test_rights(example: Store, person: Client, allow: Callable[..., Client]) -> None:
    check_rights(URL, person)
    assert allow("view_domain", "view_account").post(URL, {"quota": "1 GB", **SEEN}).status_code == 403


@pytest.mark.stores("sqlite")
def test_unknown(example: Store, signed_in: Client) -> None:
    assert signed_in.post(f"{ACCOUNTS}nobody/quota/", {"quota": "1 GB"}).status_code == 404


@pytest.mark.stores("sqlite")
def test_looking_changes_nothing(example: Store, signed_in: Client) -> None:
    assert "manage.py vsetuserquota anna@example.com" in check_looking(example, URL, signed_in)

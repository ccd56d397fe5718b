from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts import services
from tests.accounts.base import ACCOUNTS, check_looking, check_rights, error_of, last_entry, row, state_of
from tests.store import Store
from tests.vpopmail.people import execute
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


@pytest.mark.parametrize("stored", ["5000", "10M", "2G", "rubbish", "NOQUOTA,5C", "1000C,5S", ""])
@pytest.mark.stores("sqlite")
def test_what_other_programs_stored_stays_while_nobody_edits_it(
    example: Store, signed_in: Client, stored: str
) -> None:
    execute("UPDATE vpopmail SET pw_shell = %s WHERE pw_name = 'anna'", [stored])
    size_file = example.directory("example.com") / "anna/Maildir/maildirsize"
    before, mtime = state_of(example), size_file.stat().st_mtime_ns
    form = signed_in.get(URL).context["form"]
    shown = {"quota": form["quota"].value(), "seen": form["seen"].value()}
    assert "Nothing was changed" in signed_in.post(URL, shown, follow=True).content.decode()
    assert (state_of(example), size_file.stat().st_mtime_ns) == (before, mtime)
    signed_in.post(URL, {**shown, "quota": "3 GB"})
    assert row(example)["pw_shell"] == "3221225472S"


@pytest.mark.parametrize("text", ["0", "0 GB", "-5", "-1 GB", "0S,0C", "9000000000 TB", "10 GB,-5C"])
@pytest.mark.stores("sqlite", "many")
def test_quotas_that_cannot_be(example: Store, signed_in: Client, text: str) -> None:
    before = state_of(example)
    assert error_of(signed_in.post(URL, {"quota": text, **SEEN}), "quota")
    assert state_of(example) == before


@pytest.mark.parametrize(
    ("text", "stored"),
    [("10 GB", "10737418240S"), ("100 TB", "109951162777600S"), ("1 GB, 7C", "1073741824S,7C")],
)
def test_large_ones_and_both_parts(example: Store, signed_in: Client, text: str, stored: str) -> None:
    signed_in.post(URL, {"quota": text, **SEEN})
    assert row(example)["pw_shell"] == stored
    size_file = example.directory("example.com") / "anna/Maildir/maildirsize"
    assert size_file.read_text() == f"{stored}\n0 0\n"


def test_the_sum_of_what_is_stored_survives(example: Store, signed_in: Client) -> None:
    size_file = example.directory("example.com") / "anna/Maildir/maildirsize"
    size_file.write_text("2147483648S\n1000 3\n500 1\n")
    signed_in.post(URL, {"quota": "10000S,500C", **SEEN})
    assert size_file.read_text() == "10000S,500C\n1500 4\n"


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

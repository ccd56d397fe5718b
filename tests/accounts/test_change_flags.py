from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts import services
from accounts.flag_forms import KNOWN
from tests.accounts.base import ACCOUNTS, check_looking, check_rights, last_entry, row, state_of
from tests.store import Store
from vpopmail import flags
from vpopmail.engines.base import Unavailable

URL = f"{ACCOUNTS}anna/flags/"
UNKNOWN = 0x100000


def ticks(*bits: int) -> dict[str, str]:
    return {f"flag_{bit:x}": "on" for bit in bits}


def set_gid(admin: Any, gid: int) -> None:
    services.change_account(
        actor=admin, domain="example.com", name="anna", set_flags=gid, clear_flags=0xFFFFF & ~gid
    )


def test_every_known_bit_has_a_box() -> None:
    assert KNOWN == flags.KNOWN


def test_bit_by_bit_and_unknown_bits_stay(example: Store, signed_in: Client, admin: Any) -> None:
    set_gid(admin, UNKNOWN | 0x2 | 0x8)
    before = row(example)
    page = signed_in.get(URL).content.decode()
    assert hex(UNKNOWN) in page
    response = signed_in.post(URL, {"seen": str(UNKNOWN | 0x2 | 0x8), **ticks(0x8, 0x10)})
    assert response["Location"] == f"{ACCOUNTS}anna/"
    assert row(example) == {**before, "pw_gid": UNKNOWN | 0x8 | 0x10}
    entry = last_entry()
    assert (entry.action, entry.changes) == ("vmoduser", {"flags": [UNKNOWN | 0xA, UNKNOWN | 0x18]})


def test_unchanged_changes_nothing(example: Store, signed_in: Client, admin: Any) -> None:
    set_gid(admin, UNKNOWN | 0x1002)
    before = state_of(example)
    form = signed_in.get(URL).context["form"]
    shown = {
        "seen": form["seen"].value(),
        **{f.html_name: "on" for _t, g in form.groups() for f in g if f.value()},
    }
    assert set(shown) == {"seen", "flag_2", "flag_1000"}
    assert "Nothing was changed" in signed_in.post(URL, shown, follow=True).content.decode()
    assert state_of(example) == before


def test_changed_meanwhile(example: Store, signed_in: Client, admin: Any) -> None:
    """The other person's bit stays; one's own ticks are on top of it when saving again."""
    set_gid(admin, 0x2)
    before = row(example)
    response = signed_in.post(URL, {"seen": "0", **ticks(0x8)})
    assert response.status_code == 200
    assert response.context["form"].errors
    assert row(example) == before
    form = response.context["form"]
    assert form["seen"].value() == "2"
    assert form["flag_2"].value()
    assert form["flag_8"].value()
    signed_in.post(URL, {"seen": "2", **ticks(0x2, 0x8)})
    assert row(example)["pw_gid"] == 0xA


@pytest.mark.stores("sqlite")
def test_bad_input(example: Store, signed_in: Client) -> None:
    before = state_of(example)
    for seen in ("", "-1", "x", "1" * 30):
        response = signed_in.post(URL, {"seen": seen, **ticks(0x2)})
        assert response.status_code == 200
        assert response.context["form"].errors
        assert "flag_2" in response.content.decode()
    after = state_of(example)
    assert after["accounts"] == before["accounts"]


@pytest.mark.stores("sqlite")
def test_rights_over_the_server_are_for_superusers(
    example: Store, signed_in: Client, allow: Callable[..., Client]
) -> None:
    changing = allow("view_domain", "view_account", "change_account")
    changing.post(URL, {"seen": "0", **ticks(0x10000, 0x2)})
    assert row(example)["pw_gid"] == 0x2
    signed_in.post(URL, {"seen": "2", **ticks(0x10000, 0x2)})
    assert row(example)["pw_gid"] == 0x10002
    changing.post(URL, {"seen": str(0x10002)})
    assert row(example)["pw_gid"] == 0x10000


@pytest.mark.stores("sqlite")
def test_engine_fails(example: Store, signed_in: Client, broken_engine: Callable[..., None]) -> None:
    before = row(example)
    broken_engine("vmoduser", Unavailable("The database is gone."))
    response = signed_in.post(URL, {"seen": "0", **ticks(0x8)})
    assert response.status_code == 503
    assert "The database is gone." in response.content.decode()
    assert response.context["form"]["flag_8"].value()
    assert (row(example), last_entry().state) == (before, "failed")


@pytest.mark.stores("sqlite")
def test_rights(example: Store, person: Client, allow: Callable[..., Client]) -> None:
    check_rights(URL, person)
    assert allow("view_domain", "view_account").post(URL, {"seen": "0", **ticks(2)}).status_code == 403


@pytest.mark.stores("sqlite")
def test_unknown(example: Store, signed_in: Client) -> None:
    assert signed_in.post(f"{ACCOUNTS}nobody/flags/", {"seen": "0"}).status_code == 404


@pytest.mark.stores("sqlite")
def test_looking_changes_nothing(example: Store, signed_in: Client) -> None:
    assert "manage.py vmoduser -x anna@example.com" in check_looking(example, URL, signed_in)

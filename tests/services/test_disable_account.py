"""Disabling an account really does, and enabling it again restores exactly what was."""

import os
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts import services, standing
from accounts.disabling import Seen
from accounts.models import Disabled, User
from audit.models import Entry
from mailhost.verbs_aside import ASIDE
from tests.engines.cast import set_values
from tests.store import GID, UID, Store
from vpopmail.engines.base import Changed, Refused, Unavailable
from vpopmail.flags import BOUNCE_MAIL, SERVICES
from web.states import states_of

DOMAIN = "example.com"
PASSWORD = "Correct-Horse-7"


@pytest.fixture
def anna(store: Store, domain: str) -> Store:
    """A mail host with the account anna@example.com."""
    services.add_account(actor=None, domain=DOMAIN, name="anna", password=PASSWORD)
    return store


def row(store: Store, name: str = "anna") -> dict[str, Any]:
    return next(row for row in store.accounts(DOMAIN) if row["pw_name"] == name)


def disable(actor: Any = None, **more: Any) -> Any:
    return services.disable_account(actor=actor, domain=DOMAIN, name="anna", **more)


def enable(actor: Any = None, **more: Any) -> Any:
    return services.enable_account(actor=actor, domain=DOMAIN, name="anna", **more)


def own_file(store: Store) -> Path:
    file = Path(row(store)["pw_dir"]) / ".qmail"
    file.write_text("&x@elsewhere.example\n")
    os.chown(file, UID, GID)
    return file


def test_nothing_lets_it_in_and_everything_comes_back(anna: Store) -> None:
    file = own_file(anna)
    set_values(anna, "anna", pw_gid=0x4000_0008)  # IMAP was off before, and a bit that nobody knows is set
    before = row(anna)
    saved = disable(reason="left the company")
    now = row(anna)
    assert now["pw_passwd"] == "!" + before["pw_passwd"]
    assert now["pw_gid"] == 0x4000_0008 | SERVICES
    assert {**now, "pw_passwd": 0, "pw_gid": 0} == {**before, "pw_passwd": 0, "pw_gid": 0}
    assert not file.exists() and file.with_name(ASIDE).exists()
    assert states_of(saved.account)[0].word == "Disabled"
    assert not standing.password_opens(standing.row(DOMAIN, "anna"), PASSWORD)
    entry = Entry.objects.latest("id")
    assert (entry.action, entry.target, entry.state) == ("disable_account", f"anna@{DOMAIN}", "ok")
    assert entry.changes == {
        "flags": [0x4000_0008, 0x4000_0008 | SERVICES],
        "signing_in": "locked",
        "new_mail": "keep",
        "reason": "left the company",
    }
    assert entry.command == (
        f"manage.py disable_account --mail keep --reason 'left the company' anna@{DOMAIN}"
    )
    enable()
    assert row(anna) == before
    assert file.read_text() == "&x@elsewhere.example\n"
    assert not Disabled.objects.exists()
    assert standing.password_opens(standing.row(DOMAIN, "anna"), PASSWORD) is True


@pytest.mark.parametrize(("mail", "bit"), [("keep", 0), ("bounce", BOUNCE_MAIL), ("forward", 0)])
def test_what_becomes_of_mail(anna: Store, mail: str, bit: int) -> None:
    file, before = own_file(anna), row(anna)
    disable(mail=mail)
    assert row(anna)["pw_gid"] == SERVICES | bit
    assert file.exists() is (mail != "keep")
    enable()
    assert (row(anna), file.exists()) == (before, True)


@pytest.mark.stores("clear")
def test_a_clear_password_is_emptied_and_that_is_said(anna: Store) -> None:
    set_values(anna, "anna", pw_clear_passwd=PASSWORD)
    disable()
    assert row(anna)["pw_clear_passwd"] == ""
    assert "CRAM-MD5" in enable().warnings[0]


@pytest.mark.stores("sqlite", "many")
def test_twice_is_once(anna: Store) -> None:
    before = row(anna)
    disable()
    entries, now = Entry.objects.count(), row(anna)
    disable()
    assert (Entry.objects.count(), row(anna)) == (entries, now)
    disable(mail="bounce")
    assert row(anna)["pw_gid"] == SERVICES | BOUNCE_MAIL
    enable()
    assert row(anna) == before
    entries = Entry.objects.count()
    enable()
    assert Entry.objects.count() == entries


@pytest.mark.stores("sqlite", "perdomain")
def test_bits_changed_meanwhile_stay_as_they_are(anna: Store) -> None:
    disable()
    services.change_account(actor=None, domain=DOMAIN, name="anna", set_flags=0x1001)
    enable()
    assert row(anna)["pw_gid"] == 0x1001


@pytest.mark.stores("sqlite")
def test_another_tool_locked_it(anna: Store) -> None:
    """What was before is not known: the lock goes, and the services only where all of them are closed."""
    before = row(anna)["pw_passwd"]
    set_values(anna, "anna", pw_passwd="!" + before, pw_gid=0x1008)
    enable()
    assert (row(anna)["pw_passwd"], row(anna)["pw_gid"]) == (before, 0x1008)
    set_values(anna, "anna", pw_passwd="!" + before, pw_gid=0x1000 | SERVICES)
    enable()
    assert (row(anna)["pw_passwd"], row(anna)["pw_gid"]) == (before, 0x1000)


@pytest.mark.stores("sqlite")
def test_a_lock_that_was_there_stays(anna: Store) -> None:
    locked = "!" + row(anna)["pw_passwd"]
    set_values(anna, "anna", pw_passwd=locked)
    disable()
    assert (row(anna)["pw_passwd"], row(anna)["pw_gid"]) == (locked, SERVICES)
    enable()
    assert (row(anna)["pw_passwd"], row(anna)["pw_gid"]) == (locked, 0)


def test_a_new_password_does_not_open_it(anna: Store) -> None:
    disable()
    saved = services.change_password(actor=None, domain=DOMAIN, name="anna", password="Other-Horse-8")
    assert "stays disabled" in saved.warnings[0]
    assert row(anna)["pw_passwd"].startswith("!")
    enable()
    assert standing.password_opens(standing.row(DOMAIN, "anna"), "Other-Horse-8")


@pytest.mark.stores("sqlite")
def test_another_program_set_a_password_meanwhile(anna: Store) -> None:
    """vpasswd opens the lock but not the services: enabling takes back what is left."""
    fresh = row(anna)["pw_passwd"]
    disable()
    set_values(anna, "anna", pw_passwd=fresh)
    enable()
    assert (row(anna)["pw_passwd"], row(anna)["pw_gid"]) == (fresh, 0)


@pytest.mark.stores("sqlite")
def test_what_was_disabled_is_nothing_of_a_new_account_of_the_name(anna: Store) -> None:
    disable()
    services.delete_account(actor=None, domain=DOMAIN, name="anna")
    services.add_account(actor=None, domain=DOMAIN, name="anna", password=PASSWORD, left="remove")
    assert not Disabled.objects.exists()


@pytest.mark.stores("sqlite", "many")
def test_what_the_person_saw_no_longer_stands(anna: Store) -> None:
    before = row(anna)
    with pytest.raises(Changed):
        disable(expected=Seen(0x8, False))
    assert row(anna) == before
    disable(expected=Seen(0, False))
    with pytest.raises(Changed):
        enable(expected=Seen(0, False))


@pytest.mark.stores("sqlite")
def test_sessions_of_the_panel_end_and_do_not_come_back(anna: Store) -> None:
    client = Client()
    client.post("/sign-in/", {"username": f"anna@{DOMAIN}", "password": PASSWORD})
    assert client.get("/me/").status_code == 200
    disable()
    enable()
    assert client.get("/me/").status_code == 302
    assert User.objects.get(username=f"anna@{DOMAIN}").sessions.count() == 0


@pytest.mark.stores("sqlite")
@pytest.mark.parametrize("bad", [{"mail": "burn"}, {"reason": "x" * 201}, {"reason": "two\nlines"}])
def test_bad_choices(anna: Store, bad: dict[str, str]) -> None:
    before, entries = row(anna), Entry.objects.count()
    with pytest.raises(Refused):
        disable(**bad)
    assert (row(anna), Entry.objects.count()) == (before, entries)


@pytest.mark.stores("sqlite")
def test_who_may(anna: Store, clerk: Any, admin: Any) -> None:
    """A postmaster disables and enables accounts of the domain, but neither its own nor what an administrator
    disabled."""
    disable(clerk)
    enable(clerk)
    disable(admin)
    with pytest.raises(Refused, match="administrator"):
        enable(clerk)
    enable(admin)
    with pytest.raises(Refused):
        services.disable_account(actor=clerk, domain=DOMAIN, name="postmaster")


@pytest.mark.stores("sqlite")
def test_a_failure_leaves_it_as_it_was(anna: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from vpopmail.engines import get_engine

    def fail(*args: Any, **kwargs: Any) -> None:
        raise Unavailable("the helper fails")

    before = row(anna)
    monkeypatch.setattr(type(get_engine()), "switch_accounts", fail)
    with pytest.raises(Unavailable):
        disable()
    assert row(anna) == before
    monkeypatch.undo()
    assert enable().account is not None  # the row that was kept for nothing is not believed
    assert row(anna) == before

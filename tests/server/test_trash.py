"""The trash: the pages, and `manage.py trash`."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts import services as accounts
from audit.models import Entry
from domains import services as domains
from tests.commands.base import done, run
from tests.pages import allow, person  # noqa: F401
from tests.store import Store, forget
from vpopmail import trash

PASSWORD = "Correct-Horse-7"


@pytest.fixture
def deleted(store: Store, admin: Any) -> str:
    """bob@example.com with a message, deleted; the key of the entry."""
    domains.add_domain(actor=admin, domain="example.com", password=PASSWORD)
    accounts.add_account(actor=admin, domain="example.com", name="bob", password=PASSWORD, gecos="Bob")
    (store.directory("example.com") / "bob/Maildir/new/1").write_text("precious")
    accounts.delete_account(actor=admin, domain="example.com", name="bob")
    return Entry.objects.get(action="vdeluser").key


def names(store: Store) -> list[str]:
    return [row["pw_name"] for row in store.accounts("example.com")]


def test_the_list_says_who_what_and_until_when(store: Store, deleted: str, signed_in: Client) -> None:
    answer = signed_in.get("/server/trash/")
    [item] = answer.context["page"].rows
    assert (item.parked.target, item.entry.actor_name) == ("bob@example.com", "admin")
    page = answer.content.decode()
    assert f"/server/trash/{deleted}/restore/" in page and "1 message" in page and "in 4" in page
    assert "1 message" in signed_in.get(f"/server/trash/{deleted}/").content.decode()
    assert "/server/trash/" in signed_in.get("/server/").content.decode()


def test_an_account_comes_back_from_the_page(store: Store, deleted: str, signed_in: Client) -> None:
    url = f"/server/trash/{deleted}/restore/"
    assert signed_in.get(url).context["form"].initial == {"how": "same"}
    answer = signed_in.post(url, {"how": "same"}, follow=True)
    assert "was brought back" in answer.content.decode()
    assert names(store) == ["bob", "postmaster"]
    assert (store.directory("example.com") / "bob/Maildir/new/1").read_text() == "precious"
    entry = Entry.objects.get(action="restore")
    assert (entry.state, entry.target, entry.command) == (
        "ok",
        "bob@example.com",
        f"manage.py trash --restore {deleted}",
    )
    assert "Brought back" in signed_in.get(f"/activity/{entry.key}/").content.decode()
    assert signed_in.get(url).status_code == 404


@pytest.mark.stores("sqlite")
def test_beside_a_new_one_there_are_choices(
    store: Store, deleted: str, signed_in: Client, admin: Any
) -> None:
    accounts.add_account(actor=admin, domain="example.com", name="bob", password=PASSWORD)
    url = f"/server/trash/{deleted}/restore/"
    assert signed_in.get(url).context["form"].initial == {"how": "merge"}
    refused = signed_in.post(url, {"how": "same"})
    assert refused.status_code == 200 and refused.context["form"].errors
    assert signed_in.post(url, {"how": "other"}).context["form"].errors["name"]
    assert Entry.objects.filter(action="restore", state="ok").count() == 0
    assert signed_in.post(url, {"how": "merge"}).status_code == 302
    assert (store.directory("example.com") / "bob/Maildir/new/1").read_text() == "precious"


@pytest.mark.stores("sqlite")
def test_under_another_name(store: Store, deleted: str, signed_in: Client) -> None:
    answer = signed_in.post(
        f"/server/trash/{deleted}/restore/", {"how": "other", "name": "bob.old"}, follow=True
    )
    assert "/domains/example.com/accounts/bob.old/" in answer.content.decode()
    assert names(store) == ["bob.old", "postmaster"]


def test_a_domain_comes_back_from_the_page(store: Store, deleted: str, signed_in: Client, admin: Any) -> None:
    domains.delete_domain(actor=admin, domain="example.com")
    key = Entry.objects.get(action="vdeldomain").key
    assert signed_in.post(f"/server/trash/{deleted}/restore/", {"how": "same"}).context["form"].errors
    page = signed_in.get(f"/server/trash/{key}/restore/")
    assert page.context["contents"].accounts == 1
    assert signed_in.post(f"/server/trash/{key}/restore/", {"how": "same"}).status_code == 302
    assert names(store) == ["postmaster"] and "example.com" in store.control("rcpthosts")


@pytest.mark.stores("sqlite")
def test_emptying_needs_its_permission_and_the_hosts_leave(
    store: Store,
    deleted: str,
    signed_in: Client,
    allow: Any,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = f"/server/trash/{deleted}/empty/"
    assert allow("view_trash", "change_trash").post(url).status_code == 403
    page = signed_in.get(url)
    assert "does not allow" in page.content.decode()
    assert signed_in.post(url).context["form"].errors
    assert trash.find(deleted).messages == 1
    monkeypatch.setattr(settings, "VPOPMAIL_EMPTY_TRASH", True)
    forget()
    page = signed_in.get(url).content.decode()
    assert page.index("Keep it") < page.index("Remove for good</button>")
    assert signed_in.post(url).status_code == 302
    assert not trash.page().rows
    entry = Entry.objects.filter(action="empty").latest("id")
    assert (entry.state, entry.target) == ("ok", "bob@example.com")


@pytest.mark.stores("sqlite")
def test_looking_does_not_allow_bringing_back(store: Store, deleted: str, allow: Any) -> None:  # noqa: F811
    client = allow("view_trash")
    assert client.get("/server/trash/").status_code == 200
    for method in (client.get, client.post):
        assert method(f"/server/trash/{deleted}/restore/").status_code == 403
    assert client.get("/server/trash/unknown/").status_code == 404
    assert names(store) == ["postmaster"]


@pytest.mark.stores("sqlite")
def test_a_deletion_that_failed_is_not_shown(store: Store, deleted: str, signed_in: Client) -> None:
    import shutil

    shutil.rmtree(store.home / "domains/.vqweb-trash" / deleted / "bob@example.com")
    Entry.objects.filter(key=deleted).update(state="failed")
    assert not signed_in.get("/server/trash/").context["page"].rows


def test_the_command_lists_and_restores(store: Store, deleted: str) -> None:
    [line] = done("trash").out.splitlines()
    assert line.startswith(f"{deleted}  bob@example.com  ") and "admin" in line
    [found] = done("trash", "--json").json["entries"]
    assert (found["key"], found["messages"]) == (deleted, 1)
    done("trash", "--restore", deleted, "--as", "robert")
    assert names(store) == ["postmaster", "robert"]
    assert done("trash").out == ""
    assert run("trash", "--restore", deleted).status == 3


@pytest.mark.stores("sqlite")
def test_the_command_merges_and_empties(
    store: Store, deleted: str, admin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts.add_account(actor=admin, domain="example.com", name="bob", password=PASSWORD)
    assert run("trash", "--restore", deleted).status == 1
    for odd in (["--merge"], ["--as", "x2"], ["--restore", deleted, "--as", "x2", "--merge"]):
        assert run("trash", *odd).status == 1
    done("trash", "--restore", deleted, "--merge")
    accounts.delete_account(actor=admin, domain="example.com", name="bob")
    assert run("trash", "--empty", "all").status == 1
    monkeypatch.setattr(settings, "VPOPMAIL_EMPTY_TRASH", True)
    forget()
    assert len(done("trash", "--empty", "all", "--json").json["removed"]) == 1
    assert done("trash").out == ""

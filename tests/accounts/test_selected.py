"""Several accounts at once, through one page that says what will be done to which of them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts import services
from accounts.models import User
from audit.models import Entry
from tests.accounts.base import DOMAIN, PASSWORD, state_of
from tests.engines.cast import MD5, set_values
from tests.store import Store
from vpopmail.engines.base import NewAccount, Unavailable
from vpopmail.flags import SERVICES

LIST = f"/domains/{DOMAIN}/"
URL, DELETE = f"{LIST}selected/", f"{LIST}selected/delete/"


@pytest.fixture
def three(example: Store) -> Store:
    """anna, bob and carol; bob is disabled."""
    new = [NewAccount(name, MD5, flags=0x8) for name in ("bob", "carol")]
    services.add_accounts(actor=None, domain=DOMAIN, accounts=new)
    services.disable_account(actor=None, domain=DOMAIN, name="bob")
    return example


def rows(store: Store) -> dict[str, dict[str, Any]]:
    return {row["pw_name"]: row for row in store.accounts(DOMAIN)}


def shown(client: Client, action: str, *names: str) -> dict[str, Any]:
    """The form as the page shows it."""
    url = DELETE if action == "delete" else URL
    page = client.get(url, {"action": action, "name": list(names)})
    assert page.status_code == 200
    found = page.context["open_rows"]
    return {"action": action, "name": [r.account.name for r in found], "seen": [r.seen for r in found]}


def actions(since: int) -> list[tuple[str, str]]:
    found = Entry.objects.filter(pk__gt=since).order_by("pk")
    return [(entry.action, entry.target.split("@")[0]) for entry in found]


def last() -> int:
    return Entry.objects.latest("pk").pk


@pytest.mark.stores("sqlite")
def test_the_list_has_boxes_for_those_who_may(
    three: Store, signed_in: Client, allow: Callable[..., Client]
) -> None:
    page = signed_in.get(LIST).content.decode()
    assert page.count('type="checkbox" name="name"') == 4 and f'formaction="{DELETE}"' in page
    page = allow("view_domain", "view_account").get(LIST).content.decode()
    assert 'name="name"' not in page and "formaction" not in page


def test_disable_and_enable(three: Store, signed_in: Client) -> None:
    """bob is disabled already: nothing is done to him, and enabling him is not part of it."""
    before, since = rows(three), last()
    form = shown(signed_in, "disable", "anna", "bob", "carol", "nobody")
    assert form["name"] == ["anna", "carol"]
    response = signed_in.post(URL, {**form, "mail": "bounce", "reason": "closed"}, follow=True)
    assert "2 accounts were changed." in response.content.decode()
    assert actions(since) == [("disable_account", "anna"), ("disable_account", "carol")]
    now = rows(three)
    assert now["bob"] == before["bob"]
    assert now["carol"]["pw_passwd"] == "!" + MD5 and now["carol"]["pw_gid"] == SERVICES | 0x10
    form = shown(signed_in, "enable", "anna", "carol")
    signed_in.post(URL, form)
    assert rows(three) == before


@pytest.mark.stores("sqlite", "many")
def test_quota(three: Store, signed_in: Client) -> None:
    form = shown(signed_in, "quota", "anna", "carol")
    signed_in.post(URL, {**form, "quota": "1 GB"})
    assert rows(three)["carol"]["pw_shell"] == rows(three)["anna"]["pw_shell"] == "1073741824S"
    before, entries = state_of(three), Entry.objects.count()
    form = shown(signed_in, "quota", "anna", "carol")
    page = signed_in.post(URL, {**form, "quota": "1GB"}, follow=True).content.decode()
    assert "2 accounts are so already." in page
    assert (state_of(three), Entry.objects.count()) == (before, entries)


@pytest.mark.stores("sqlite", "perdomain")
def test_flags(three: Store, signed_in: Client) -> None:
    """Each bit is set, cleared or left by itself; unknown ones stay."""
    set_values(three, "anna", pw_gid=0x4000_0002)
    form = shown(signed_in, "flags", "anna", "carol")
    signed_in.post(URL, {**form, "flag_8": "clear", "flag_1": "set"})
    assert (rows(three)["anna"]["pw_gid"], rows(three)["carol"]["pw_gid"]) == (0x4000_0003, 0x1)


@pytest.mark.stores("sqlite", "many")
def test_delete(three: Store, signed_in: Client, add_alias: Callable[..., None]) -> None:
    add_alias("anna", "&x@elsewhere.example", beside_account=True)
    page = signed_in.get(DELETE, {"name": ["anna", "carol"]}).content.decode()
    assert "kept until" in page and "1 account has an alias of the same name" in page
    form = shown(signed_in, "delete", "anna", "carol")
    since = last()
    response = signed_in.post(DELETE, {**form, "aliases": "delete"}, follow=True)
    assert "2 accounts were deleted." in response.content.decode()
    assert sorted(rows(three)) == ["bob", "postmaster"]
    assert actions(since) == [("vdeluser", "anna"), ("vdeluser", "carol")]
    assert state_of(three)["aliases"] == []


@pytest.mark.stores("sqlite", "many")
def test_the_second_is_told_and_the_others_are_done(three: Store, signed_in: Client) -> None:
    form = shown(signed_in, "quota", "anna", "carol")
    services.change_quota(actor=None, domain=DOMAIN, name="anna", quota="3MB")
    page = signed_in.post(URL, {**form, "quota": "5MB"})
    text = page.content.decode()
    assert (
        page.status_code == 200 and "by somebody else meanwhile" in text and "1 account was changed" in text
    )
    assert rows(three)["anna"]["pw_shell"] == "3145728S" and rows(three)["carol"]["pw_shell"] == "5242880S"
    left = page.context["open_rows"]
    assert [row.account.name for row in left] == ["anna"]
    again = {"action": "quota", "name": ["anna"], "seen": [left[0].seen], "quota": "5MB"}
    assert signed_in.post(URL, again).status_code == 302
    assert rows(three)["anna"]["pw_shell"] == "5242880S"


@pytest.mark.stores("sqlite")
def test_bad_input(three: Store, signed_in: Client, broken_engine: Callable[..., None]) -> None:
    before = state_of(three)
    assert signed_in.get(URL)["Location"] == LIST
    assert signed_in.post(URL, {"name": ["\0", "ä", "x" * 300, "nobody"]})["Location"] == LIST
    form = shown(signed_in, "quota", "anna")
    for quota in ("", "-1", "rubbish"):
        assert signed_in.post(URL, {**form, "quota": quota}).context["form"].errors
    for bad in ({}, {"flag_8": "burn"}):
        sent = {**form, "action": "flags", **bad}
        assert signed_in.post(URL, sent).context["form"].errors
    for seen in ([], ["x"], ["99999999999!"]):
        page = signed_in.post(URL, {**form, "seen": seen, "quota": "1MB"}).content.decode()
        assert "meanwhile" in page
    assert state_of(three) == before
    broken_engine("vsetuserquota", Unavailable("the helper fails."))
    assert "the helper fails." in signed_in.post(URL, {**form, "quota": "1MB"}).content.decode()


@pytest.mark.stores("sqlite")
def test_rights_are_those_of_each_account(three: Store, person: Client, allow: Callable[..., Client]) -> None:
    """A postmaster may change all but its own, and what an administrator disabled; flags above it are not
    offered."""
    postmaster = Client()
    postmaster.post("/sign-in/", {"username": f"postmaster@{DOMAIN}", "password": PASSWORD})
    page = postmaster.get(URL, {"action": "enable", "name": ["bob", "postmaster"]})
    assert [row.refused for row in page.context["rows"]] != ["", ""]
    assert page.context["open_rows"] == []
    page = postmaster.get(URL, {"action": "flags", "name": ["anna", "postmaster"]})
    assert "flag_2" in page.context["form"].fields and "flag_10000" not in page.context["form"].fields
    page = postmaster.get(DELETE, {"name": ["anna", "postmaster"]})
    assert [row.account.name for row in page.context["open_rows"]] == ["anna"]
    for url in (URL, DELETE):
        assert person.get(url, {"name": "anna"}).status_code in (403, 404)
        assert person.post(url, {"name": "anna"}).status_code in (403, 404)
    viewer = allow("view_domain", "view_account", "change_account")
    assert viewer.get(DELETE, {"name": "anna"}).status_code == 403
    before = state_of(three)
    forged = {"action": "delete", "name": ["anna"], "seen": ["0-"], "mail": "keep"}
    viewer.post(URL, forged)
    assert "anna" in rows(three) and before["files"] == state_of(three)["files"]
    assert User.objects.filter(username=f"postmaster@{DOMAIN}").exists()

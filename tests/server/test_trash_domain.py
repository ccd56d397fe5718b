"""Pages and command for a deleted domain beside a new one of its name."""

from typing import Any

import pytest
from django.test import Client

from accounts import services as accounts
from audit.models import Entry
from domains import services as domains
from tests.commands.base import done, run
from tests.pages import allow, person  # noqa: F401
from tests.store import Store
from vpopmail import trash
from vpopmail.engines import get_engine

PASSWORD = "Correct-Horse-7"


@pytest.fixture
def deleted(store: Store, admin: Any) -> str:
    """example.com with alice, bob and two alias domains, deleted and there anew with another bob; the key."""
    domains.add_domain(actor=admin, domain="other.example", password=PASSWORD)
    domains.add_domain(
        actor=admin, domain="example.com", password=PASSWORD, alias_domains=["free.example", "taken.example"]
    )
    for name in ("alice", "bob"):
        accounts.add_account(actor=admin, domain="example.com", name=name, password=PASSWORD)
    get_engine().valias_insert("example.com", "bob", "&away@elsewhere.example")
    (store.directory("example.com") / "alice/Maildir/new/1").write_text("precious")
    domains.delete_domain(actor=admin, domain="example.com", with_alias_domains=True)
    domains.add_domain(actor=admin, domain="example.com", password=PASSWORD)
    accounts.add_account(actor=admin, domain="example.com", name="bob", password=PASSWORD)
    get_engine().vaddaliasdomain("other.example", "taken.example")
    return Entry.objects.get(action="vdeldomain").key


def names(store: Store, domain: str = "example.com") -> list[str]:
    return [row["pw_name"] for row in store.accounts(domain)]


def test_the_plan_says_what_comes_back_and_what_is_merged(
    store: Store, deleted: str, signed_in: Client
) -> None:
    page = signed_in.get(f"/server/trash/{deleted}/restore/")
    plan, form = page.context["plan"], page.context["form"]
    assert [value for value, _label in form.fields["how"].choices] == ["merge", "other"]
    assert (list(plan.back.shown), list(plan.merged.shown)) == (["alice"], ["bob", "postmaster"])
    assert (plan.alias_domains, plan.taken) == (["free.example"], ["taken.example"])


@pytest.mark.stores("sqlite", "perdomain")
def test_merging_from_the_page(store: Store, deleted: str, signed_in: Client) -> None:
    url = f"/server/trash/{deleted}/restore/"
    assert signed_in.post(url, {"how": "same"}).context["form"].errors["how"]
    answer = signed_in.post(url, {"how": "merge"}, follow=True).content.decode()
    assert "has its former mail again" in answer and "keeps the limits" in answer
    assert names(store) == ["alice", "bob", "postmaster"]
    assert (store.directory("example.com") / "alice/Maildir/new/1").read_text() == "precious"
    entry = Entry.objects.get(action="restore")
    assert (entry.state, entry.target) == ("ok", "example.com")
    assert entry.command == f"manage.py trash --restore {deleted} --merge"
    assert "Merged into the domain of today" in signed_in.get(f"/activity/{entry.key}/").content.decode()
    left = signed_in.get("/server/trash/").content.decode()
    assert "what is left of a domain" in left and url not in left
    assert signed_in.get(url).status_code == 404
    assert "only what is no mail" in signed_in.get(f"/server/trash/{deleted}/").content.decode()


@pytest.mark.stores("sqlite", "perdomain")
def test_under_another_name_from_the_page(store: Store, deleted: str, signed_in: Client) -> None:
    url = f"/server/trash/{deleted}/restore/"
    for wrong in ("", "other.example", "free.example", "no domain"):
        assert signed_in.post(url, {"how": "other", "name": wrong}).context["form"].errors["name"]
    answer = signed_in.post(url, {"how": "other", "name": "Old.Example"}, follow=True)
    assert "/domains/old.example/" in answer.content.decode()
    assert names(store, "old.example") == ["alice", "bob", "postmaster"]
    entry = Entry.objects.filter(action="restore", state="ok").get()
    assert (entry.target, entry.changes["former_name"]) == ("old.example", "example.com")


@pytest.mark.stores("sqlite", "perdomain")
def test_one_account_of_it_from_the_page(store: Store, deleted: str, signed_in: Client) -> None:
    entry = signed_in.get(f"/server/trash/{deleted}/")
    assert entry.context["accounts"] == ["alice", "bob", "postmaster"]
    assert signed_in.get(f"/server/trash/{deleted}/?contains=ali").context["accounts"] == ["alice"]
    url = f"/server/trash/{deleted}/restore/alice/"
    assert url in entry.content.decode()
    assert signed_in.get(f"/server/trash/{deleted}/restore/nobody/").status_code == 404
    assert signed_in.get(url).context["form"].initial == {"how": "same"}
    assert signed_in.post(url, {"how": "same"}).status_code == 302
    bob = f"/server/trash/{deleted}/restore/bob/"
    assert signed_in.get(bob).context["form"].initial == {"how": "merge"}
    assert signed_in.post(bob, {"how": "same"}).context["form"].errors
    assert signed_in.post(bob, {"how": "other", "name": "bob.old"}).status_code == 302
    assert names(store) == ["alice", "bob", "bob.old", "postmaster"]
    assert trash.find(deleted).recorded


@pytest.mark.stores("sqlite")
def test_without_the_domain_no_single_account_comes_back(
    store: Store, deleted: str, signed_in: Client, admin: Any
) -> None:
    domains.delete_domain(actor=admin, domain="example.com")
    page = signed_in.get(f"/server/trash/{deleted}/").content.decode()
    assert "once there is a domain of that name again" in page and "/restore/alice/" not in page
    form = signed_in.post(f"/server/trash/{deleted}/restore/alice/", {"how": "same"}).context["form"]
    assert form.errors
    plan = signed_in.get(f"/server/trash/{deleted}/restore/").context["plan"]
    assert plan.is_free and plan.back.count == 3


@pytest.mark.stores("sqlite")
def test_an_alias_domain_of_the_name_leaves_only_another_name(
    store: Store, deleted: str, signed_in: Client, admin: Any
) -> None:
    domains.delete_domain(actor=admin, domain="example.com")
    get_engine().vaddaliasdomain("other.example", "example.com")
    page = signed_in.get(f"/server/trash/{deleted}/restore/")
    assert [value for value, _label in page.context["form"].fields["how"].choices] == ["other"]
    assert "is an alias domain of other.example now" in page.content.decode()
    account = f"/server/trash/{deleted}/restore/alice/"
    assert signed_in.post(account, {"how": "same"}).context["form"].errors


@pytest.mark.stores("sqlite")
def test_looking_does_not_allow_bringing_back(store: Store, deleted: str, allow: Any) -> None:  # noqa: F811
    client = allow("view_trash")
    for path in ("restore/", "restore/alice/"):
        assert client.post(f"/server/trash/{deleted}/{path}", {"how": "merge"}).status_code == 403
    assert "/restore/alice/" not in client.get(f"/server/trash/{deleted}/").content.decode()


@pytest.mark.stores("sqlite")
def test_the_command(store: Store, deleted: str) -> None:
    assert run("trash", "--restore", deleted).status == 1
    assert run("trash", "--account", "alice").status == 1
    assert run("trash", "--restore", deleted, "--account", "nobody").status == 3
    done("trash", "--restore", deleted, "--account", "alice", "--as", "alice.old")
    assert names(store) == ["alice.old", "bob", "postmaster"]
    done("trash", "--restore", deleted, "--account", "bob", "--merge")
    done("trash", "--restore", deleted, "--as", "old.example")
    assert names(store, "old.example") == ["alice", "bob", "postmaster"]

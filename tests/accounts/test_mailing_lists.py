"""Pages of mailing lists: shown with their subscribers' number, made and changed by ezmlm's programs."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts import list_services, services
from accounts.models import User
from audit.models import Entry
from domains.services import change_limits
from tests import fake_ezmlm
from tests.accounts.base import DOMAIN, PASSWORD, error_of, last_entry
from tests.store import Store
from vpopmail import lists
from vpopmail.engines.base import NotFound, Refused

LISTS = f"/domains/{DOMAIN}/lists/"
NEWS = f"{LISTS}news/"

pytestmark = pytest.mark.stores("sqlite")


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    yield from fake_ezmlm.directory_for_everybody()


@pytest.fixture
def ezmlm(example: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """example.com on a mail host with ezmlm."""
    from vpopmail import helper

    fake_ezmlm.install(tmp_path / "ezmlm")
    monkeypatch.setattr(settings, "VPOPMAIL_EZMLM", str(tmp_path / "ezmlm"))
    helper.reset()
    return tmp_path / "ezmlm"


@pytest.fixture
def news(ezmlm: Path) -> Path:
    """The list news@example.com with two subscribers."""
    list_services.make_list(
        actor=None, domain=DOMAIN, name="news", owner="anna@x.test", switches=["archived"]
    )
    list_services.change_members(actor=None, domain=DOMAIN, name="news", add=["bea@x.test", "carl@x.test"])
    return ezmlm


def on(part: str = "") -> list[str]:
    return list(lists.members_of(DOMAIN, "news", part).addresses)


def tree(store: Store) -> dict[str, Any]:
    top = store.directory(DOMAIN)
    return {
        str(path.relative_to(top)): os.readlink(path)
        if path.is_symlink()
        else path.is_file() and path.read_bytes()
        for path in top.rglob("*")
    }


def test_a_list_is_added(ezmlm: Path, example: Store, signed_in: Client) -> None:
    page = signed_in.get(LISTS).content.decode()
    assert "No mailing lists" in page and f'href="{LISTS}add/"' in page
    answer = signed_in.post(
        f"{LISTS}add/",
        {"name": "News", "owner": "anna@x.test", "switches": ["archived", "modpost"]},
        follow=True,
    )
    assert answer.redirect_chain == [(NEWS, 302)] and "Nobody is on it yet" in answer.content.decode()
    entry = last_entry()
    assert (entry.action, entry.target, entry.state) == ("ezmlm-make", "news@example.com", "ok")
    config = (example.directory(DOMAIN) / "news" / "config").read_text()
    assert config.startswith("F:-aPUmSD\n") and "H:example.com\n" in config
    found = lists.members_of(DOMAIN, "news").found
    assert (found.owner, found.switches) == ("anna@x.test", {"archived", "modpost"})
    assert "news@example.com" in signed_in.get(LISTS).content.decode()


def test_people_are_put_on_and_taken_off(news: Path, signed_in: Client) -> None:
    page = signed_in.get(LISTS)
    assert [found.subscribers for found in page.context["page"].rows] == [2]
    assert "bea@x.test" in signed_in.get(NEWS).content.decode()
    answer = signed_in.post(NEWS, {"part": "", "add": "Dora@x.test\nmüller@x.test carl@x.test"})
    assert "müller" in error_of(answer, "add") and on() == ["bea@x.test", "carl@x.test"]
    answer = signed_in.post(NEWS, {"part": "", "add": "Dora@x.test\ncarl@x.test"}, follow=True)
    assert "2 addresses are on the list" in answer.content.decode()
    assert on() == ["bea@x.test", "carl@x.test", "dora@x.test"]
    assert last_entry().changes == {"added": [None, ["dora@x.test"]]}
    signed_in.post(NEWS, {"part": "", "remove": "bea@x.test"})
    assert on() == ["carl@x.test", "dora@x.test"]
    assert last_entry().changes == {"removed": [["bea@x.test"], None]}
    answer = signed_in.post(NEWS, {"part": "mod", "add": "mod@x.test"})
    assert answer["Location"] == f"{NEWS}?part=mod" and on("mod") == ["mod@x.test"]
    assert "mod@x.test" in signed_in.get(f"{NEWS}?part=mod").content.decode()


def test_what_changes_nothing_is_not_recorded(news: Path, example: Store, signed_in: Client) -> None:
    before, entries = tree(example), Entry.objects.count()
    for fields in ({"part": ""}, {"part": "", "add": "bea@x.test"}, {"part": "", "remove": "nobody@x.test"}):
        assert signed_in.post(NEWS, fields).status_code == 302
    assert (tree(example), Entry.objects.count()) == (before, entries)


def test_bad_input(news: Path, example: Store, signed_in: Client) -> None:
    services.add_alias(actor=None, domain=DOMAIN, alias="info", line="&x@elsewhere.example")
    before = tree(example)
    for name, words in (
        ("news", "exists already"),
        ("anna", "exists already"),
        ("info", "exists already"),
        ("a", "at least 2 characters"),
        ("", ""),
        ("-x", ""),
        ("a@b", "Only what stands before"),
    ):
        assert words in error_of(signed_in.post(f"{LISTS}add/", {"name": name}), "name")
    many = "\n".join(f"user{number}@x.test" for number in range(101))
    for text, words in (
        (many, "At most 100"),
        ("nobody", "has a name"),
        ("-x@y.test", ""),
        ("a|b@c.test", ""),
    ):
        assert words in error_of(signed_in.post(NEWS, {"part": "", "add": text}), "add")
    assert tree(example) == before
    assert signed_in.get(f"{LISTS}unknown/").status_code == 404
    assert signed_in.post(f"{LISTS}unknown/", {"part": "", "add": "a@b.test"}).status_code == 404
    assert signed_in.get(f"{LISTS}..%2Fx/").status_code == 404


def test_a_failing_program_is_told(news: Path, example: Store, signed_in: Client) -> None:
    before = tree(example)
    for name in ("ezmlm-make", "ezmlm-sub"):
        (news / f"fail-{name}").touch()
    answer = signed_in.post(f"{LISTS}add/", {"name": "other"})
    assert answer.status_code == 503 and "disk full" in answer.content.decode()
    answer = signed_in.post(NEWS, {"part": "", "add": "dora@x.test"})
    assert answer.status_code == 503 and "unable to write" in answer.content.decode()
    assert tree(example) == before and last_entry().state == "failed"


def test_without_the_programs_lists_are_only_shown(
    news: Path, signed_in: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vpopmail import helper

    monkeypatch.setattr(settings, "VPOPMAIL_EZMLM", "/nowhere")
    helper.reset()
    assert "news@example.com" in (page := signed_in.get(LISTS).content.decode())
    assert f'href="{LISTS}add/"' not in page
    page = signed_in.get(NEWS)
    assert "bea@x.test" in page.context["page"].rows and "Add to the list" not in page.content.decode()
    assert "not installed" in signed_in.get(f"{LISTS}add/").content.decode()
    answer = signed_in.post(NEWS, {"part": "", "add": "dora@x.test"})
    assert "not installed" in answer.content.decode() and on() == ["bea@x.test", "carl@x.test"]


def test_rights(news: Path, allow: Callable[..., Client], person: Client) -> None:
    viewer = allow("view_domain", "view_alias")
    page = viewer.get(NEWS)
    assert "bea@x.test" in page.context["page"].rows and "Add to the list" not in page.content.decode()
    assert viewer.post(NEWS, {"part": "", "remove": "bea@x.test"}).status_code == 403
    assert viewer.get(f"{LISTS}add/").status_code == 403
    for url in (LISTS, NEWS):
        assert person.get(url).status_code in (403, 404)
    assert on() == ["bea@x.test", "carl@x.test"]


def user_of(name: str) -> User:
    """The panel's user of a mail account, as signing in makes it."""
    client = Client()
    client.post("/sign-in/", {"username": f"{name}@{DOMAIN}", "password": PASSWORD})
    return User.objects.get(username=f"{name}@{DOMAIN}")


def test_limits_and_masks_bind_below_administrator(news: Path) -> None:
    services.add_account(actor=None, domain=DOMAIN, name="vera", password=PASSWORD, flags=0x1000)
    change_limits(actor=None, domain=DOMAIN, changes={"maxmailinglists": 1, "perm_maillist": 1 | 2 << 3})
    postmaster, vera = user_of("postmaster"), user_of("vera")
    with pytest.raises(Refused, match="1 mailing list"):
        list_services.make_list(actor=postmaster, domain=DOMAIN, name="more")
    outcome = list_services.make_list(actor=None, domain=DOMAIN, name="more")
    assert "would now have more" in outcome.warnings[0]
    with pytest.raises(Refused, match="only the postmaster"):
        list_services.make_list(actor=vera, domain=DOMAIN, name="third")
    with pytest.raises(Refused, match="only the postmaster"):
        list_services.change_members(actor=vera, domain=DOMAIN, name="news", add=["x@y.test"])
    list_services.change_members(actor=vera, domain=DOMAIN, name="news", part="mod", add=["x@y.test"])
    list_services.change_members(actor=postmaster, domain=DOMAIN, name="news", add=["x@y.test"])
    assert on("mod") == ["x@y.test"] and "x@y.test" in on()


def test_aliases_and_accounts_do_not_damage_it(news: Path, example: Store, signed_in: Client) -> None:
    before = tree(example)
    for change in (
        lambda: services.add_alias(actor=None, domain=DOMAIN, alias="news", line="&x@elsewhere.example"),
        lambda: services.add_account(
            actor=None, domain=DOMAIN, name="news", password=PASSWORD, park_existing=True, beside_alias=True
        ),
    ):
        with pytest.raises(Refused):
            change()
    with pytest.raises((Refused, NotFound)):
        services.delete_alias(actor=None, domain=DOMAIN, alias="news")
    page = signed_in.get(f"/domains/{DOMAIN}/aliases/").content.decode()
    assert f'href="{NEWS}"' in page and "may not be read" not in page
    assert tree(example) == before
    services.delete_account(actor=None, domain=DOMAIN, name="anna", aliases="delete")
    now = tree(example)
    assert {name: now.get(name) for name in before if "news" in name} == {
        name: text for name, text in before.items() if "news" in name
    }

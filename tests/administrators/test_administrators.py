"""Pages of administrators: made, changed, confined, deactivated, given passwords; by superusers."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.utils import timezone

from accounts.models import Grant, User
from audit.models import Entry
from tests.commands.base import done
from tests.sign_in.people import ANNA
from tests.store import Store

pytestmark = pytest.mark.stores("sqlite")
LIST, ADD = "/server/administrators/", "/server/administrators/add/"
SECRET = "Battery-Staple-9"


def group(letter: str) -> Group:
    return Group.objects.get(name__startswith=f"{letter}: ")


def last_entry() -> Entry:
    entry = Entry.objects.order_by("-id").first()
    assert entry is not None
    return entry


@pytest.fixture
def helen(mailboxes: Store, admin: Any) -> User:
    """An administrator who may see and change accounts, everywhere."""
    user = User.objects.create_user("helen", password=SECRET)
    user.groups.set([group("V"), group("M")])
    return user


def rights(*letters: str, **others: Any) -> dict[str, Any]:
    """What the form of rights sends."""
    return {"groups": [group(letter).pk for letter in letters], "active": "on", **others}


def in_browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_list(signed_in: Client, helen: User) -> None:
    page = signed_in.get(LIST).content.decode()
    assert "/server/administrators/helen/" in page and "M: change accounts" in page
    assert "Everything (superuser)" in page and ANNA not in page
    assert LIST in signed_in.get("/server/").content.decode()


def test_added_with_a_password_of_ones_own(signed_in: Client, store: Store) -> None:
    answer = signed_in.post(ADD, {"username": "ivo", "password": SECRET, "groups": [group("V").pk]})
    assert answer["Location"] == "/server/administrators/ivo/"
    user = User.objects.get(username="ivo")
    assert user.check_password(SECRET) and not user.is_superuser and user.is_active
    assert [g.name for g in user.groups.all()] == ["V: view accounts"]
    entry = last_entry()
    assert (entry.action, entry.target, entry.actor_name, entry.state) == (
        "administrator",
        "ivo",
        "admin",
        "ok",
    )
    assert entry.changes == {"password": "changed", "groups": [None, ["V: view accounts"]]}


def test_a_generated_password_is_shown_once(signed_in: Client, store: Store) -> None:
    answer = signed_in.post(ADD, {"username": "ivo"})
    secret = answer.context["secret"]
    assert answer.status_code == 200 and "no-store" in answer["Cache-Control"]
    assert User.objects.get(username="ivo").check_password(secret)
    assert secret not in signed_in.get("/server/administrators/ivo/").content.decode()
    assert secret not in str(last_entry().changes)


@pytest.mark.parametrize("name", ["", "anna@example.com", "a b", "x#1", "add", "HELEN", "admin", "-x", "ä@"])
def test_names_that_are_none(signed_in: Client, helen: User, name: str) -> None:
    before = User.objects.count()
    answer = signed_in.post(ADD, {"username": name, "password": SECRET})
    assert answer.status_code == 200 and set(answer.context["form"].errors) == {"username"}
    assert User.objects.count() == before


def test_weak_passwords(signed_in: Client, helen: User) -> None:
    for url, data in ((ADD, {"username": "ivo"}), (f"{LIST}helen/password/", {})):
        answer = signed_in.post(url, {**data, "password": "12345"})
        assert set(answer.context["form"].errors) == {"password"}, url
    assert helen.check_password(SECRET)


def test_rights_are_changed(signed_in: Client, helen: User) -> None:
    helens = in_browser(helen)
    assert helens.get("/domains/example.com/accounts/anna/delete/").status_code == 403
    signed_in.post(f"{LIST}helen/", rights("V", "D"))
    assert last_entry().changes == {
        "groups": [["M: change accounts", "V: view accounts"], ["D: delete accounts", "V: view accounts"]]
    }
    assert helens.get("/domains/example.com/accounts/anna/delete/").status_code == 200
    assert helens.get("/domains/example.com/accounts/anna/quota/").status_code == 403


def test_what_is_as_it_was_makes_no_entry(signed_in: Client, helen: User) -> None:
    signed_in.post(f"{LIST}helen/", rights("V", "M"))
    assert not Entry.objects.filter(action="administrator").exists()


def test_deactivated_people_are_out_at_once(signed_in: Client, helen: User) -> None:
    helens = in_browser(helen)
    assert helens.get("/domains/example.com/").status_code == 200
    signed_in.post(f"{LIST}helen/", {**rights("V"), "active": ""})
    assert helens.get("/domains/example.com/").status_code == 302
    assert not Client().login(username="helen", password=SECRET)
    assert "Not active" in signed_in.get(LIST).content.decode()


def test_a_new_password_ends_the_sessions(signed_in: Client, helen: User) -> None:
    helens = in_browser(helen)
    answer = signed_in.post(f"{LIST}helen/password/", {"password": ""})
    assert helens.get("/").status_code == 302 and helens.get("/")["Location"].startswith("/sign-in/")
    helen.refresh_from_db()
    assert helen.check_password(answer.context["secret"])
    assert last_entry().changes == {"password": "changed"}


def test_confined_to_domains(signed_in: Client, helen: User) -> None:
    helens = in_browser(helen)
    signed_in.post(f"{LIST}helen/", rights("V", "M", confined="on"))
    assert helens.get("/domains/example.com/").status_code == 404
    signed_in.post(f"{LIST}helen/domains/", {"domain": "Example.NET"})
    grant = Grant.objects.get()
    assert (grant.domain, grant.given_by, grant.last_day) == ("example.com", "admin", None)
    assert last_entry().changes == {"grant": [None, "example.com"]}
    assert helens.get("/domains/example.com/accounts/anna/").status_code == 200
    assert helens.get("/domains/other.org/").status_code == 404
    signed_in.post(f"{LIST}helen/domains/end/", {"domain": "example.com"})
    assert helens.get("/domains/example.com/").status_code == 404
    assert last_entry().changes == {"grant": ["example.com", None]}


def test_a_last_day(signed_in: Client, helen: User) -> None:
    today = timezone.localdate()
    signed_in.post(f"{LIST}helen/", rights("V", confined="on"))
    url = f"{LIST}helen/domains/"
    signed_in.post(url, {"domain": "example.com", "last_day": today.isoformat()})
    assert last_entry().changes == {"grant": [None, f"example.com {today.isoformat()}"]}
    assert in_browser(helen).get("/domains/example.com/").status_code == 200
    past = signed_in.post(url, {"domain": "example.com", "last_day": (today - timedelta(1)).isoformat()})
    assert "That day has passed." in past.content.decode()
    Grant.objects.update(last_day=today - timedelta(days=1))
    assert in_browser(helen).get("/domains/example.com/").status_code == 404
    assert "Ended" in signed_in.get(f"{LIST}helen/").content.decode()
    later = (today + timedelta(days=30)).isoformat()
    signed_in.post(url, {"domain": "example.com", "last_day": later})
    assert Grant.objects.get().last_day.isoformat() == later


def test_domains_that_do_not_exist(signed_in: Client, helen: User) -> None:
    answer = signed_in.post(f"{LIST}helen/domains/", {"domain": "example.org"})
    assert "There is no domain example.org here." in answer.content.decode()
    assert not Grant.objects.exists()
    assert signed_in.post(f"{LIST}helen/domains/end/", {"domain": "example.org"}).status_code == 302


def test_superusers_and_oneself(signed_in: Client, helen: User, admin: Any) -> None:
    for change in ({"active": ""}, {"superuser": ""}):
        answer = signed_in.post(f"{LIST}admin/", {"active": "on", "superuser": "on", **change})
        assert "You cannot take this from yourself" in answer.content.decode()
    both = signed_in.post(f"{LIST}helen/", rights("V", superuser="on", confined="on"))
    assert set(both.context["form"].errors) == {"confined"}
    signed_in.post(f"{LIST}helen/", rights(superuser="on"))
    helen.refresh_from_db()
    assert helen.is_superuser and helen.is_staff
    in_browser(helen).post(f"{LIST}admin/", {"active": "on"})
    admin.refresh_from_db()
    assert not admin.is_superuser and not admin.is_staff


def test_the_last_superuser_stays_one(store: Store, admin: Any) -> None:
    from accounts import administrators
    from vpopmail.engines.base import Refused

    with pytest.raises(Refused, match="only superuser left"):
        administrators.change_administrator(actor=None, user=admin, active=False)


def test_only_superusers_change_administrators(helen: User, signed_in: Client) -> None:
    """Also not with Django's own permission: whoever holds it could make themselves a superuser."""
    helen.user_permissions.set(
        Permission.objects.filter(codename__in=("view_user", "add_user", "change_user"))
    )
    helens = in_browser(helen)
    assert helens.get(LIST).status_code == 200
    answer = helens.post(f"{LIST}helen/", {"active": "on", "superuser": "on"})
    assert "Only a superuser" in answer.content.decode()
    assert "Only a superuser" in helens.post(ADD, {"username": "ivo", "password": SECRET}).content.decode()
    assert "Only a superuser" in helens.post(f"{LIST}admin/password/", {"password": SECRET}).content.decode()
    assert (
        "Only a superuser" in helens.post(f"{LIST}helen/domains/", {"domain": "example.com"}).content.decode()
    )
    helen.refresh_from_db()
    assert not helen.is_superuser and not User.objects.filter(username="ivo").exists()


def test_others_see_nothing(helen: User, owner_of: Any) -> None:
    for client in (in_browser(helen), owner_of("postmaster@example.com"), owner_of(ANNA)):
        for url in (LIST, ADD, f"{LIST}admin/", f"{LIST}admin/password/", f"{LIST}admin/domains/"):
            assert client.get(url).status_code == 403, url
            assert client.post(url, {"username": "ivo"}).status_code == 403, url


def test_mailboxes_are_no_administrators(signed_in: Client, owner_of: Any) -> None:
    owner_of(ANNA)
    assert signed_in.get(f"{LIST}{ANNA}/").status_code == 404
    assert signed_in.post(f"{LIST}{ANNA}/", rights(superuser="on")).status_code == 404


def test_who_is_there_is_asked_first(signed_in: Client, helen: User) -> None:
    from accounts import sessions

    session = signed_in.session
    session[sessions.CONFIRMED] -= 3600
    session.save()
    for url in (ADD, f"{LIST}helen/", f"{LIST}helen/password/", f"{LIST}helen/domains/"):
        assert signed_in.post(url, rights("X"))["Location"].startswith("/sign-in/again/"), url
    assert [g.name[0] for g in helen.groups.order_by("name")] == ["M", "V"]


def test_ready_made_groups_are_kept_as_they_are(store: Store) -> None:
    group("V").permissions.set(Permission.objects.filter(codename="delete_domain"))
    mine = Group.objects.create(name="Mine")
    group("X").delete()
    done("migrate", "-v", "0")
    codenames = set(group("V").permissions.values_list("codename", flat=True))
    assert codenames == {"view_account", "view_alias", "view_domain", "view_sign_ins"}
    assert group("X").permissions.filter(codename="delete_domain").exists()
    assert not mine.permissions.exists()


def test_every_permission_of_a_ready_made_group_exists(store: Store) -> None:
    from accounts.ready_groups import GROUPS

    for ready in GROUPS:
        assert Group.objects.get(name=ready.name).permissions.count() == len(ready.permissions), ready.name

"""People, groups and grants in the Django admin: for superusers, in the journal, never around the rules."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from accounts.models import Grant, User
from audit.models import Entry
from tests.sign_in.people import ANNA, user_of
from tests.store import Store

pytestmark = pytest.mark.stores("sqlite")
USERS, GROUPS, GRANTS = "/admin/accounts/user/", "/admin/auth/group/", "/admin/accounts/grant/"
SECRET = "Battery-Staple-9"


@pytest.fixture
def helen(admin: Any) -> User:
    return User.objects.create_user("helen", password=SECRET)


def last_entry() -> Entry:
    entry = Entry.objects.order_by("-id").first()
    assert entry is not None
    return entry


def test_adding_a_person(signed_in: Client, store: Store) -> None:
    data = {"username": "ivo", "usable_password": "true", "password1": SECRET, "password2": SECRET}
    answer = signed_in.post(f"{USERS}add/", data)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    assert User.objects.get(username="ivo").check_password(SECRET)
    entry = last_entry()
    assert (entry.action, entry.target, entry.via, entry.state) == ("administrator", "ivo", "admin", "ok")
    assert SECRET not in str(entry.changes) and entry.changes["password"] == "changed"


def test_names_of_mailboxes_are_refused(signed_in: Client, store: Store) -> None:
    data = {"username": ANNA, "usable_password": "true", "password1": SECRET, "password2": SECRET}
    assert "no @" in signed_in.post(f"{USERS}add/", data).content.decode()
    assert not User.objects.filter(username=ANNA).exists()


def test_changing_a_person(signed_in: Client, helen: User) -> None:
    group = Group.objects.get(name="V: view accounts")
    url = f"{USERS}{helen.pk}/change/"
    assert signed_in.get(url).status_code == 200
    answer = signed_in.post(url, {"username": "helen", "is_active": "on", "groups": [group.pk]})
    assert answer.status_code == 302
    assert list(helen.groups.all()) == [group]
    entry = last_entry()
    assert (entry.target, entry.actor_name) == ("helen", "admin")
    assert entry.changes == {"groups": [[], ["V: view accounts"]]}


def test_a_mailbox_is_only_shown(signed_in: Client, mailboxes: Store) -> None:
    anna = user_of(ANNA)
    url = f"{USERS}{anna.pk}/change/"
    assert signed_in.get(url).status_code == 200
    assert signed_in.post(url, {"username": ANNA, "is_superuser": "on"}).status_code == 403
    assert signed_in.get(f"{USERS}{anna.pk}/password/").status_code == 403
    anna.refresh_from_db()
    assert not anna.is_superuser


def test_the_password_is_set_on_the_panels_page(signed_in: Client, helen: User) -> None:
    answer = signed_in.get(f"{USERS}{helen.pk}/password/")
    assert answer["Location"] == "/server/administrators/helen/password/"


def test_nobody_loses_the_last_superuser(signed_in: Client, admin: Any) -> None:
    answer = signed_in.post(f"{USERS}{admin.pk}/change/", {"username": "admin", "is_active": "on"})
    assert "You cannot take this from yourself" in answer.content.decode()
    assert signed_in.get(f"{USERS}{admin.pk}/delete/").status_code == 403
    admin.refresh_from_db()
    assert admin.is_superuser


def test_ready_made_groups_stay(signed_in: Client, store: Store) -> None:
    ready, mine = Group.objects.get(name="V: view accounts"), Group.objects.create(name="Mine")
    assert signed_in.post(f"{GROUPS}{ready.pk}/change/", {"name": "Other"}).status_code == 403
    assert signed_in.post(f"{GROUPS}{ready.pk}/delete/", {"post": "yes"}).status_code == 403
    permission = Permission.objects.get(codename="view_domain")
    answer = signed_in.post(f"{GROUPS}{mine.pk}/change/", {"name": "Mine", "permissions": [permission.pk]})
    assert answer.status_code == 302 and list(mine.permissions.all()) == [permission]
    assert last_entry().target == "Mine" and set(last_entry().changes) == {"permissions"}
    both = {"action": "delete_selected", "_selected_action": [ready.pk, mine.pk], "post": "yes"}
    signed_in.post(GROUPS, both)
    assert Group.objects.filter(pk=ready.pk).exists()


def test_deleting_a_group(signed_in: Client, store: Store) -> None:
    mine = Group.objects.create(name="Mine")
    assert signed_in.post(f"{GROUPS}{mine.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Group.objects.filter(name="Mine").exists()
    assert (last_entry().target, last_entry().changes) == ("Mine", {"deleted": ["Mine", None]})


def test_grants_are_read_and_ended(signed_in: Client, helen: User) -> None:
    grant = Grant.objects.create(user=helen, domain="example.com", given_by="admin")
    assert "example.com" in signed_in.get(GRANTS).content.decode()
    assert signed_in.get(f"{GRANTS}add/").status_code == 403
    assert signed_in.post(f"{GRANTS}{grant.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Grant.objects.exists() and last_entry().target == "helen: example.com"


def test_staff_with_djangos_permissions_is_not_enough(helen: User, store: Store) -> None:
    """Whoever may change people could make themselves a superuser."""
    helen.is_staff = True
    helen.save()
    helen.user_permissions.set(Permission.objects.all())
    client = Client()
    client.force_login(helen)
    for url in (USERS, f"{USERS}{helen.pk}/change/", GROUPS, GRANTS):
        assert client.get(url).status_code == 403, url
        assert client.post(url, {"username": "helen", "is_superuser": "on"}).status_code == 403, url


def test_without_the_journal_nothing_is_changed(
    signed_in: Client, helen: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import DatabaseError

    def fail(**kwargs: Any) -> None:
        raise DatabaseError("no")

    monkeypatch.setattr(Entry.objects, "create", fail)
    answer = signed_in.post(f"{USERS}{helen.pk}/change/", {"username": "helen"})
    assert answer.status_code == 503
    helen.refresh_from_db()
    assert helen.is_active

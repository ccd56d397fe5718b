"""Names come back, people don't: nothing of a former life of an address or a domain works in the next one."""

import signal
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts import services as accounts
from aliasdomains import services as alias_domains
from audit.models import Entry
from domains import services as domains
from tests.sign_in.people import ANNA, PASSWORD, user_of
from tests.store import Store
from tests.vqweb.test_recover import child, settle


def is_in(client: Client) -> bool:
    """Whether the browser is not sent to the sign-in."""
    return (
        not client.get("/")["Location"].startswith("/sign-in/")
        if client.get("/").status_code == 302
        else True
    )


def hash_of(store: Store, name: str) -> str:
    return next(row["pw_passwd"] for row in store.accounts("example.com") if row["pw_name"] == name)


def confined_to(domain: str) -> Any:
    """An administrator confined to the domain, holding every right there."""
    from django.contrib.auth.models import Permission

    from accounts.models import Grant, User

    user = User.objects.create_user("helper", confined=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="vpopmail"))
    Grant.objects.create(user=user, domain=domain, given_by="admin")
    return user


def delete_and_add_again(store: Store, what: str) -> None:
    """The account, or its whole domain; the password's hash is the very same as before."""
    same = hash_of(store, "anna")
    if what == "account":
        accounts.delete_account(actor=None, domain="example.com", name="anna")
    else:
        domains.delete_domain(actor=None, domain="example.com", with_alias_domains=True)
        domains.add_domain(actor=None, domain="example.com", password=PASSWORD)
    accounts.add_account(actor=None, domain="example.com", name="anna", password_hash=same)


@pytest.mark.parametrize("what", ["account", "domain"])
def test_a_session_of_a_former_life(store: Store, owner_of: Callable[[str], Client], what: str) -> None:
    client = owner_of(ANNA)
    assert is_in(client)
    former = user_of(ANNA).pk
    delete_and_add_again(store, what)
    assert not is_in(client)
    assert user_of(ANNA).pk != former


@pytest.mark.parametrize("what", ["account", "domain"])
def test_the_former_person_is_kept_for_the_journal(
    store: Store, owner_of: Callable[[str], Client], what: str
) -> None:
    from accounts.models import SignedIn, User

    owner_of(ANNA)
    user = user_of(ANNA)
    with_entry = Entry.objects.create(
        key="0" * 32,
        started_at=timezone.now(),
        actor=user,
        actor_name=ANNA,
        via="page",
        action="vpasswd",
        target=ANNA,
    )
    assert SignedIn.objects.filter(user=user).exists()
    delete_and_add_again(store, what)
    former = User.objects.get(pk=user.pk)
    assert (former.username, former.is_active) == (f"{ANNA}#{user.pk}", False)
    assert former.ended_at is not None and not former.has_usable_password()
    assert not SignedIn.objects.filter(user=user).exists()
    with_entry.refresh_from_db()
    assert (with_entry.actor, with_entry.actor_name) == (former, ANNA)


@pytest.mark.stores("sqlite", "perdomain")
def test_a_grant_ends_with_its_domain(store: Store, mailboxes: Store) -> None:
    helper = confined_to("example.com")
    accounts.delete_account(actor=None, domain="example.com", name="anna")
    assert helper.has_perm("vpopmail.view_domain", "example.com")
    domains.delete_domain(actor=None, domain="example.com", with_alias_domains=True)
    domains.add_domain(actor=None, domain="example.com", password=PASSWORD)
    assert not type(helper).objects.get(pk=helper.pk).has_perm("vpopmail.view_domain", "example.com")


@pytest.mark.stores("sqlite")
def test_an_alias_domain_of_the_name_ends_grants_too(store: Store, mailboxes: Store) -> None:
    """The domain was deleted by another program, so nobody told; its name comes back as an alias domain."""
    helper = confined_to("example.org")
    alias_domains.add_alias_domain(actor=None, real="example.com", alias="example.org")
    assert not helper.grants.exists()


@pytest.mark.stores("sqlite")
def test_others_stay(store: Store, owner_of: Callable[[str], Client]) -> None:
    carol = owner_of("carol@example.com")
    delete_and_add_again(store, "account")
    assert is_in(carol)


@pytest.mark.stores("sqlite", "perdomain")
def test_accounts_that_another_program_deleted(store: Store, owner_of: Callable[[str], Client]) -> None:
    """Adding the name again ends the former life, although no entry tells of its end."""
    from django.db import connections

    client, same = owner_of(ANNA), hash_of(store, "anna")
    table = "vpopmail" if store.kind == "sqlite" else "example_com"
    with connections["vpopmail"].cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE pw_name = 'anna'")
    directory = store.directory("example.com") / "anna"
    directory.rename(directory.with_name("gone"))
    accounts.add_account(actor=None, domain="example.com", name="anna", password_hash=same)
    assert not is_in(client)


@pytest.mark.stores("sqlite")
def test_a_name_as_long_as_can_be(mailboxes: Store) -> None:
    from accounts import lives
    from accounts.models import User

    user = User.objects.of_mailbox("n" * 64, "d" * 96)
    assert user is not None
    lives.detach(user)
    assert len(user.username) == 161 and user.username.endswith(f"#{user.pk}")


@pytest.mark.stores("sqlite")
def test_what_cannot_be_tidied_up_does_not_undo_the_deletion(
    store: Store, owner_of: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import DatabaseError

    from accounts import lives

    owner_of(ANNA)

    def fail(user: object) -> None:
        raise DatabaseError("locked")

    monkeypatch.setattr(lives, "detach", fail)
    outcome = accounts.delete_account(actor=None, domain="example.com", name="anna")
    assert any("could not tidy up" in warning for warning in outcome.warnings)
    assert Entry.objects.get(action="vdeluser").state == "ok"


@pytest.mark.stores("sqlite")
def test_a_day_that_has_passed(store: Store, mailboxes: Store) -> None:
    helper = confined_to("example.com")
    helper.grants.update(last_day=timezone.localdate())
    assert helper.has_perm("vpopmail.view_domain", "example.com")
    helper.grants.update(last_day=timezone.localdate() - timedelta(days=1))
    assert not helper.has_perm("vpopmail.view_domain", "example.com")


@pytest.mark.stores("sqlite", "many", "perdomain")
@pytest.mark.parametrize("what", ["account", "domain"])
def test_second_factors_of_a_former_life(store: Store, owner_of: Callable[[str], Client], what: str) -> None:
    """App, passkey and recovery codes are gone: the next owner is asked for none, and none lets in."""
    from accounts.second_factor import factors
    from accounts.second_factor.models import AuthenticatorApp, Passkey, RecoveryCode

    owner_of(ANNA)
    former = user_of(ANNA)
    AuthenticatorApp.objects.create(user=former, name="app", confirmed=True)
    Passkey.objects.create(
        user=former, name="key", host="mail.test", digest="0" * 64, credential=b"x", created_at=timezone.now()
    )
    assert len(factors.make_recovery_codes(former)) > 3 and len(factors.marks_of(former)) == 2
    delete_and_add_again(store, what)
    for model in (AuthenticatorApp, Passkey, RecoveryCode):
        assert not model.objects.exists(), model
    assert not factors.marks_of(user_of(ANNA))


@pytest.mark.stores("sqlite")
def test_whatever_a_library_hangs_on_a_user(mailboxes: Store) -> None:
    """What would go with a deleted user goes with a detached one: no table can be forgotten."""
    from django.db.models import CASCADE

    from accounts import lives
    from accounts.models import User

    hanging = {
        relation.related_model._meta.label
        for relation in User._meta.related_objects
        if getattr(relation, "on_delete", None) is CASCADE
    }
    found = {queryset.model._meta.label for queryset in lives._hanging_on(user_of(ANNA))}
    assert hanging - found == {"admin.LogEntry"}
    assert {"accounts.SignedIn", "accounts.Grant", "otp_totp.TOTPDevice"} <= found


KILLED = """
real = helper.call
def call(verb, **args):
    if verb == "park_mailbox":
        os.kill(os.getpid(), signal.SIGKILL)
    return real(verb, **args)
helper.call = call
accounts.delete_account(actor=None, domain="example.com", name="anna")
"""


@pytest.mark.stores("sqlite", "many")
def test_a_deletion_that_was_interrupted(store: Store, owner_of: Callable[[str], Client]) -> None:
    """Its process was killed before it could tell; recovery, which finishes it, does."""
    client = owner_of(ANNA)
    user = user_of(ANNA)
    assert child(store, KILLED).wait(60) == -signal.SIGKILL
    assert settle() == {f"vdeluser {ANNA}": "ok"}
    user.refresh_from_db()
    assert not user.is_active and not is_in(client)

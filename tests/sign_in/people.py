"""A domain with mailboxes whose owners sign in, each in a browser of its own."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts import services as accounts
from aliasdomains import services as alias_domains
from domains import services as domains
from tests.store import Store
from vpopmail import flags

PASSWORD = "Correct-Horse-7"
ANNA, POSTMASTER, CAROL = "anna@example.com", "postmaster@example.com", "carol@example.com"


@pytest.fixture
def mailboxes(store: Store) -> Store:
    """example.com with its alias domain example.net: postmaster, anna, and carol who administers the
    domain; other.org besides.
    """
    for domain in ("example.com", "other.org"):
        domains.add_domain(actor=None, domain=domain, password=PASSWORD)
    alias_domains.add_alias_domain(actor=None, real="example.com", alias="example.net")
    accounts.add_account(actor=None, domain="example.com", name="anna", password=PASSWORD)
    accounts.add_account(
        actor=None, domain="example.com", name="carol", password=PASSWORD, flags=flags.DOMAIN_ADMIN
    )
    return store


def user_of(address: str) -> Any:
    from accounts.models import User

    name, _at, domain = address.partition("@")
    user = User.objects.of_mailbox(name, domain)
    assert user is not None
    return user


@pytest.fixture
def owner_of(mailboxes: Store) -> Callable[[str], Client]:
    """`owner_of("anna@example.com")`: the owner, signed in."""

    def make(address: str) -> Client:
        client = Client()
        client.force_login(user_of(address))
        return client

    return make


@pytest.fixture
def anna(owner_of: Callable[[str], Client]) -> Client:
    return owner_of(ANNA)


def is_in(client: Client) -> bool:
    """Whether the browser is still signed in: its own sessions are shown, not the sign-in."""
    answer = client.get("/me/sessions/")
    assert answer.status_code in (200, 302), answer.status_code
    return answer.status_code == 200

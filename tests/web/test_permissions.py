"""Every page declares what it needs: the URLconf is walked, so that a forgotten view fails here."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.store import Store

OPEN = {"sign-in", "sign-out", "health", "admin-sign-in"}  # admin: Django's own, behind its own sign-in


def views(resolver: URLResolver) -> Iterator[URLPattern]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            yield pattern
        elif pattern.app_name != "admin":
            yield from views(pattern)


PATTERNS = list(views(get_resolver()))


def address_of(pattern: URLPattern) -> str:
    """A URL of this pattern with the domain example.com and names that need not exist."""
    from django.urls import reverse

    names = {"domain": "example.com", "name": "anna", "alias": "info", "key": "0", "ip": "192.0.2.7"}
    return reverse(pattern.name or "", kwargs={k: names[k] for k in pattern.pattern.converters})


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: str(pattern.name))
def test_every_view_declares_what_it_needs(pattern: URLPattern) -> None:
    if pattern.name in OPEN:
        return
    needs = getattr(pattern.callback, "needs", ())
    assert needs, f"{pattern.name} has no @needs"
    for permission in needs:
        app, _, codename = permission.partition(".")
        assert app in ("vpopmail", "audit", "accounts")
        assert codename.partition("_")[0] in ("view", "add", "change", "delete", "reset", "own", "look")


def test_every_url_has_a_name_of_its_own() -> None:
    names = [pattern.name for pattern in PATTERNS]
    assert None not in names
    assert len(names) == len(set(names))


@pytest.mark.stores("sqlite")
def test_declared_permissions_exist(store: Store) -> None:
    existing = {
        f"{p.content_type.app_label}.{p.codename}" for p in Permission.objects.select_related("content_type")
    }
    declared = {name for pattern in PATTERNS for name in getattr(pattern.callback, "needs", ())}
    assert declared <= existing


@pytest.mark.stores("sqlite")
def test_nobody_gets_in_without_signing_in(store: Store, client: Client) -> None:
    for pattern in PATTERNS:
        if pattern.name in OPEN:
            continue
        answer = client.get(address_of(pattern))
        assert answer.status_code == 302, pattern.name
        assert answer["Location"].startswith("/sign-in/?next=/")


@pytest.mark.stores("sqlite")
def test_who_has_no_rights_sees_nothing(store: Store, client: Client) -> None:
    """403 without a domain in the URL; 404 with one, since it is not told which domains exist."""
    from accounts.models import User

    client.force_login(User.objects.create_user("nobody", password="nobody-pass"))
    for pattern in PATTERNS:
        if pattern.name in OPEN or getattr(pattern.callback, "needs", ()) == ("accounts.own_sign_in",):
            continue
        for ask in (client.get, client.post):
            answer: Any = ask(address_of(pattern))
            expected = {404, 405} if "domain" in pattern.pattern.converters else {403, 405}
            assert answer.status_code in expected, (pattern.name, answer.status_code)

"""Fetch and authorise: unknown and foreign are 404, known but not allowed is 403, what is held is enough."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from accounts import services as accounts
from aliasdomains import services as alias_domains
from domains import services as domains
from tests.store import Store
from web.access import MissingRight, get_account, get_domain, may, needs


@pytest.fixture
def server(store: Store, admin: Any) -> Store:
    domains.add_domain(actor=admin, domain="example.com", password="Correct-Horse-7")
    alias_domains.add_alias_domain(actor=admin, real="example.com", alias="example.net")
    accounts.add_account(actor=admin, domain="example.com", name="anna", password="Correct-Horse-7")
    return store


@pytest.fixture
def ask(admin: Any) -> Callable[..., HttpRequest]:
    """A request by the administrator, or by somebody else."""

    def make(user: Any = None) -> HttpRequest:
        request = RequestFactory().get("/")
        request.user = user or admin
        request.resolver_match = None
        return request

    return make


class Postmaster:
    """Holds rights on example.com only, as the backend of a later stage will answer."""

    is_authenticated = True

    def has_perm(self, permission: str, obj: object = None) -> bool:
        return (
            getattr(obj, "real", getattr(obj, "domain", None)) == "example.com" and "delete" not in permission
        )


def test_domains_and_alias_domains_are_found(server: Store, ask: Any) -> None:
    assert get_domain(ask(), "example.com").name == "example.com"
    assert get_domain(ask(), "EXAMPLE.com").name == "example.com"
    alias = get_domain(ask(), "example.net")
    assert alias.is_alias and alias.real == "example.com"
    for unknown in ("example.org", "", "..", "%", "exa mple.com"):
        with pytest.raises(Http404):
            get_domain(ask(), unknown)


def test_accounts_are_found_by_either_name_of_the_domain(server: Store, ask: Any) -> None:
    for domain in ("example.com", "example.net"):
        assert get_account(ask(), domain, "Anna").address == "anna@example.com"
    for unknown in ("bob", "", "ännä", "anna\x00", "%", "a" * 300):
        with pytest.raises(Http404):
            get_account(ask(), "example.com", unknown)


@pytest.mark.stores("sqlite")
def test_who_may_not_know_gets_404(server: Store, ask: Any) -> None:
    from accounts.models import User

    for user in (User.objects.create_user("nobody"), AnonymousUser()):
        with pytest.raises(Http404):
            get_domain(ask(user), "example.com")
        with pytest.raises(Http404):
            get_account(ask(user), "example.com", "anna")


@pytest.mark.stores("sqlite")
def test_rights_on_one_domain(server: Store, admin: Any, ask: Any) -> None:
    domains.add_domain(actor=admin, domain="other.org", password="Correct-Horse-7")

    @needs("vpopmail.change_account")
    def change(request: HttpRequest, domain: str) -> HttpResponse:
        return HttpResponse("done")

    @needs("vpopmail.delete_domain")
    def delete(request: HttpRequest, domain: str) -> HttpResponse:
        return HttpResponse("done")

    request = ask(Postmaster())
    assert change(request, domain="example.com").status_code == 200
    assert change(request, domain="example.net").status_code == 200
    with pytest.raises(Http404):
        change(request, domain="other.org")
    with pytest.raises(MissingRight, match="vpopmail.delete_domain"):
        delete(request, domain="example.com")


@pytest.mark.stores("sqlite")
def test_without_a_domain_the_right_must_hold_everywhere(server: Store, ask: Any) -> None:
    @needs("vpopmail.view_domain")
    def overview(request: HttpRequest) -> HttpResponse:
        return HttpResponse("done")

    answer = overview(ask())
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    with pytest.raises(MissingRight):
        overview(ask(Postmaster()))
    assert overview.needs == ("vpopmail.view_domain",)
    assert overview.__name__ == "overview"


@pytest.mark.stores("sqlite")
def test_django_permissions_count_for_every_object(
    server: Store, ask: Any, allow: Callable[..., Client]
) -> None:
    """Django's own backend answers no as soon as an object is named."""
    from accounts.models import User

    allow("view_domain")
    user = User.objects.get(username="with-view_domain")
    domain = get_domain(ask(user), "example.com")
    assert may(user, "vpopmail.view_domain", domain)
    assert not may(user, "vpopmail.add_domain", domain)


@pytest.mark.stores("sqlite")
def test_what_the_view_declared_is_asked_for_the_account_too(
    server: Store, allow: Callable[..., Client]
) -> None:
    client = allow("view_domain", "view_account")
    assert client.get("/domains/example.com/accounts/anna/").status_code == 200
    assert client.get("/domains/example.com/accounts/anna/delete/").status_code == 403
    assert allow("view_domain").get("/domains/example.com/accounts/anna/").status_code == 403

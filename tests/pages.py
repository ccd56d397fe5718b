"""What tests of pages begin with: a domain, people with and without rights, an engine that fails."""

from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from audit.models import Entry
from domains import services
from tests.store import Store
from vpopmail.engines.base import VpopmailError


@pytest.fixture
def example(store: Store, admin: Any) -> Store:
    """The domain example.com."""
    services.add_domain(actor=admin, domain="example.com", password="Correct-Horse-7")
    return store


@pytest.fixture
def person(admin: Any) -> Client:
    """Somebody signed in who holds no right."""
    from accounts.models import User

    client = Client()
    client.force_login(User.objects.create_user("person", password="person-pass"))
    return client


@pytest.fixture
def allow(admin: Any) -> Callable[..., Client]:
    """`allow("view_domain")`: somebody signed in who holds these rights only."""
    from django.contrib.auth.models import Permission

    from accounts.models import User

    def client_with(*codenames: str) -> Client:
        user = User.objects.create_user(f"with-{'-'.join(codenames)}")
        user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        client = Client()
        client.force_login(user)
        return client

    return client_with


@pytest.fixture
def broken_engine(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, VpopmailError], None]:
    """`broken_engine("vadddomain", error)`: that method of the engine fails."""
    from vpopmail.engines import get_engine

    def break_it(method: str, error: VpopmailError) -> None:
        def fail(*args: Any, **kwargs: Any) -> None:
            raise error

        monkeypatch.setattr(type(get_engine()), method, fail)

    return break_it


def state_of(store: Store) -> dict[str, object]:
    """Everything a page must leave alone when it refuses."""
    names = ("assign", "rcpthosts", "morercpthosts", "virtualdomains", "locals")
    return {
        "control": {name: store.control(name) for name in names},
        "directories": sorted(path.name for path in (store.home / "domains").iterdir() if path.is_dir()),
        "entries": Entry.objects.count(),
    }


def error_of(response: HttpResponse, field: str) -> str:
    """The message beside a field; the page was shown again, not left."""
    assert response.status_code in (200, 503), response.status_code
    errors = response.context["form"].errors
    assert set(errors) == {field}, errors
    if field != "__all__":
        assert f'id="error_1_id_{field}"' in response.content.decode()
    return str(errors[field][0])

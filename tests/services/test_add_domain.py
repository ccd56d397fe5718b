"""domains.services.add_domain and delete_domain, aliasdomains.services."""

from typing import Any

import pytest

from aliasdomains import services as alias_domains
from audit.models import Entry
from domains import services
from tests.store import Store
from vpopmail.assigned import domains
from vpopmail.engines import get_engine
from vpopmail.engines.base import Incomplete, NotFound, Refused

PASSWORD = "Secret.Pass1"


def add(**more: Any) -> Any:
    return services.add_domain(actor=None, domain="example.com", password=PASSWORD, **more)


def test_a_domain_with_its_alias_domains_is_one_entry(store: Store) -> None:
    add(alias_domains=["example.net", "example.org"], quota="1G")
    assert domains().aliases_of("example.com") == ["example.net", "example.org"]
    assert Entry.objects.count() == 1


def fail_alias_domains(monkeypatch: pytest.MonkeyPatch, *verbs: str) -> None:
    def fail(*args: object, **options: object) -> None:
        raise Refused("no.")

    for verb in verbs:
        monkeypatch.setattr(type(get_engine()), verb, fail)


def test_when_an_alias_domain_fails_the_domain_is_taken_back(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_alias_domains(monkeypatch, "vaddaliasdomain")
    with pytest.raises(Refused, match="no."):
        add(alias_domains=["example.net"])
    assert len(domains()) == 0 and not store.directory("example.com").exists()
    assert Entry.objects.get().state == "failed"


def test_what_cannot_be_taken_back_is_said(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_alias_domains(monkeypatch, "vaddaliasdomain", "vdeldomain")
    with pytest.raises(Incomplete, match="example.com"):
        add(alias_domains=["example.net"])
    assert Entry.objects.get().state == "failed"


def test_alias_domains_are_not_deleted_unasked(store: Store) -> None:
    add(alias_domains=["example.net"])
    with pytest.raises(Refused, match="example.net"):
        services.delete_domain(actor=None, domain="example.com")
    assert services.delete_domain(actor=None, domain="example.com", with_alias_domains=True).kept_until
    entry = Entry.objects.latest("id")
    assert entry.changes["alias_domains"] == [["example.net"], None] and entry.changes["trash"]


def test_alias_domains_come_and_go(store: Store) -> None:
    add()
    alias_domains.add_alias_domain(actor=None, real="example.com", alias="example.net")
    with pytest.raises(NotFound):
        alias_domains.delete_alias_domain(actor=None, alias="example.com")
    alias_domains.delete_alias_domain(actor=None, alias="example.net")
    assert domains().aliases_of("example.com") == []
    assert [entry.domain for entry in Entry.objects.all()] == ["example.com"] * 3

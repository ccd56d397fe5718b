import json
from typing import Any

import pytest
from django.test import Client

from accounts.services import add_alias
from audit.models import Entry
from domains import services
from tests.pages import error_of, state_of
from tests.store import Store
from vpopmail.engines.base import Refused, Unavailable

URL = "/domains/example.com/delete/"
PASSWORD = "Correct-Horse-7"


@pytest.fixture
def with_alias(store: Store, admin: Any) -> Store:
    services.add_domain(actor=admin, domain="example.com", password=PASSWORD, alias_domains=["example.net"])
    return store


def test_it_works(example: Store, signed_in: Client, admin: Any) -> None:
    services.add_domain(actor=admin, domain="example.org", password=PASSWORD)
    response = signed_in.post(URL, {"confirm": "example.com"})
    assert response.status_code == 302
    assert response["Location"] == "/domains/"
    for name in ("assign", "rcpthosts", "virtualdomains"):
        assert "example.com" not in example.control(name)
        assert "example.org" in example.control(name)
    assert not example.directory("example.com").exists()
    assert example.directory("example.org").exists()
    entry = Entry.objects.filter(action="vdeldomain").get()
    assert (entry.target, entry.state, entry.via) == ("example.com", "ok", "page")
    page = signed_in.get("/domains/").content.decode()
    assert "example.com was deleted." in page
    assert "is kept until" in page


def test_plan(with_alias: Store, signed_in: Client, admin: Any) -> None:
    add_alias(actor=admin, domain="example.com", alias="sales", line="&someone@elsewhere.example")
    mail = with_alias.directory("example.com") / "postmaster" / "Maildir" / "new" / "1.2.host"
    mail.write_bytes(b"x" * 4096)
    mail.chmod(0o600)
    before = state_of(with_alias)
    response = signed_in.get(URL)
    plan = response.context["plan"]
    assert (str(plan.accounts), str(plan.aliases), list(plan.alias_domains)) == ("1", "1", ["example.net"])
    assert plan.directory == str(with_alias.directory("example.com"))
    assert (plan.messages, plan.complete) == (1, True)
    assert plan.kept_until is not None
    page = response.content.decode()
    assert plan.directory in page
    assert "will bounce" in page
    assert "kept until" in page
    assert page.index("Keep the domain") < page.index("Delete domain</button>")
    assert state_of(with_alias) == before


@pytest.mark.parametrize("typed", ["", "example.net", "example", "example.com.", "examplecom"])
@pytest.mark.stores("sqlite")
def test_name_must_be_typed(example: Store, signed_in: Client, typed: str) -> None:
    before = state_of(example)
    response = signed_in.post(URL, {"confirm": typed})
    assert "not the name" in error_of(response, "confirm")
    assert response.context["plan"].domain == "example.com"
    assert state_of(example) == before


@pytest.mark.parametrize("typed", ["MÜLLER.example", " xn--mller-kva.example "])
@pytest.mark.stores("sqlite")
def test_name_of_an_idn_domain_in_either_form(
    store: Store, signed_in: Client, admin: Any, typed: str
) -> None:
    services.add_domain(actor=admin, domain="xn--mller-kva.example", password=PASSWORD)
    response = signed_in.post("/domains/xn--mller-kva.example/delete/", {"confirm": typed})
    assert response.status_code == 302
    assert "mller" not in store.control("assign")


def test_alias_domains_need_a_tick(with_alias: Store, signed_in: Client) -> None:
    before = state_of(with_alias)
    response = signed_in.post(URL, {"confirm": "example.com"})
    assert "tick this" in error_of(response, "with_alias_domains")
    assert 'value="example.com"' in response.content.decode()
    assert state_of(with_alias) == before
    assert signed_in.post(URL, {"confirm": "example.com", "with_alias_domains": "on"}).status_code == 302
    for name in ("assign", "rcpthosts", "virtualdomains"):
        assert "example.net" not in with_alias.control(name)


def test_engine_fails(example: Store, signed_in: Client, broken_engine: Any) -> None:
    before = state_of(example)
    broken_engine("vdeldomain", Refused("The trash is on another disk."))
    response = signed_in.post(URL, {"confirm": "example.com"})
    assert error_of(response, "__all__") == "The trash is on another disk."
    assert 'value="example.com"' in response.content.decode()
    entry = Entry.objects.get(action="vdeldomain")
    assert (entry.state, entry.reason) == ("failed", "The trash is on another disk.")
    assert state_of(example)["control"] == before["control"]


@pytest.mark.stores("sqlite")
def test_helper_does_not_answer(example: Store, signed_in: Client, broken_engine: Any) -> None:
    broken_engine("vdeldomain", Unavailable("The mail host does not answer."))
    response = signed_in.post(URL, {"confirm": "example.com"})
    assert response.status_code == 503
    assert "The mail host does not answer." in response.content.decode()


@pytest.mark.stores("sqlite")
def test_what_cannot_be_done_offers_no_button(example: Store, signed_in: Client, monkeypatch: Any) -> None:
    from dataclasses import replace

    from vpopmail import plans

    plan = replace(plans.plan_vdeldomain("example.com"), refused="The trash is on another disk.")
    monkeypatch.setattr(plans, "plan_vdeldomain", lambda domain: plan)
    page = signed_in.get(URL).content.decode()
    assert "The trash is on another disk." in page
    assert 'name="confirm"' not in page


@pytest.mark.stores("sqlite")
def test_alias_domain_has_a_page_of_its_own(with_alias: Store, signed_in: Client) -> None:
    before = state_of(with_alias)
    for method in (signed_in.get, signed_in.post):
        assert method("/domains/example.net/delete/")["Location"] == "/aliasdomains/example.net/delete/"
    assert state_of(with_alias) == before


@pytest.mark.stores("sqlite")
def test_get_changes_nothing(example: Store, signed_in: Client) -> None:
    before = state_of(example)
    assert signed_in.get(URL, {"confirm": "example.com"}).status_code == 200
    for method in (signed_in.put, signed_in.delete, signed_in.patch):
        assert method(URL, json.dumps({"confirm": "example.com"})).status_code == 405
    assert state_of(example) == before


@pytest.mark.stores("sqlite")
def test_not_signed_in_and_without_the_right(
    example: Store, client: Client, person: Client, allow: Any
) -> None:
    before = state_of(example)
    assert client.post(URL, {"confirm": "example.com"})["Location"].startswith("/sign-in/")
    assert person.post(URL, {"confirm": "example.com"}).status_code in (403, 404)
    other = allow("view_domain", "add_domain", "change_domain")
    assert other.get(URL).status_code == 403
    assert other.post(URL, {"confirm": "example.com"}).status_code == 403
    assert state_of(example) == before


@pytest.mark.stores("sqlite")
def test_csrf(example: Store, admin: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    assert client.post(URL, {"confirm": "example.com"}).status_code == 403
    assert "example.com" in example.control("assign")

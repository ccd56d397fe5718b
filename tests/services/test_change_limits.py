"""Limits: what somebody else changed meanwhile is not overwritten."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from domains import services
from tests.store import Store
from vpopmail import limits
from vpopmail.engines.base import Changed

PASSWORD = "Correct-Horse-7"
DOMAIN = "example.com"


@pytest.fixture
def domain(store: Store, admin: Any) -> str:
    services.add_domain(actor=admin, domain=DOMAIN, password=PASSWORD)
    services.change_limits(actor=admin, domain=DOMAIN, changes={"maxaliases": 3, "maxpopaccounts": 10})
    return DOMAIN


@pytest.mark.stores("sqlite", "many", "perdomain")
def test_what_was_seen_must_still_stand(store: Store, domain: str) -> None:
    seen = {"maxaliases": 3}
    services.change_limits(actor=None, domain=domain, changes={"maxaliases": 5}, expected=seen)
    with pytest.raises(Changed):
        services.change_limits(actor=None, domain=domain, changes={"maxaliases": 7}, expected=seen)
    with pytest.raises(Changed):
        services.delete_limits(actor=None, domain=domain, expected=seen)
    assert limits.read(domain)["maxaliases"] == 5
    services.delete_limits(actor=None, domain=domain, expected={"maxaliases": 5})
    assert not limits.read(domain).own


@pytest.mark.stores("sqlite", "many")
def test_a_change_between_reading_and_writing_is_noticed(
    store: Store, domain: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stale = limits.read(domain)
    services.change_limits(actor=None, domain=domain, changes={"maxaliases": 5})
    monkeypatch.setattr(limits, "read", lambda _domain: stale)
    with pytest.raises(Changed):
        services.change_limits(actor=None, domain=domain, changes={"maxaliases": 7})
    with pytest.raises(Changed):
        services.delete_limits(actor=None, domain=domain)
    monkeypatch.undo()
    assert limits.read(domain)["maxaliases"] == 5


@pytest.mark.stores("many")
def test_a_page_that_is_out_of_date_is_refused(store: Store, domain: str, signed_in: Client) -> None:
    url = reverse("admin:vpopmail_limits_change", args=[domain])
    form = signed_in.get(url).context["adminform"].form
    sent = {column: str(form.initial[column]) for column in limits.columns()}
    sent |= {f"initial-{column}": value for column, value in sent.items()}
    assert 'name="initial-maxaliases"' in signed_in.get(url).content.decode()
    services.change_limits(actor=None, domain=domain, changes={"maxaliases": 5, "maxpopaccounts": 20})
    answer = signed_in.post(url, {**sent, "maxaliases": "7"})
    assert "changed by somebody else meanwhile" in answer.content.decode()
    assert limits.read(domain)["maxaliases"] == 5
    assert signed_in.post(url, {**sent, "maxforwards": "2"}).status_code == 302
    found = limits.read(domain)
    assert (found["maxforwards"], found["maxaliases"], found["maxpopaccounts"]) == (2, 5, 20)

"""A domain gets the default limits again."""

import pytest
from django.test import Client

from audit.models import Entry
from domains import services
from tests.pages import state_of
from tests.store import Store
from vpopmail import limits
from vpopmail.engines.base import Unavailable

URL = "/domains/example.com/limits/defaults/"


def test_what_follows_and_then_it_is_so(example: Store, signed_in: Client) -> None:
    services.change_limits(actor=None, domain="example.com", changes={"maxpopaccounts": 5, "disable_pop": 1})
    before = state_of(example)
    rows = {str(title): (now, then) for title, now, then in signed_in.get(URL).context["rows"]}
    assert rows["Accounts"] == ("At most 5", "No limit") and rows["POP"] == ("Not allowed", "Allowed")
    assert state_of(example) == before
    assert signed_in.post(URL)["Location"] == "/domains/example.com/limits/"
    assert not limits.read("example.com").own
    entry = Entry.objects.latest("id")
    assert (entry.action, entry.target) == ("vmoddomlimits", "example.com")
    assert entry.command == "manage.py vmoddomlimits -D example.com"


@pytest.mark.stores("sqlite")
def test_without_limits_of_its_own(example: Store, signed_in: Client) -> None:
    before = state_of(example)
    assert "no limits of its own" in signed_in.get(URL).content.decode()
    signed_in.post(URL)
    assert state_of(example) == before


@pytest.mark.stores("sqlite")
def test_an_error_is_told(example: Store, signed_in: Client, broken_engine) -> None:  # type: ignore[no-untyped-def]
    services.change_limits(actor=None, domain="example.com", changes={"maxpopaccounts": 5})
    broken_engine("vdellimits", Unavailable("The disk is full."))
    page = signed_in.post(URL)
    assert page.status_code == 503 and "The disk is full." in page.content.decode()

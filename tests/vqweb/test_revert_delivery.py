"""Taking back what was said about mail for unknown addresses."""

import pytest

from audit.models import Entry
from domains import delivery_services
from tests.store import Store
from vpopmail import delivery
from vpopmail.engines.base import Changed, Refused
from vqweb.revert import plan_of, revert


def change(unknown: str, replace: bool = False) -> Entry:
    delivery_services.change_delivery(actor=None, domain="example.com", unknown=unknown, replace=replace)
    return Entry.objects.latest("id")


@pytest.mark.stores("sqlite", "many")
def test_it_is_taken_back_and_forth(example: Store) -> None:
    path = example.directory("example.com") / ".qmail-default"
    before = path.read_text()
    entry = change("anna@example.com")
    revert(actor=None, key=entry.key)
    assert path.read_text() == before
    again = Entry.objects.latest("id")
    assert again.changes["reverts"] == entry.key
    revert(actor=None, key=again.key)
    assert delivery.read("example.com").unknown == "anna@example.com"


@pytest.mark.stores("sqlite")
def test_not_when_it_was_changed_since(example: Store) -> None:
    entry = change("anna@example.com")
    change("delete")
    with pytest.raises(Changed, match="delivery is now"):
        revert(actor=None, key=entry.key)
    assert delivery.read("example.com").kind == "delete"


@pytest.mark.stores("sqlite")
def test_another_programs_line_comes_back_where_the_mail_host_allows_it(example: Store) -> None:
    path = example.directory("example.com") / ".qmail-default"
    path.write_text("|/usr/bin/lda\n")
    entry = change("bounce", replace=True)
    assert plan_of(entry).permission == "vpopmail.change_domain"
    with pytest.raises(Refused, match="does not allow"):
        revert(actor=None, key=entry.key)
    assert delivery.read("example.com").kind == "bounce"
    path.unlink()
    first = change("delete")
    with pytest.raises(Refused, match="no file before"):
        revert(actor=None, key=first.key)

"""Aliases in the Django admin: one line of one alias changes; without a key, a sentence with a link."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from audit.models import Entry
from tests.admin.test_accounts import fields
from tests.store import Store
from tests.vpopmail.people import execute
from vpopmail import schema
from vpopmail.models import Alias

LIST = reverse("admin:vpopmail_alias_changelist")
ADD = reverse("admin:vpopmail_alias_add")


@pytest.fixture
def two(store: Store, admin: Any) -> Store:
    from accounts import services as accounts
    from domains import services as domains

    for domain in ("example.com", "other.net"):
        domains.add_domain(actor=admin, domain=domain, password="Secret.Pass1")
        for line in ("&one@far.example", "&two@far.example"):
            accounts.add_alias(actor=admin, domain=domain, alias="info", line=line)
    return store


def everything(store: Store) -> list[tuple[str, str, str]]:
    found = store.rows("SELECT alias, domain, valias_line FROM valias ORDER BY domain, alias, valias_line")
    return [tuple(row.values()) for row in found]  # type: ignore[misc]


def row(domain: str, line: str) -> int:
    return int(Alias.objects.get(domain=domain, line=line).pk)


@pytest.mark.stores("many", "perdomain", "handmade")
def test_exactly_one_line_changes(two: Store, signed_in: Client) -> None:
    before = everything(two)
    url = reverse("admin:vpopmail_alias_change", args=[row("example.com", "&one@far.example")])
    data = fields(signed_in.get(url)) | {"line": "&new@far.example"}
    assert signed_in.post(url, data).status_code == 302
    expected = [
        (*key[:2], "&new@far.example") if key[1:] == ("example.com", "&one@far.example") else key
        for key in before
    ]
    assert sorted(everything(two)) == sorted(expected)
    assert [e.via for e in Entry.objects.order_by("-id")[:2]] == ["admin", "admin"]


@pytest.mark.stores("many")
def test_a_line_with_a_mark_of_another_program_stays(two: Store, signed_in: Client) -> None:
    pk = row("example.com", "&one@far.example")
    execute("UPDATE valias SET copy = 1 WHERE id = %s", [pk])
    before = everything(two)
    response = signed_in.post(reverse("admin:vpopmail_alias_change", args=[pk]), {"line": "&new@far.example"})
    assert response.status_code == 200 and "line" in response.context["adminform"].form.errors
    assert everything(two) == before


@pytest.mark.stores("many", "perdomain", "handmade")
def test_add_and_delete(two: Store, signed_in: Client) -> None:
    before = everything(two)
    data = {"alias": "Sales", "domain": "example.com", "line": "&bob@example.com"}
    assert signed_in.post(ADD, data).status_code == 302
    assert sorted(everything(two)) == sorted([*before, ("sales", "example.com", "&bob@example.com")])
    url = reverse("admin:vpopmail_alias_delete", args=[row("example.com", "&bob@example.com")])
    assert signed_in.post(url, {"post": "yes"}).status_code == 302
    assert everything(two) == before
    one = row("other.net", "&one@far.example")
    data = {"action": "delete_selected", "_selected_action": [one], "post": "yes"}
    assert signed_in.post(LIST, data).status_code == 302
    assert everything(two) == [key for key in before if key != ("info", "other.net", "&one@far.example")]


@pytest.mark.stores("many")
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"alias": "postmaster"}, "alias"),
        ({"alias": "a/b"}, "alias"),
        ({"alias": "x" * 33}, "alias"),
        ({"alias": "info", "line": "&one@far.example"}, "line"),
        ({"line": "&sales@example.com"}, "line"),
        ({"line": "nonsense"}, "line"),
        ({"domain": "nowhere.org"}, "domain"),
    ],
)
def test_bad_input(two: Store, signed_in: Client, change: dict[str, str], field: str) -> None:
    before = everything(two)
    response = signed_in.post(ADD, {"alias": "sales", "domain": "example.com", "line": "&a@b.cc"} | change)
    assert response.status_code == 200 and field in response.context["adminform"].form.errors
    assert everything(two) == before


@pytest.mark.stores("many")
def test_search(two: Store, signed_in: Client) -> None:
    assert len(signed_in.get(LIST, {"q": "inf"}).context["cl"].result_list) == 4
    assert len(signed_in.get(LIST, {"q": "info@other"}).context["cl"].result_list) == 2
    history = reverse("admin:vpopmail_alias_history", args=[row("other.net", "&one@far.example")])
    assert "info%40other.net" in signed_in.get(history)["Location"]


@pytest.mark.stores("sqlite", "old", "clear", "many")
def test_where_rows_have_no_page(store: Store, signed_in: Client) -> None:
    if store.kind in ("sqlite", "old"):
        schema.ensure_table("valias")
    for url in (LIST, ADD, reverse("admin:vpopmail_alias_change", args=["1"])):
        page = signed_in.get(url)
        assert page.status_code == 200
        assert {"clear": "files", "many": "yet"}.get(store.kind, "no key") in page.context["sentence"]
        assert f'href="{reverse("domains")}"' in page.content.decode()

"""Alias domains, limits and the journal in the Django admin."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from audit.models import Entry
from tests.admin.test_accounts import fields
from tests.store import Store
from vpopmail.assigned import domains

ALIASES = reverse("admin:vpopmail_aliasdomain_changelist")
LIMITS = reverse("admin:vpopmail_limits_changelist")


@pytest.fixture
def two(store: Store, admin: Any) -> Store:
    from domains import services

    for domain in ("example.com", "other.net"):
        services.add_domain(actor=admin, domain=domain, password="Secret.Pass1")
    return store


@pytest.mark.stores("sqlite", "many", "perdomain")
def test_alias_domains(two: Store, signed_in: Client) -> None:
    add = reverse("admin:vpopmail_aliasdomain_add")
    if two.kind != "many":  # otherwise the table is made with the first domain, as vpopmail does
        from aliasdomains import services

        services.add_alias_domain(actor=None, real="other.net", alias="first.net")
    assert signed_in.post(add, {"alias": "ALIAS.net", "domain": "example.com"}).status_code == 302
    alias = domains().get("alias.net")
    assert alias is not None and alias.real == "example.com"
    assert {"alias": "alias.net", "domain": "example.com"} in two.rows(
        "SELECT alias, domain FROM aliasdomains"
    )
    assert b"alias.net" in signed_in.get(ALIASES).content
    change = reverse("admin:vpopmail_aliasdomain_change", args=["alias.net"])
    assert signed_in.get(change).status_code == 200
    assert signed_in.post(change, {"domain": "other.net"}).status_code == 403
    for data, field in (
        ({"alias": "alias.net", "domain": "example.com"}, "alias"),
        ({"alias": "other.net", "domain": "example.com"}, "alias"),
        ({"alias": "new.net", "domain": "nowhere.org"}, "domain"),
        ({"alias": "-", "domain": "example.com"}, "alias"),
    ):
        response = signed_in.post(add, data)
        assert response.status_code == 200 and field in response.context["adminform"].form.errors
    data = {"action": "delete_selected", "_selected_action": ["alias.net"], "post": "yes"}
    assert signed_in.post(ALIASES, data).status_code == 302
    assert domains().get("alias.net") is None and domains().get("example.com") is not None
    assert Entry.objects.latest("id").target == "alias.net"


@pytest.mark.stores("old", "perdomain")
def test_no_table_of_alias_domains(store: Store, signed_in: Client) -> None:
    page = signed_in.get(ALIASES)
    assert page.status_code == 200 and page.context["sentence"]
    assert f'href="{reverse("alias-domains")}"' in page.content.decode()


@pytest.mark.stores("many", "perdomain", "old", "handmade")
def test_limits(two: Store, signed_in: Client) -> None:
    from domains import services

    services.change_limits(actor=None, domain="other.net", changes={"maxaliases": 3})
    add = reverse("admin:vpopmail_limits_add")
    data = fields(signed_in.get(add)) | {"domain": "example.com", "maxpopaccounts": "5"}
    data |= {"defaultquota": "1048576", "disable_pop": "on"}
    response = signed_in.post(add, data)
    assert response.status_code == 302, response.context["errors"]
    change = reverse("admin:vpopmail_limits_change", args=["example.com"])
    before = two.rows("SELECT * FROM limits ORDER BY domain")
    assert (before[0]["maxpopaccounts"], before[0]["disable_pop"], before[0]["defaultquota"]) == (
        5,
        1,
        1048576,
    )
    data = fields(signed_in.get(change)) | {"maxaliases": "9"}
    response = signed_in.post(change, data)
    assert response.status_code == 302, response.context["errors"]
    after = two.rows("SELECT * FROM limits ORDER BY domain")
    assert after[1:] == before[1:]
    assert {name for name in after[0] if after[0][name] != before[0][name]} == {"maxaliases"}
    assert signed_in.post(change, data | {"maxaliases": "-2"}).status_code == 200
    delete = reverse("admin:vpopmail_limits_delete", args=["example.com"])
    assert signed_in.post(delete, {"post": "yes"}).status_code == 302
    assert two.rows("SELECT * FROM limits ORDER BY domain") == before[1:]


@pytest.mark.stores("sqlite", "clear", "many")
def test_limits_that_are_no_rows(store: Store, signed_in: Client) -> None:
    page = signed_in.get(LIMITS)
    assert (
        page.status_code == 200 and ("yet" if store.kind == "many" else "files") in page.context["sentence"]
    )
    assert f'href="{reverse("domains")}"' in page.content.decode()


@pytest.mark.stores("sqlite")
def test_the_journal_is_read_only(two: Store, signed_in: Client) -> None:
    url = reverse("admin:audit_entry_changelist")
    page = signed_in.get(url)
    assert [e.target for e in page.context["cl"].result_list] == ["other.net", "example.com"], "newest first"
    entry = Entry.objects.latest("id")
    change = reverse("admin:audit_entry_change", args=[entry.pk])
    assert signed_in.get(change).status_code == 200
    assert signed_in.post(change, {"target": "x"}).status_code == 403
    assert signed_in.get(reverse("admin:audit_entry_add")).status_code == 403
    assert (
        signed_in.post(reverse("admin:audit_entry_delete", args=[entry.pk]), {"post": "yes"}).status_code
        == 403
    )
    data = {"action": "delete_selected", "_selected_action": [entry.pk], "post": "yes"}
    signed_in.post(url, data)
    assert Entry.objects.count() == 2
    assert [e.target for e in signed_in.get(url, {"q": "example.com"}).context["cl"].result_list] == [
        "example.com"
    ]
    assert signed_in.get(url, {"state__exact": "failed"}).context["cl"].result_count == 0


@pytest.mark.stores("sqlite", "perdomain")
def test_the_index_lists_all_of_them(store: Store, signed_in: Client) -> None:
    page = signed_in.get(reverse("admin:index")).content.decode()
    for name in ("account", "alias", "aliasdomain", "limits"):
        assert reverse(f"admin:vpopmail_{name}_changelist") in page
    assert reverse("admin:audit_entry_changelist") in page


@pytest.mark.stores("many")
def test_the_database_is_down(two: Store, signed_in: Client) -> None:
    from django.db import connections

    signed_in.get(LIMITS)
    options = connections["vpopmail"].settings_dict["OPTIONS"]
    socket = options["unix_socket"]
    connections["vpopmail"].close()
    options["unix_socket"] = str(two.root / "nothing.sock")
    url = reverse("admin:vpopmail_account_changelist")
    assert signed_in.get(url).status_code == 503
    options["unix_socket"] = socket
    assert signed_in.get(url).status_code == 200

"""Accounts in the Django admin: exactly one row changes, through the services; bad input keeps the form."""

from typing import Any

import pytest
from django import forms
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Entry
from tests.store import Store
from tests.vpopmail.people import execute
from vpopmail import passwords, schema
from vpopmail.models import Account

KINDS = ("sqlite", "many", "old", "handmade")
LIST = reverse("admin:vpopmail_account_changelist")
ADD = reverse("admin:vpopmail_account_add")


def change_url(key: str) -> str:
    return reverse("admin:vpopmail_account_change", args=[key])


@pytest.fixture
def two(store: Store, admin: Any) -> Store:
    from accounts import services as accounts
    from domains import services as domains

    for domain in ("example.com", "other.net"):
        domains.add_domain(actor=admin, domain=domain, password="Secret.Pass1")
        accounts.add_account(
            actor=admin, domain=domain, name="ann", password="Secret.Pass2", gecos="Ann", flags=0x40000000
        )
    return store


def fields(page: Any) -> dict[str, Any]:
    """What the form on the page would send."""
    form = page.context["adminform"].form
    values = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    boxes = {name for name, field in form.fields.items() if isinstance(field, forms.BooleanField)}
    return {name: value for name, value in values.items() if (value if name in boxes else value is not None)}


def everything(store: Store) -> list[dict[str, Any]]:
    return store.rows("SELECT * FROM vpopmail ORDER BY pw_domain, pw_name")


@pytest.mark.stores(*KINDS)
def test_exactly_one_row_changes(two: Store, signed_in: Client) -> None:
    before = everything(two)
    data = fields(signed_in.get(change_url("ann@example.com")))
    data |= {"gecos": "Ann Other", "flags": ["8"], "quota": "10 MB"}
    response = signed_in.post(change_url("ann@example.com"), data)
    assert response.status_code == 302, response.context["errors"]
    after = everything(two)
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert len(changed) == 1
    old, new = changed[0]
    assert (new["pw_name"], new["pw_domain"]) == ("ann", "example.com")
    assert {name for name in new if new[name] != old[name]} == {"pw_gecos", "pw_gid", "pw_shell"}
    assert (new["pw_gecos"], new["pw_gid"], new["pw_shell"]) == ("Ann Other", 0x40000008, "10485760S")
    entries = list(Entry.objects.order_by("-id")[:2])
    assert {(e.action, e.via, e.state) for e in entries} == {
        ("vmoduser", "admin", "ok"),
        ("vsetuserquota", "admin", "ok"),
    }


@pytest.mark.stores(*KINDS)
def test_a_password_alone(two: Store, signed_in: Client) -> None:
    before = everything(two)
    data = fields(signed_in.get(change_url("ann@example.com"))) | {"password": "Another.Pass9"}
    assert signed_in.post(change_url("ann@example.com"), data).status_code == 302
    changed = [new for old, new in zip(before, everything(two), strict=True) if old != new]
    assert [row["pw_domain"] for row in changed] == ["example.com"]
    assert passwords.verify("Another.Pass9", changed[0]["pw_passwd"])
    assert Entry.objects.latest("id").changes == {"password": "changed"}


@pytest.mark.stores("many")
def test_nothing_changed_is_no_entry(two: Store, signed_in: Client) -> None:
    before, entries = everything(two), Entry.objects.count()
    assert (
        signed_in.post(
            change_url("ann@example.com"), fields(signed_in.get(change_url("ann@example.com")))
        ).status_code
        == 302
    )
    assert everything(two) == before and Entry.objects.count() == entries


@pytest.mark.stores("many", "sqlite")
def test_changed_meanwhile(two: Store, signed_in: Client) -> None:
    data = fields(signed_in.get(change_url("ann@example.com"))) | {"gecos": "Mine"}
    execute("UPDATE vpopmail SET pw_gecos = 'Theirs' WHERE pw_name = 'ann'")
    before = everything(two)
    response = signed_in.post(change_url("ann@example.com"), data)
    assert response.status_code == 200 and response.context["errors"]
    assert everything(two) == before
    assert b"Mine" in response.content, "what was typed is kept"


@pytest.mark.stores(*KINDS)
def test_add(two: Store, signed_in: Client) -> None:
    data = {"domain": "example.com", "name": "Bob", "password": "Secret.Pass3", "quota": "1G", "flags": ["2"]}
    response = signed_in.post(ADD, data)
    assert response.status_code == 302, response.context["errors"]
    row = Account.objects.get(key="bob@example.com")
    assert (row.shell, row.gid, row.gecos) == ("1073741824S", 2, "bob")
    assert passwords.verify("Secret.Pass3", row.passwd)
    assert (two.directory("example.com") / "bob" / "Maildir" / "new").is_dir()
    assert Entry.objects.latest("id").target == "bob@example.com"


@pytest.mark.stores("many", "sqlite")
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "ann"}, "name"),
        ({"name": "x"}, "name"),
        ({"name": "a/b"}, "name"),
        ({"name": "..."}, ""),
        ({"name": ""}, "name"),
        ({"domain": "nowhere.org"}, "domain"),
        ({"domain": ""}, "domain"),
        ({"password": ""}, "password"),
        ({"quota": "2 lots"}, "quota"),
        ({"gecos": "a:b"}, "gecos"),
        ({"flags": ["3"]}, "flags"),
    ],
)
def test_bad_input_is_refused_beside_its_field(
    two: Store, signed_in: Client, change: dict[str, Any], field: str
) -> None:
    before = everything(two)
    data = {"domain": "example.com", "name": "bob", "password": "Secret.Pass3", "quota": ""} | change
    response = signed_in.post(ADD, data)
    if field:
        assert response.status_code == 200 and field in response.context["adminform"].form.errors
        assert everything(two) == before
    else:
        assert response.status_code == 302


@pytest.mark.stores(*KINDS)
def test_delete(two: Store, signed_in: Client) -> None:
    before = everything(two)
    url = reverse("admin:vpopmail_account_delete", args=["ann@example.com"])
    assert b"ann@example.com" in signed_in.get(url).content
    assert everything(two) == before
    assert signed_in.post(url, {"post": "yes"}).status_code == 302
    assert everything(two) == [r for r in before if (r["pw_name"], r["pw_domain"]) != ("ann", "example.com")]
    assert not (two.directory("example.com") / "ann").exists()
    assert list((two.home / "domains" / ".vqweb-trash").glob("*/ann*")), "the mailbox is parked"
    assert Entry.objects.latest("id").action == "vdeluser"


@pytest.mark.stores("many", "sqlite")
def test_the_delete_action(two: Store, signed_in: Client) -> None:
    before = everything(two)
    data = {"action": "delete_selected", "_selected_action": ["ann@example.com", "gone@example.com"]}
    assert b"Are you sure" in signed_in.post(LIST, data).content
    assert everything(two) == before
    execute("DELETE FROM vpopmail WHERE pw_name = 'postmaster' AND pw_domain = 'other.net'")
    before = everything(two)
    assert signed_in.post(LIST, data | {"post": "yes"}).status_code == 302
    assert everything(two) == [r for r in before if (r["pw_name"], r["pw_domain"]) != ("ann", "example.com")]
    data |= {"post": "yes", "select_across": "1", "_selected_action": ["ann@other.net"]}
    assert signed_in.post(LIST, data).status_code == 302
    assert Account.objects.filter(key="ann@other.net").exists(), "everything at once is refused"


@pytest.mark.stores("many")
def test_lists_are_bounded(store: Store, signed_in: Client) -> None:
    schema.create_table("vpopmail")
    Account.objects.bulk_create(
        [Account(name=f"u{n:05}", domain="example.com", passwd="x") for n in range(1500)], batch_size=500
    )
    with CaptureQueriesContext(connections["vpopmail"]) as queries:
        page = signed_in.get(LIST)
    statements = [query["sql"] for query in queries if "FROM `vpopmail`" in query["sql"]]
    assert not any("COUNT(" in sql for sql in statements) and all("LIMIT" in sql for sql in statements)
    assert not any("pw_passwd" in sql for sql in statements)
    assert page.context["cl"].paginator.num_pages == 20
    assert signed_in.get(LIST, {"p": "20"}).status_code == 200
    assert signed_in.get(LIST, {"p": "21"}).status_code == 302
    found = signed_in.get(LIST, {"q": "u0123"}).context["cl"].result_list
    assert [row.name for row in found] == [f"u0123{n}" for n in range(10)]
    assert [r.key for r in signed_in.get(LIST, {"q": "u00001@exam"}).context["cl"].result_list] == [
        "u00001@example.com"
    ]
    for nothing in ("ü", "%"):
        assert not signed_in.get(LIST, {"q": nothing}).context["cl"].result_list


@pytest.mark.stores("perdomain", "many", "sqlite")
def test_where_there_is_no_such_table(store: Store, signed_in: Client) -> None:
    for url in (
        LIST,
        ADD,
        change_url("ann@example.com"),
        reverse("admin:vpopmail_account_delete", args=["a@b.cc"]),
    ):
        page = signed_in.get(url)
        assert page.status_code == 200 and page.context["sentence"]
        expected = reverse("accounts" if store.kind == "perdomain" else "add-domain")
        assert f'href="{expected}"' in page.content.decode()


@pytest.mark.stores("many")
def test_keys_with_odd_characters(two: Store, signed_in: Client) -> None:
    execute("UPDATE vpopmail SET pw_name = 'a_b+c''d' WHERE pw_name = 'ann' AND pw_domain = 'example.com'")
    data = fields(signed_in.get(change_url("a_b+c'd@example.com"))) | {"gecos": "Odd"}
    assert signed_in.post(change_url("a_b+c'd@example.com"), data).status_code == 302
    assert Account.objects.get(key="a_b+c'd@example.com").gecos == "Odd"
    assert signed_in.get(change_url("no-address")).status_code == 302
    assert signed_in.get(change_url("nobody@example.com")).status_code == 302


@pytest.mark.stores("many")
def test_rights_are_asked_for(two: Store, client: Client) -> None:
    from django.contrib.auth.models import Permission

    from accounts.models import User

    user = User.objects.create_user("helper", password="x", is_staff=True)
    client.force_login(user)
    assert client.get(LIST).status_code == 403 and client.post(ADD, {}).status_code == 403
    user.user_permissions.add(Permission.objects.get(codename="view_account"))
    before = everything(two)
    assert (
        client.get(LIST).status_code == 200 and client.get(change_url("ann@example.com")).status_code == 200
    )
    assert client.post(change_url("ann@example.com"), {"gecos": "x"}).status_code == 403
    data = {"action": "delete_selected", "_selected_action": ["ann@example.com"], "post": "yes"}
    client.post(LIST, data)
    assert everything(two) == before


@pytest.mark.stores("many")
def test_history_is_the_activity_page(two: Store, signed_in: Client) -> None:
    response = signed_in.get(reverse("admin:vpopmail_account_history", args=["ann@example.com"]))
    assert response["Location"] == reverse("activity") + "?target=ann%40example.com"
    assert signed_in.get(response["Location"]).status_code == 200

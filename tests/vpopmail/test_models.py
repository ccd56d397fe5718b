"""Accounts in either layout, the pair key, NULL columns, absent tables."""

import pytest
from django.core.exceptions import ValidationError
from django.db import connections
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailhost.names import BadName, check_local_part
from tests.store import Store
from tests.vpopmail.people import accounts, assign, execute
from vpopmail import listing, rules, schema
from vpopmail.engines.base import Refused
from vpopmail.models import Account, accounts_of, find_account

KINDS = ("sqlite", "many", "perdomain", "old", "handmade")


@pytest.mark.stores(*KINDS)
def test_accounts_of_a_domain(store: Store) -> None:
    assign(store, ("example.com", "example.com"), ("other.net", "other.net"))
    accounts(store, "example.com", ["alice", "bob"], gid=0x8)
    accounts(store, "other.net", ["alice"])
    assert [a.name for a in accounts_of("example.com").order_by("name")] == ["alice", "bob"]
    alice = find_account("example.com", "ALICE")
    assert alice is not None
    assert (alice.address, alice.key, alice.domain, alice.gid) == ("alice@example.com",) * 2 + (
        "example.com",
        8,
    )
    assert find_account("example.com", "carol") is None
    assert find_account("example.com", "müller") is None and find_account("example.com", "a\0b") is None


@pytest.mark.stores(*KINDS)
def test_one_row_changes(store: Store) -> None:
    assign(store, ("example.com", "example.com"), ("other.net", "other.net"))
    accounts(store, "example.com", ["alice", "bob"])
    accounts(store, "other.net", ["alice"])
    before = store.accounts("other.net")
    assert accounts_of("example.com").filter(name="alice", gecos="").update(gecos="Alice") == 1
    assert [row["pw_gecos"] for row in store.accounts("example.com")] == ["Alice", ""]
    assert store.accounts("other.net") == before
    row = find_account("example.com", "bob")
    assert row is not None
    row.delete()
    assert [row["pw_name"] for row in store.accounts("example.com")] == ["alice"]
    assert store.accounts("other.net") == before


@pytest.mark.stores(*KINDS)
def test_null_reads_as_empty_and_matches_it(store: Store) -> None:
    assign(store, ("example.com", "example.com"))
    accounts(store, "example.com", ["alice"])
    table = schema.schema().user_table("example.com")
    execute(
        f"UPDATE {table} SET pw_gecos = NULL, pw_gid = NULL, pw_dir = NULL, pw_shell = NULL, pw_passwd = NULL"
    )
    alice = find_account("example.com", "alice")
    assert alice is not None
    assert (alice.gecos, alice.gid, alice.dir, alice.shell, alice.passwd) == ("", 0, "", "", "")
    assert accounts_of("example.com").filter(gecos="", gid=0).update(gecos="x") == 1


@pytest.mark.stores("sqlite", "many", "perdomain")
def test_absent_tables_read_as_empty(store: Store) -> None:
    assign(store, ("example.com", "example.com"))
    assert list(accounts_of("example.com")) == []
    assert find_account("example.com", "alice") is None


@pytest.mark.stores("many", "perdomain", "sqlite")
def test_a_table_dropped_meanwhile_reads_as_empty(store: Store) -> None:
    assign(store, ("example.com", "example.com"))
    accounts(store, "example.com", ["alice"])
    assert find_account("example.com", "alice") is not None
    execute(f"DROP TABLE {schema.schema().user_table('example.com')}")
    assert find_account("example.com", "alice") is None
    assert list(listing.account_page("example.com").rows) == []


@pytest.mark.stores("many", "handmade", "old")
def test_the_pair_key_uses_the_index(store: Store) -> None:
    schema.ensure_table("vpopmail")
    accounts(store, "example.com", ["alice", "a@b", "bob"])
    assert Account.objects.get(key="alice@example.com").name == "alice"
    assert Account.objects.get(key="a@b@example.com").name == "a@b"
    assert Account.objects.filter(key__in=["alice@example.com", "bob@example.com"]).count() == 2
    with CaptureQueriesContext(connections["vpopmail"]) as queries:
        Account.objects.filter(key="alice@example.com").update(gid=4)
        account = Account.objects.get(key="bob@example.com")
        account.gecos = "Bob"
        account.save(update_fields=["gecos"])
    statements = [query["sql"] for query in queries]
    assert all("(`vpopmail`.`pw_name`, " not in sql for sql in statements), "tuple comparisons scan the table"
    assert "pw_passwd" not in statements[-1], "only what changed is written"
    plan = store.rows(
        "EXPLAIN UPDATE vpopmail SET pw_gid = 1 WHERE pw_name = 'alice' AND pw_domain = 'example.com'"
    )
    assert plan[0]["type"] == "range" and int(plan[0]["rows"]) == 1


def test_a_key_needs_an_at() -> None:
    with pytest.raises(ValidationError):
        Account._meta.pk.split("alice")


@pytest.mark.stores("sqlite")
def test_permissions_exist(store: Store) -> None:
    from django.contrib.auth.models import Permission

    names = set(
        Permission.objects.filter(content_type__app_label="vpopmail").values_list("codename", flat=True)
    )
    for model in ("domain", "account", "alias", "aliasdomain", "limits"):
        assert {f"{verb}_{model}" for verb in ("view", "add", "change", "delete")} <= names


@pytest.mark.stores("perdomain")
def test_thousands_of_tables_leave_no_trace(store: Store) -> None:
    from django.apps import apps

    from vpopmail.models import _bound

    before = len(apps.get_models(include_auto_created=True))
    for number in range(500):
        _bound(f"d{number}_test", f"d{number}.test")
    assert len(apps.get_models(include_auto_created=True)) == before
    assert _bound.cache_info().currsize <= 256


LOCAL_PARTS = st.text(st.sampled_from("!#$&'*+-.0123456789=?^_`abcxyz{|}~"), min_size=2, max_size=32).filter(
    lambda name: _is_name(name)
)


def _is_name(name: str) -> bool:
    try:
        return bool(check_local_part(name))
    except BadName:
        return False


@pytest.mark.stores("sqlite", "many", "perdomain", "old")
def test_every_allowed_name_comes_back(store: Store) -> None:
    assign(store, ("example.com", "example.com"))
    accounts(store, "example.com", [])

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(LOCAL_PARTS)
    def comes_back(name: str) -> None:
        rules.check_new_account("example.com", name)
        accounts(store, "example.com", [name])
        found = find_account("example.com", name.upper())
        assert found is not None and found.name == name and found.key == f"{name}@example.com"
        assert Account._meta.pk.split(found.key) == (name, "example.com")
        assert [row.name for row in listing.account_page("example.com").rows] == [name]
        assert [row.name for row in listing.account_page("example.com", search=name[1:]).rows] == [name]
        assert [hit.name for hit in listing.find_accounts(name[:-1], domain="example.com")] == [name]
        with pytest.raises(Refused):
            rules.check_new_account("example.com", name)
        assert accounts_of("example.com").filter(name=name).delete()[0] == 1

    comes_back()

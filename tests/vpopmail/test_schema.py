"""What is known of tables: layout, options, widths, indexes; absent tables.

Tables made as vpopmail makes them.
"""

from typing import Any

import pytest
from django.db import DatabaseError, connections

from tests import recorded
from tests.store import Store
from tests.vpopmail.people import accounts, assign, execute
from vpopmail import schema
from vpopmail.models import accounts_of

KINDS = ("sqlite", "many", "perdomain", "clear", "old", "handmade")


def facts() -> schema.Schema:
    return schema.schema()


@pytest.mark.stores(*KINDS)
def test_options_of_the_build(store: Store) -> None:
    expected = {
        "sqlite": ("many-domains", "sql", "files"),
        "many": ("many-domains", "sql", "sql"),
        "perdomain": ("per-domain", "sql", "sql"),
        "clear": ("many-domains", "files", "files"),
        "old": ("many-domains", "sql", "sql"),
        "handmade": ("many-domains", "sql", "sql"),
    }
    assert (facts().layout, facts().aliases, facts().limits) == expected[store.kind]
    assert facts().hash_prefix == ("$1$" if store.kind == "old" else "$6$")
    assert facts().clear_passwords == (store.kind not in ("many", "handmade"))
    assert facts().default_delivery == (store.kind in ("many", "perdomain", "handmade"))
    assert facts().alias_domains == (store.kind != "old")


@pytest.mark.stores("many", "perdomain", "old", "sqlite")
def test_without_a_header_tables_and_files_decide(store: Store) -> None:
    if store.kind in ("many", "perdomain"):
        for statement in recorded.ddl(store.kind):
            execute(statement)
    assign(store, ("example.com", "example.com"))
    (store.home / "include" / "vpopmail_config.h").unlink()
    schema.reset()
    assert facts().options == {}
    assert facts().layout == ("per-domain" if store.kind == "perdomain" else "many-domains")
    assert facts().aliases == "sql"
    assert facts().limits == ("files" if store.kind == "sqlite" else "sql")
    assert facts().hash_prefix == ("$1$" if store.kind == "old" else "$6$")
    assert facts().clear_passwords == (store.kind in ("perdomain", "old"))


@pytest.mark.stores("many")
def test_settings_force(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.conf import settings

    monkeypatch.setattr(settings, "VPOPMAIL_LAYOUT", "per-domain")
    monkeypatch.setattr(settings, "VPOPMAIL_ALIASES", "files")
    monkeypatch.setattr(settings, "VPOPMAIL_LIMITS", "files")
    assert (facts().layout, facts().aliases, facts().limits) == ("per-domain", "files", "files")


@pytest.mark.stores("old", "handmade", "many")
def test_widths_and_indexes(store: Store) -> None:
    schema.ensure_table("vpopmail")
    schema.ensure_table("valias")
    old = store.kind == "old"
    assert facts().width("vpopmail", "pw_passwd", 1) == (40 if old else 128)
    assert facts().width("vpopmail", "pw_name", 1) == (32 if old else 64)
    assert facts().width("vpopmail", "pw_uid", 7) == 7 and facts().width("nothing", "x", 9) == 9
    assert facts().charset("vpopmail", "pw_gecos") == "latin1"
    assert facts().has_column("valias", "id") == (not old)
    assert facts().has_index("vpopmail", "pw_domain") == (store.kind == "handmade")
    assert facts().index_on("vpopmail", "pw_name") == "PRIMARY"
    assert facts().engine("vpopmail") == ("MyISAM" if store.kind == "handmade" else "InnoDB")


@pytest.mark.stores("many", "perdomain", "sqlite")
def test_dropped_when_a_statement_proves_it_wrong(store: Store) -> None:
    schema.ensure_table("dir_control")
    assert facts().has_table("dir_control")
    execute("DROP TABLE dir_control")
    assert facts().has_table("dir_control"), "believed for a while"
    with pytest.raises(DatabaseError):
        execute("SELECT cur_users FROM dir_control")
    assert not facts().has_table("dir_control")


@pytest.mark.stores("many")
def test_a_column_made_later_is_seen(store: Store) -> None:
    schema.ensure_table("vpopmail")
    assert not facts().clear_passwords
    execute("ALTER TABLE vpopmail ADD pw_clear_passwd VARCHAR(128)")
    with pytest.raises(DatabaseError):
        execute("SELECT nothing FROM vpopmail")
    assert facts().clear_passwords


def _described(store: Store, table: str) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in store.rows(f"SHOW COLUMNS FROM `{table}`")]


@pytest.mark.stores("many", "perdomain", "clear")
def test_tables_are_made_as_vpopmail_makes_them(store: Store) -> None:
    assign(store, ("example.com", "example.com"))
    names = {"many": "vpopmail", "clear": "vpopmail", "perdomain": "example_com"}
    tables = [names[store.kind], "dir_control", "lastauth", "aliasdomains"]
    tables += ["valias", "limits"] if store.kind != "clear" else []
    made = {}
    for table in tables:
        schema.create_table(table)
        schema.create_table(table)  # IF NOT EXISTS
        made[table] = (_described(store, table), _keys(store, table))
        execute(f"DROP TABLE `{table}`")
    for statement in recorded.ddl(store.build):
        execute(statement)
    for table in tables:
        assert made[table] == (_described(store, table), _keys(store, table))


def _keys(store: Store, table: str) -> list[tuple[Any, ...]]:
    rows = store.rows(f"SHOW INDEX FROM `{table}`")
    return sorted(
        (row["Key_name"], row["Seq_in_index"], row["Column_name"], row["Non_unique"]) for row in rows
    )


@pytest.mark.stores("many")
def test_only_vpopmails_tables_and_those_of_domains_are_made(store: Store) -> None:
    with pytest.raises(ValueError):
        schema.create_table("vlog")


@pytest.mark.stores("sqlite")
def test_the_embedded_store(store: Store) -> None:
    (store.home / "include" / "vpopmail_config.h").unlink()
    connections["vpopmail"].close()
    path = store.home / "domains" / "_vpopmail.sqlite"
    path.unlink(missing_ok=True)
    schema.reset()
    assert schema.create_embedded_store()
    assert path.stat().st_mode & 0o777 == 0o600
    names = {row["name"] for row in store.rows("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert names == {"vpopmail", "dir_control", "lastauth", "valias", "aliasdomains"}
    assert "pw_clear_passwd" not in facts().columns("vpopmail")
    assert (facts().aliases, facts().limits, facts().layout) == ("sql", "files", "many-domains")
    accounts(store, "example.com", ["alice"])
    assert not schema.create_embedded_store()
    assert accounts_of("example.com").count() == 1


@pytest.mark.stores("many")
def test_no_embedded_store_on_mariadb(store: Store) -> None:
    assert not schema.create_embedded_store()


def test_table_names() -> None:
    expected = {
        "example.com": "example_com",
        "a-b.com": "a_b_com",
        "a.b.com": "a_b_com",
        "123.45": "123_45",
        "x`; drop.com": "x___drop_com",
    }
    assert {domain: schema.table_of(domain) for domain in expected} == expected

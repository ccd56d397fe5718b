"""Limits from the table, from the domain's file, from the defaults."""

import os

import pytest

from tests.store import GID, UID, Store
from tests.vpopmail.people import assign, execute
from vpopmail import flags, limits, schema


def write_own(store: Store, text: str) -> None:
    path = store.directory("example.com") / ".qmailadmin-limits"
    path.write_text(text)
    path.chmod(0o600)
    if os.geteuid() == 0:
        os.chown(path, UID, GID)


@pytest.mark.stores("sqlite", "clear")
def test_from_the_file(store: Store) -> None:
    assign(store, ("example.com", "example.com"))
    write_own(store, "maxpopaccounts: 5\ndefault_quota: 52428800\ndefault_maxmsgcount: 1000\ndisable_pop\n")
    found = limits.read("example.com")
    assert found.own and found.source == "file" and found["maxpopaccounts"] == 5 and found["maxaliases"] == -1
    assert found.default_quota == "52428800S,1000C"
    assert found.flags == flags.NO_POP
    assert found.fingerprint and "sha256" in found.fingerprint
    assert limits.columns() == limits.COLUMNS


@pytest.mark.stores("many", "perdomain", "old")
def test_from_the_table_by_name(store: Store) -> None:
    assign(store, ("example.com", "example.com"))
    assert not limits.read("example.com").own, "no table yet, or no row"
    schema.ensure_table("limits")
    execute(
        "INSERT INTO limits (domain, maxpopaccounts, defaultquota, perm_maillist, perm_quota) VALUES "
        "('example.com', 7, 1048576, 3, 1)"
    )
    found = limits.read("example.com")
    assert (found.source, found["maxpopaccounts"], found["perm_maillist"], found["perm_quota"]) == (
        "sql",
        7,
        3,
        1,
    )
    assert found.default_quota == "1048576S"


@pytest.mark.stores("many")
def test_columns_an_older_table_lacks(store: Store) -> None:
    assign(store, ("example.com", "example.com"))
    schema.ensure_table("limits")
    execute("ALTER TABLE limits DROP COLUMN disable_maildrop")
    schema.reset()
    execute("INSERT INTO limits (domain, maxaliases) VALUES ('example.com', 3)")
    assert "disable_maildrop" not in limits.columns()
    found = limits.read("example.com")
    assert found["disable_maildrop"] == 0 and found["maxaliases"] == 3


@pytest.mark.stores("sqlite", "many")
def test_the_defaults(store: Store) -> None:
    assign(store, ("example.com", "example.com"))
    found = limits.read("example.com")
    assert (found.source, found.default_quota, found["maxpopaccounts"]) == ("none", "NOQUOTA", -1)
    (store.home / "etc" / "vlimits.default").write_text("maxpopaccounts\t\t3\n#quota 5\ndefault_quota 1000\n")
    found = limits.read("example.com")
    assert (found.source, found.own, found.default_quota, found["maxpopaccounts"]) == (
        "default",
        False,
        "1000S",
        3,
    )
    assert found["diskquota"] == 0


@pytest.mark.stores("sqlite")
def test_a_default_quota_that_no_row_can_hold(store: Store) -> None:
    assign(store, ("example.com", "example.com"))
    write_own(store, "default_quota: 10000000000000\ndefault_maxmsgcount: 10000\n")
    assert limits.read("example.com").default_quota == "NOQUOTA"

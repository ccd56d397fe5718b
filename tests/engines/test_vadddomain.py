"""vadddomain: a domain appears as a whole or not at all."""

import pytest

from tests.engines.cast import (
    KINDS,
    MD5,
    account,
    add_domain,
    counter,
    execute,
    fail_at_every_step,
    names,
    row,
)
from tests.store import Store
from vpopmail.engines import get_engine
from vpopmail.engines.base import Refused
from vpopmail.schema import schema


@pytest.mark.stores("sqlite", "many", "perdomain")
@pytest.mark.ways("in-process", "command", "socket")
def test_rows_directory_and_control_files(store: Store) -> None:
    get_engine().vadddomain("example.com", account("postmaster", gecos="Postmaster"), entry="entry1")
    found = row(store, "postmaster")
    assert found["pw_dir"] == f"{store.directory('example.com')}/postmaster"
    assert (found["pw_passwd"], found["pw_gecos"], found["pw_shell"]) == (MD5, "Postmaster", "NOQUOTA")
    assert (store.directory("example.com") / "postmaster/Maildir/cur").is_dir()
    default = (store.directory("example.com") / ".qmail-default").read_text()
    assert default == f"| {store.home}/bin/vdelivermail '' bounce-no-mailbox\n"
    assert store.control("rcpthosts") == "example.com\nmailhost.test\n"
    assert store.control("virtualdomains") == "example.com:example.com\n"
    assert counter(store) == 1


@pytest.mark.parametrize(
    ("unknown", "argument"),
    [("delete", "delete"), ("info@example.com", "info@example.com"), ("bounce", "bounce-no-mailbox")],
)
def test_what_happens_to_unknown_recipients(store: Store, unknown: str, argument: str) -> None:
    add_domain(unknown=unknown)
    default = (store.directory("example.com") / ".qmail-default").read_text()
    assert default.endswith(f"vdelivermail '' {argument}\n")


@pytest.mark.stores(*KINDS)
def test_a_failure_at_any_step_leaves_nothing(store: Store) -> None:
    add_domain("first.example")
    steps = fail_at_every_step(
        store, lambda: get_engine().vadddomain("example.com", account("postmaster", quota="1000S"))
    )
    assert steps > 5
    assert names(store) == ["postmaster"]


@pytest.mark.stores("perdomain")
def test_a_failure_drops_the_table_it_made_and_no_other(store: Store) -> None:
    add_domain("a-b.com", "alice")
    with pytest.raises(Refused):
        add_domain("a.b.com")
    assert names(store, "a-b.com") == ["alice", "postmaster"]
    with pytest.raises(Refused):
        add_domain("dir.control")
    assert counter(store, "a-b.com") == 2


def test_what_exists_is_refused_and_stays(store: Store) -> None:
    add_domain("example.com", "alice")
    get_engine().vaddaliasdomain("example.com", "alias.example")
    for name in ("example.com", "alias.example"):
        with pytest.raises(Refused):
            add_domain(name)
    assert names(store) == ["alice", "postmaster"]
    assert counter(store, f"dom_{store.environ['VPOPMAIL_UID']}") == 1


def test_a_directory_with_mail_is_not_taken_over(store: Store) -> None:
    mail = store.directory("example.com") / "alice/Maildir/new"
    mail.mkdir(parents=True)
    (mail / "1").write_text("precious")
    with pytest.raises(Refused):
        add_domain()
    assert (mail / "1").read_text() == "precious"
    assert store.control("assign") in ("", ".\n")


@pytest.mark.stores("many", "sqlite")
def test_the_hundredth_domain_goes_into_a_hash_directory(store: Store) -> None:
    add_domain("first.example")
    uid = store.environ["VPOPMAIL_UID"]
    execute("UPDATE dir_control SET cur_users = 99 WHERE domain = %s", [f"dom_{uid}"])
    add_domain("hundred.example", "alice")
    directory = store.home / "domains/0/hundred.example"
    assert row(store, "alice", "hundred.example")["pw_dir"] == f"{directory}/alice"
    assert f":{directory}:" in store.control("assign")
    get_engine().vdeldomain("hundred.example")
    assert not directory.exists()
    assert counter(store, f"dom_{uid}") == 99


@pytest.mark.stores("many", "perdomain", "sqlite", "clear")
def test_optional_tables_are_made_as_vpopmail_makes_them(store: Store) -> None:
    assert not schema().has_table("lastauth")
    add_domain()
    assert schema().has_table("lastauth")
    assert schema().has_table("limits") == (schema().limits == "sql")
    assert schema().has_table("aliasdomains") == (store.kind != "perdomain")


@pytest.mark.stores("many", "perdomain")
def test_a_former_life_of_the_name_leaves_no_trace_in_the_counter(store: Store) -> None:
    add_domain()
    get_engine().vdeldomain("example.com")
    execute("INSERT INTO dir_control (domain, cur_users, the_dir) VALUES ('example.com', 250, '1')")
    add_domain()
    assert store.rows("SELECT cur_users, the_dir FROM dir_control WHERE domain = 'example.com'") == [
        {"cur_users": 1, "the_dir": ""}
    ]

"""A deleted domain brought back under another name, beside the new domain of its own."""

import pytest

from tests.engines.cast import KINDS, account, add_domain, fail_at_every_step, names, row
from tests.engines.test_restore_domain import ENTRY, deleted
from tests.fidelity import snapshot
from tests.store import Store
from vpopmail import trash
from vpopmail.aliases import get_alias
from vpopmail.engines import get_engine
from vpopmail.engines.base import Refused

NEW = "old-example.org"


def prepared(store: Store) -> str:
    """example.com deleted and there anew; a line and a file of the deleted one that name its directory."""
    add_domain("first.example")
    home = store.home / "domains/example.com"

    def before_deletion() -> None:
        get_engine().valias_insert("example.com", "box", f"{home}/alice/Maildir/")
        (home / "alice/.qmail").write_text(f"{home}/alice/Maildir/\n&bob@example.com\n")
        (home / ".qmail-default").write_text(f"| {store.home}/bin/vdelivermail '' {home}/bob\n")

    deleted(store, before_deletion)
    add_domain("example.com", "carol")
    get_engine().vaddaliasdomain("first.example", "alias.example")
    return str(home)


@pytest.mark.stores(*KINDS)
def test_everything_has_the_new_name(store: Store) -> None:
    prepared(store)
    said = " ".join(get_engine().restore_domain(ENTRY, name=NEW).warnings)
    home = store.directory(NEW)
    assert names(store, NEW) == ["alice", "bob", "postmaster"] and names(store) == ["carol", "postmaster"]
    assert row(store, "alice", NEW)["pw_dir"] == f"{home}/alice"
    assert sorted(found["pw_passwd"] for found in store.accounts(NEW)) == sorted(store.hashes)
    assert (home / "alice/Maildir/new/1").read_text() == "precious"
    assert (home / "alice/.qmail").read_text() == f"{home}/alice/Maildir/\n&bob@example.com\n"
    assert f"'' {home}/bob" in (home / ".qmail-default").read_text()
    assert [line.line for line in get_alias(NEW, "box")] == [f"{home}/alice/Maildir/"]
    assert [line.line for line in get_alias(NEW, "sales")] == ["&away@elsewhere.example"]
    assert NEW in store.control("rcpthosts") and f"+{NEW}-:{NEW}" in store.control("assign")
    assert f"{NEW}:{NEW}" in store.control("virtualdomains")
    assert "alias.example" in said and "alice/.qmail" in said
    assert "+alias.example-:first.example" in store.control("assign")
    assert store.rows("SELECT cur_users FROM dir_control WHERE domain = %s", [NEW])[0]["cur_users"] == 3
    assert not trash.page().rows


@pytest.mark.ways("command", "socket")
@pytest.mark.stores("many", "perdomain")
def test_in_every_way_to_the_helper(store: Store) -> None:
    prepared(store)
    get_engine().restore_domain(ENTRY, name=NEW)
    assert names(store, NEW) == ["alice", "bob", "postmaster"]


@pytest.mark.stores("sqlite", "perdomain", "handmade")
def test_a_failure_at_any_step_leaves_it_in_the_trash(store: Store) -> None:
    prepared(store)
    assert fail_at_every_step(store, lambda: get_engine().restore_domain(ENTRY, name=NEW)) > 15
    assert names(store, NEW) == ["alice", "bob", "postmaster"]


@pytest.mark.stores("sqlite", "perdomain")
def test_a_name_that_is_taken_or_its_own_alias_is_refused(store: Store) -> None:
    prepared(store)
    before = snapshot.take(store)
    for name in ("other.example", "example.com", "alias.example", "no domain"):
        with pytest.raises(Refused):
            get_engine().restore_domain(ENTRY, name=name)
    assert snapshot.take(store) == before


@pytest.mark.stores("sqlite")
def test_a_mailbox_whose_path_would_be_too_long_is_refused(store: Store) -> None:
    add_domain("example.com")
    get_engine().vadduser("example.com", account("a" * 30))
    get_engine().vdeldomain("example.com", entry=ENTRY)
    before = snapshot.take(store)
    room = 140 - len(f"{store.home}/domains/")  # so that postmaster's path is short enough
    labels = ["x" * 20] * (room // 21)
    name = ".".join(labels) + "x" * (room - len(".".join(labels)) - 4) + ".org"
    with pytest.raises(Refused, match="longer than vpopmail"):
        get_engine().restore_domain(ENTRY, name=name)
    assert snapshot.take(store) == before

"""A deleted domain merged into the new domain of its name: nothing of the new one is changed."""

import pytest

from tests.engines.cast import KINDS, account, add_domain, counter, fail_at_every_step, names, row, set_values
from tests.engines.test_restore_domain import ENTRY
from tests.fidelity import snapshot
from tests.store import Store
from vpopmail import trash
from vpopmail.aliases import get_alias
from vpopmail.engines import get_engine
from vpopmail.engines.base import NotFound, Refused

OLD, NEW = "$1$abcdefgh$" + "o" * 22, "$1$abcdefgh$" + "n" * 22
DOMAIN = "example.com"


def message(store: Store, name: str, folder: str = "new/1", text: str = "precious") -> None:
    path = store.directory(DOMAIN) / name / "Maildir" / folder
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def prepared(store: Store) -> None:
    """alice and bob deleted with their domain, and the domain anew with another bob."""
    add_domain("other.example", "alice")
    add_domain(DOMAIN)
    get_engine().vadduser(DOMAIN, account("alice", password_hash=OLD, gecos="Alice", quota="1000000S"))
    get_engine().vadduser(DOMAIN, account("bob", password_hash=OLD))
    for alias, line in (("sales", "&old@elsewhere.example"), ("bob", "&old@elsewhere.example")):
        get_engine().valias_insert(DOMAIN, alias, line)
    get_engine().vmoddomlimits(DOMAIN, {"maxaliases": 3})
    for alias in ("alias.example", "taken.example"):
        get_engine().vaddaliasdomain(DOMAIN, alias)
    message(store, "alice")
    message(store, "bob", text="old")
    get_engine().vdeldomain(DOMAIN, with_alias_domains=True, entry=ENTRY)
    add_domain(DOMAIN)
    get_engine().vadduser(DOMAIN, account("bob", password_hash=NEW))
    get_engine().valias_insert(DOMAIN, "sales", "&new@elsewhere.example")
    get_engine().vmoddomlimits(DOMAIN, {"maxaliases": 7})
    get_engine().vaddaliasdomain("other.example", "taken.example")
    message(store, "bob", text="new")


def mail_of_bob(store: Store) -> list[str]:
    return sorted(file.read_text() for file in (store.directory(DOMAIN) / "bob/Maildir/new").iterdir())


def lines(alias: str) -> list[str]:
    return sorted(line.line for line in get_alias(DOMAIN, alias))


@pytest.mark.stores(*KINDS)
def test_what_is_gone_comes_back_and_what_stands_gets_its_mail(store: Store) -> None:
    prepared(store)
    before = row(store, "bob")
    outcome = get_engine().restore_domain(ENTRY, merge=True)
    said = " ".join(outcome.warnings)
    assert names(store) == ["alice", "bob", "postmaster"]
    assert row(store, "alice")["pw_passwd"] == OLD and row(store, "alice")["pw_gecos"] == "Alice"
    assert row(store, "bob") == before
    home = store.directory(DOMAIN)
    assert (home / "alice/Maildir/new/1").read_text() == "precious"
    assert mail_of_bob(store) == ["new", "old"]
    assert lines("sales") == ["&new@elsewhere.example", "&old@elsewhere.example"]
    assert lines("bob") == [] and "bob" in said
    assert "+alias.example-:example.com" in store.control("assign")
    assert "+taken.example-:other.example" in store.control("assign") and "taken.example" in said
    assert "limits" in said
    assert counter(store) == 3
    assert not [found for found in trash.page().rows if found.recorded]
    with pytest.raises(Refused):
        get_engine().restore_domain(ENTRY, merge=True)


@pytest.mark.ways("command", "socket")
@pytest.mark.stores("many", "perdomain")
def test_in_every_way_to_the_helper(store: Store) -> None:
    prepared(store)
    get_engine().restore_domain(ENTRY, merge=True)
    assert names(store) == ["alice", "bob", "postmaster"]


@pytest.mark.stores("sqlite", "perdomain", "handmade")
def test_a_failure_before_the_mail_is_merged_leaves_all_in_the_trash(store: Store) -> None:
    prepared(store)
    message(store, "bob", text="new")
    for file in (store.home / f"domains/.vqweb-trash/{ENTRY}").rglob("new/1"):
        if file.read_text() == "old":
            file.unlink()  # merging cannot be taken back: there is nothing to merge
    assert fail_at_every_step(store, lambda: get_engine().restore_domain(ENTRY, merge=True)) > 10
    assert names(store) == ["alice", "bob", "postmaster"]


@pytest.mark.stores("sqlite")
def test_mail_that_cannot_be_merged_stays_and_is_merged_later(store: Store) -> None:
    prepared(store)
    set_values(store, "bob", pw_dir="/elsewhere/bob")
    said = " ".join(get_engine().restore_domain(ENTRY, merge=True).warnings)
    assert "elsewhere" in said
    set_values(store, "bob", pw_dir=str(store.directory(DOMAIN) / "bob"))
    get_engine().restore_domain(ENTRY, merge=True)
    assert mail_of_bob(store) == ["new", "old"]
    assert counter(store) == 3


@pytest.mark.stores("sqlite")
def test_without_a_domain_of_the_name_there_is_nothing_to_merge_into(store: Store) -> None:
    add_domain(DOMAIN)
    get_engine().vdeldomain(DOMAIN, entry=ENTRY)
    before = snapshot.take(store)
    with pytest.raises(NotFound):
        get_engine().restore_domain(ENTRY, merge=True)
    add_domain("other.example")
    get_engine().vaddaliasdomain("other.example", DOMAIN)
    with pytest.raises(NotFound):
        get_engine().restore_domain(ENTRY, merge=True)
    assert before


@pytest.mark.stores("sqlite", "many", "perdomain", "handmade")
def test_one_account_out_of_the_whole_domain(store: Store) -> None:
    prepared(store)
    with pytest.raises(Refused):
        get_engine().restore_account(ENTRY, account="bob")
    with pytest.raises(NotFound):
        get_engine().restore_account(ENTRY, account="nobody")
    get_engine().restore_account(ENTRY, account="bob", name="bob.old")
    home = store.directory(DOMAIN)
    assert (home / "bob.old/Maildir/new/1").read_text() == "old"
    assert row(store, "bob.old")["pw_passwd"] == OLD and row(store, "bob.old")["pw_dir"] == f"{home}/bob.old"
    assert lines("bob.old") == ["&old@elsewhere.example"] and lines("bob") == []
    get_engine().restore_account(ENTRY, account="alice")
    assert (home / "alice/Maildir/new/1").read_text() == "precious"
    assert counter(store) == 4
    assert trash.find(ENTRY).recorded


@pytest.mark.stores("sqlite", "perdomain")
def test_one_accounts_mail_out_of_the_whole_domain(store: Store) -> None:
    prepared(store)
    get_engine().restore_account(ENTRY, account="bob", merge=True)
    assert mail_of_bob(store) == ["new", "old"]
    assert row(store, "bob")["pw_passwd"] == NEW


@pytest.mark.stores("sqlite", "perdomain", "handmade")
def test_a_failure_at_any_step_leaves_the_account_in_the_domain(store: Store) -> None:
    prepared(store)
    change = lambda: get_engine().restore_account(ENTRY, account="alice")  # noqa: E731
    assert fail_at_every_step(store, change) > 5
    assert names(store) == ["alice", "bob", "postmaster"]

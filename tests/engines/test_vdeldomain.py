"""vdeldomain: qmail first, then rows, the directory into the trash last; a failure leaves the domain as it
was."""

import json
from pathlib import Path

import pytest

from tests.engines.cast import KINDS, add_domain, counter, execute, fail_at_every_step, names
from tests.fidelity import snapshot
from tests.store import Store
from vpopmail import helper
from vpopmail.engines import get_engine
from vpopmail.engines.base import NotFound, Refused


def _fill(store: Store) -> None:
    """A domain with everything in it, and a neighbour of which nothing may go."""
    add_domain("other.example", "alice")
    add_domain("example.com", "alice", "bob")
    for domain in ("example.com", "other.example"):
        get_engine().valias_insert(domain, "sales", "&away@elsewhere.example")
        get_engine().vmoddomlimits(domain, {"maxaliases": 3})
        get_engine().vaddaliasdomain(domain, f"alias.{domain}")


@pytest.mark.stores("sqlite", "many", "perdomain")
@pytest.mark.ways("in-process", "command", "socket")
def test_everything_of_the_domain_goes_and_nothing_else(store: Store) -> None:
    add_domain("other.example", "alice")
    get_engine().valias_insert("other.example", "sales", "&away@elsewhere.example")
    without = snapshot.take(store)
    add_domain("example.com", "alice", "bob")
    get_engine().vaddaliasdomain("example.com", "alias.example")
    get_engine().valias_insert("example.com", "sales", "&away@elsewhere.example")
    get_engine().vmoddomlimits("example.com", {"maxaliases": 3})
    (store.directory("example.com") / "alice/Maildir/new/1").write_text("precious")
    outcome = get_engine().vdeldomain("example.com", with_alias_domains=True, entry="entry1")
    assert snapshot.take(store) == without | {"rows": _with_made_tables(without, store)}
    assert outcome.trash == f"{store.home}/domains/.vqweb-trash/entry1" and outcome.kept_until
    assert (Path(outcome.trash) / "example.com/alice/Maildir/new/1").read_text() == "precious"


def _with_made_tables(state: snapshot.State, store: Store) -> dict[str, object]:
    """Tables that the changes made stay, empty."""
    return {table: [] for table in snapshot.take(store)["rows"]} | state["rows"]


@pytest.mark.stores("many", "perdomain", "sqlite")
def test_the_rows_lie_beside_the_directory(store: Store) -> None:
    _fill(store)
    outcome = get_engine().vdeldomain("example.com", with_alias_domains=True)
    lines = [json.loads(line) for line in (Path(outcome.trash) / "record.jsonl").read_text().splitlines()]
    kept = {(line["table"], line["row"].get("pw_name") or line["row"].get("alias")) for line in lines}
    table = "example_com" if store.kind == "perdomain" else "vpopmail"
    assert {(table, "alice"), (table, "bob"), (table, "postmaster"), ("valias", "sales")} <= kept
    assert ("aliasdomains", "alias.example.com") in kept


@pytest.mark.stores(*KINDS)
def test_a_failure_at_any_step_leaves_the_domain(store: Store) -> None:
    _fill(store)
    steps = fail_at_every_step(store, lambda: get_engine().vdeldomain("example.com", with_alias_domains=True))
    assert steps > 10
    assert names(store, "other.example") == ["alice", "postmaster"]
    assert "example.com" not in store.control("assign").replace("other.example", "")


def test_with_alias_domains_it_is_refused_unless_told_so(store: Store) -> None:
    _fill(store)
    before = snapshot.take(store)
    with pytest.raises(Refused) as refusal:
        get_engine().vdeldomain("example.com")
    assert "alias.example.com" in refusal.value.message
    assert snapshot.take(store) == before


def test_an_unknown_domain_is_not_found(store: Store) -> None:
    with pytest.raises(NotFound):
        get_engine().vdeldomain("nowhere.example")


@pytest.mark.stores(*KINDS)
def test_an_alias_domain_goes_alone(store: Store) -> None:
    add_domain("example.com", "alice")
    before = snapshot.take(store)
    get_engine().vaddaliasdomain("example.com", "alias.example")
    get_engine().vdeldomain("alias.example")
    assert snapshot.take(store) == before | {"rows": _with_made_tables(before, store)}


@pytest.mark.stores(*KINDS)
def test_a_failure_at_any_step_leaves_the_alias_domain(store: Store) -> None:
    add_domain("example.com", "alice")
    get_engine().vaddaliasdomain("example.com", "alias.example")
    assert fail_at_every_step(store, lambda: get_engine().vdeldomain("alias.example")) > 3
    assert "alias.example" not in store.control("assign")


@pytest.mark.stores("many", "perdomain", "sqlite")
def test_rows_under_an_alias_name_stay_as_with_vpopmail(store: Store) -> None:
    _fill(store)
    execute(
        "INSERT INTO valias (alias, domain, valias_line) VALUES ('x', 'alias.example.com', '&a@b.example')"
    )
    get_engine().vdeldomain("example.com", with_alias_domains=True)
    assert store.rows("SELECT domain FROM valias WHERE alias = 'x'") == [{"domain": "alias.example.com"}]


def test_a_missing_directory_is_said(store: Store) -> None:
    import shutil

    add_domain()
    shutil.rmtree(store.directory("example.com"))
    outcome = get_engine().vdeldomain("example.com")
    assert str(store.directory("example.com")) in " ".join(outcome.warnings)
    assert "example.com" not in store.control("assign")
    assert counter(store, f"dom_{store.environ['VPOPMAIL_UID']}") == 0


@pytest.mark.stores("many", "sqlite")
def test_mail_is_no_longer_accepted_before_rows_go(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    add_domain("example.com", "alice")
    real, seen = helper.call, []

    def call(verb: str, **args: object) -> dict[str, object]:
        seen.append((verb, names(store)))
        return real(verb, **args)

    monkeypatch.setattr(helper, "call", call)
    get_engine().vdeldomain("example.com")
    order = [
        (verb, len(rows)) for verb, rows in seen if verb in ("disconnect_domain", "record", "park_domain")
    ]
    assert order == [("disconnect_domain", 2), ("record", 2), ("park_domain", 0)]


@pytest.mark.stores("perdomain")
def test_the_table_of_another_domain_is_never_dropped(store: Store) -> None:
    add_domain("a-b.com", "alice")
    with pytest.raises(NotFound):
        get_engine().vdeldomain("a.b.com")
    assert names(store, "a-b.com") == ["alice", "postmaster"]

"""What people are told when the database or an inverse fails, and that nothing is left locked or open."""

from collections.abc import Callable
from unittest import mock

import pytest
from django.db import DataError, IntegrityError, InterfaceError, OperationalError, connections

from mailhost.errors import HelperError
from tests.engines.cast import account, add_domain, names, row
from tests.fidelity import snapshot
from tests.store import Store
from vpopmail import helper
from vpopmail.engines import get_engine
from vpopmail.engines.base import Incomplete, Refused, Unavailable
from vpopmail.engines.native.errors import translate
from vpopmail.engines.native.undo import Undo


@pytest.mark.parametrize(
    ("error", "kind", "field"),
    [
        (DataError(1406, "Data too long for column 'pw_gecos' at row 1"), Refused, "gecos"),
        (
            DataError(1366, "Incorrect string value: 'x' for column `d`.`t`.`pw_gecos` at row 1"),
            Refused,
            "gecos",
        ),
        (OperationalError(1267, "Illegal mix of collations"), Refused, ""),
        (DataError(1264, "Out of range value for column 'perm_maillist' at row 1"), Refused, ""),
        (IntegrityError(1062, "Duplicate entry 'a' for key 'PRIMARY'"), Refused, ""),
        (IntegrityError("UNIQUE constraint failed: vpopmail.pw_name"), Refused, ""),
        (OperationalError(2006, "Server has gone away"), Unavailable, ""),
        (OperationalError(1205, "Lock wait timeout exceeded"), Unavailable, ""),
        (OperationalError(1142, "UPDATE command denied"), Unavailable, ""),
        (OperationalError(1114, "The table is full"), Unavailable, ""),
        (OperationalError(1146, "Table 'x' doesn't exist"), Unavailable, ""),
        (OperationalError("database is locked"), Unavailable, ""),
        (OperationalError("attempt to write a readonly database"), Unavailable, ""),
        (InterfaceError(0, ""), Unavailable, ""),
    ],
)
def test_errors_of_the_database_in_words(error: Exception, kind: type, field: str) -> None:
    told = translate(error)
    assert type(told) is kind and told.field == field
    assert told.message.endswith(".") and "Duplicate" not in told.message


@pytest.mark.stores("sqlite", "many", "handmade")
def test_when_taking_back_fails_too_people_are_told_what_is_left(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_domain()
    real = helper.call

    def call(verb: str, **args: object) -> dict[str, object]:
        if verb in ("connect_domain", "unmake_domain"):
            raise Unavailable("The disk is full.")
        return real(verb, **args)

    monkeypatch.setattr(helper, "call", call)
    with pytest.raises(Incomplete) as incomplete:
        get_engine().vadddomain("new.example", account("postmaster"))
    message = incomplete.value.message
    assert "The disk is full." in message and str(store.directory("new.example")) in message
    assert names(store, "new.example") == [] if store.kind != "perdomain" else True


@pytest.mark.stores("many", "perdomain", "handmade")
@pytest.mark.parametrize("happened", [True, False])
@pytest.mark.parametrize("change", ["vadduser", "vdeluser", "vadddomain", "vdeldomain", "vmoduser", "valias"])
def test_a_commit_whose_answer_was_lost_is_taken_back(store: Store, happened: bool, change: str) -> None:
    add_domain("example.com", "bob")
    engine = get_engine()
    engine.vaddaliasdomain("example.com", "alias.example")
    engine.valias_insert("example.com", "sales", "&a@elsewhere.example")
    changes = {
        "vadduser": lambda: engine.vadduser("example.com", account("alice")),
        "vdeluser": lambda: engine.vdeluser("example.com", "bob"),
        "vadddomain": lambda: engine.vadddomain("new.example", account("postmaster")),
        "vdeldomain": lambda: engine.vdeldomain("example.com", with_alias_domains=True),
        "vmoduser": lambda: engine.vmoduser("example.com", "bob", gecos="New", set_flags=3),
        "valias": lambda: engine.valias_delete("example.com", "sales"),
    }
    before = snapshot.take(store)
    for number in range({"vdeldomain": 2}.get(change, 1)):
        _lose_commit(number, happened, changes[change])
        assert snapshot.take(store) == before, f"commit {number}"


def _lose_commit(number: int, happened: bool, change: Callable[[], object]) -> None:
    """Run a change whose commit of that number is not answered; taking back commits in peace."""
    connection, seen = connections["vpopmail"], []
    real = connection._commit

    def commit() -> None:
        seen.append(True)
        if len(seen) != number + 1:
            return real()
        if happened:
            real()
        raise OperationalError(2013, "Lost connection to server during query")

    with mock.patch.object(connection, "_commit", commit), pytest.raises(Unavailable):
        change()
    assert len(seen) > number


@pytest.mark.stores("many")
def test_an_answer_of_the_helper_that_was_lost_is_asked_for_again(store: Store) -> None:
    add_domain()
    real, lost = helper.client().call, []

    def call(verb: str, **args: object) -> dict[str, object]:
        answer = real(verb, **args)
        if verb in ("take_slots", "make_mailboxes", "check_park", "park_mailbox") and verb not in lost:
            lost.append(verb)
            raise HelperError("gone", "it ended without an answer")
        return answer

    with mock.patch.object(helper.client(), "call", call):
        get_engine().vadduser("example.com", account("alice"))
        assert names(store) == ["alice", "postmaster"]
        assert get_engine().vdeluser("example.com", "alice").trash
    assert len(lost) == 4 and names(store) == ["postmaster"]


def test_inverses_run_from_the_last_to_the_first_and_all_of_them() -> None:
    undo, order = Undo(), []
    undo.push("first", lambda: order.append(1))
    undo.push("second", lambda: (_ for _ in ()).throw(OperationalError(2006, "gone")))
    undo.push("third", lambda: order.append(3))
    with pytest.raises(Incomplete) as incomplete:
        undo.run(Refused("Because."))
    assert order == [3, 1]
    assert "Because." in incomplete.value.message and "second" in incomplete.value.message


def test_a_rollback_takes_back_only_what_is_transactional() -> None:
    undo = Undo()
    for table in ("", "inno", "myisam"):
        undo.push(table, lambda: None, table)
    undo.forget(0, lambda table: table == "inno")
    assert [step.what for step in undo.stack] == ["", "myisam"]


@pytest.mark.stores("many", "perdomain")
def test_no_lock_outlives_a_change(store: Store) -> None:
    add_domain()
    with pytest.raises(Refused):
        get_engine().vadduser("example.com", account("x"))
    other = connections["vpopmail"].copy()
    try:
        with other.cursor() as cursor:
            from vpopmail.engines.native.work import lock_name

            cursor.execute("SELECT GET_LOCK(%s, 0)", [lock_name("example.com")])
            assert cursor.fetchone() == (1,)
    finally:
        other.close()


@pytest.mark.stores("many")
def test_a_domain_somebody_else_is_changing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from vpopmail.engines.native import work

    add_domain()
    monkeypatch.setattr(work, "LOCK_TIMEOUT", 0)
    other = connections["vpopmail"].copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT GET_LOCK(%s, 0)", [work.lock_name("example.com")])
            with pytest.raises(Unavailable):
                get_engine().vadduser("example.com", account("alice"))
            cursor.execute("SELECT RELEASE_LOCK(%s)", [work.lock_name("example.com")])
    finally:
        other.close()
    get_engine().vadduser("example.com", account("alice"))
    assert names(store) == ["alice", "postmaster"]


@pytest.mark.stores("many", "perdomain")
def test_the_database_goes_away_and_comes_back(store: Store) -> None:
    add_domain()
    assert store.mariadb is not None
    store.mariadb.stop()
    try:
        for change in (
            lambda: get_engine().vadduser("example.com", account("alice")),
            lambda: get_engine().vpasswd("example.com", "postmaster", "$1$abcdefgh$" + "z" * 22),
            lambda: get_engine().vdeldomain("example.com"),
        ):
            with pytest.raises(Unavailable):
                change()
            connections["vpopmail"].close()
    finally:
        store.mariadb.start()
    assert not (store.directory("example.com") / "alice").exists()
    assert "example.com" in store.control("rcpthosts")
    get_engine().vadduser("example.com", account("alice"))
    assert row(store, "alice")

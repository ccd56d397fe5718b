"""What people are told when the database or an inverse fails, and that nothing is left locked or open."""

import pytest
from django.db import DataError, IntegrityError, InterfaceError, OperationalError, connections

from tests.engines.cast import account, add_domain, names, row
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
        (DataError(1366, "Incorrect string value: 'x' for column `d`.`t`.`pw_gecos` at row 1"), Refused, "gecos"),
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

"""Another program rewrites the same row or file between our read and our write."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.conf import settings
from django.db import connections

from tests.engines.cast import SHA512, account, add_domain, names, row, set_values
from tests.faults.base import CHANGES
from tests.store import Store
from vpopmail import helper, schema
from vpopmail.aliases import get_alias
from vpopmail.engines import get_engine
from vpopmail.engines.base import Changed


@contextmanager
def before_statement(start: str, act: Callable[[], object]) -> Iterator[None]:
    """`act` once, just before our first statement that begins so."""
    left = [True]

    def wrapper(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if left and sql.startswith(start):
            left.clear()
            act()
        return execute(sql, params, many, context)

    connection = connections["vpopmail"]
    connection.ensure_connection()
    with connection.execute_wrapper(wrapper):
        yield
    assert not left, f"no statement begins with {start}"


def elsewhere(store: Store, statement: str) -> Callable[[], object]:
    """A statement on a connection of its own."""

    def run() -> None:
        assert store.mariadb is not None
        link = store.mariadb.connect(store.database)
        link.cursor().execute(statement)
        link.close()

    return run


SAME_ROW = {
    "vmoduser": ("pw_gecos = 'Theirs', pw_gid = 64", {"pw_gecos": "Theirs", "pw_gid": 64}),
    "vsetuserquota": ("pw_shell = '77S'", {"pw_shell": "77S"}),
    "vpasswd": (f"pw_passwd = '{SHA512}'", {"pw_passwd": SHA512}),
}


@pytest.mark.stores("handmade")
@pytest.mark.parametrize("change", SAME_ROW)
def test_the_same_row(example: Store, change: str) -> None:
    """MyISAM locks no rows: the old value in our WHERE is what keeps theirs."""
    values, expected = SAME_ROW[change]
    theirs = elsewhere(example, f"UPDATE vpopmail SET {values} WHERE pw_name = 'bob'")
    with before_statement("UPDATE", theirs), pytest.raises(Changed):
        CHANGES[change]()
    found = row(example, "bob")
    assert {column: found[column] for column in expected} == expected
    CHANGES[change]()


@pytest.mark.stores("handmade")
def test_a_password_changed_just_before_the_account_is_deleted(example: Store) -> None:
    theirs = elsewhere(example, f"UPDATE vpopmail SET pw_passwd = '{SHA512}' WHERE pw_name = 'bob'")
    with before_statement("DELETE FROM `vpopmail`", theirs), pytest.raises(Changed):
        CHANGES["vdeluser"]()
    assert row(example, "bob")["pw_passwd"] == SHA512
    assert (example.directory("example.com") / "bob" / "Maildir").is_dir()
    CHANGES["vdeluser"]()
    assert names(example) == ["postmaster"]


@pytest.mark.stores("many", "perdomain", "sqlite")
def test_other_columns_of_the_same_row_are_kept(example: Store) -> None:
    """Who saw an old page writes only what they changed."""
    set_values(example, "bob", pw_shell="77S")
    CHANGES["vmoduser"]()
    assert row(example, "bob")["pw_shell"] == "77S"


@contextmanager
def before_call(verb: str, act: Callable[[], object]) -> Iterator[None]:
    """`act` once, just before the helper is asked for the verb."""
    real, left = helper.call, [True]

    def call(name: str, /, *, entry: str = "", **args: Any) -> dict[str, Any]:
        if left and name == verb:
            left.clear()
            act()
        return real(name, entry=entry, **args)

    with mock.patch.object(helper, "call", call):
        yield
    assert not left, f"{verb} was never called"


def overwrite(path: Path, text: str) -> Callable[[], object]:
    """As another program writes: a new file under the same name, of the same owner."""

    def write() -> None:
        status = path.stat()
        temporary = path.with_name("theirs")
        temporary.write_text(text)
        os.chown(temporary, status.st_uid, status.st_gid)
        temporary.chmod(status.st_mode & 0o7777)
        temporary.rename(path)

    return write


@pytest.mark.stores("sqlite")
@pytest.mark.parametrize(
    ("change", "verb"), [("valias", "write_dotqmail"), ("valias_delete", "remove_dotqmail")]
)
def test_the_same_alias_file(store: Store, change: str, verb: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "VPOPMAIL_ALIASES", "files")
    schema.reset()
    add_domain("example.com", "bob")
    get_engine().valias_insert("example.com", "sales", "&a@elsewhere.example")
    assert get_alias("example.com", "sales")[0].store == "files"
    file = store.directory("example.com") / ".qmail-sales"
    with before_call(verb, overwrite(file, "&theirs@elsewhere.example\n")), pytest.raises(Changed):
        CHANGES[change]()
    assert file.read_text() == "&theirs@elsewhere.example\n"
    CHANGES[change]()


@pytest.mark.stores("sqlite")
def test_the_same_limits_file(example: Store) -> None:
    file = example.directory("example.com") / ".qmailadmin-limits"
    theirs = file.read_text().replace("maxaliases: 5", "maxaliases: 6")
    with before_call("write_limits", overwrite(file, theirs)), pytest.raises(Changed):
        CHANGES["vmoddomlimits"]()
    assert file.read_text() == theirs
    CHANGES["vmoddomlimits"]()


def add_lines_as_vpopmail_does(qmail: Path, count: int) -> None:
    """In another process: lock, read, insert a line in front of the last one, rename, compile, unlock."""
    from tests.fake_qmail import newu

    for number in range(count):
        with open(qmail / "users" / "assign.lock", "a") as lock:
            fcntl.lockf(lock, fcntl.LOCK_EX)
            path = qmail / "users" / "assign"
            lines = path.read_text().splitlines()[:-1]
            lines = sorted(
                [*lines, f"+theirs{number:03d}.example-:theirs{number:03d}.example:89:89:/nowhere:-::"]
            )
            temporary = path.with_name(f"assign.theirs{os.getpid()}")
            temporary.write_text("\n".join([*lines, "."]) + "\n")
            temporary.rename(path)
            newu(str(qmail))


@pytest.mark.stores("many", "sqlite")
def test_the_same_assign_file(store: Store) -> None:
    """No line of either is lost, and the compiled file has them all."""
    from mailhost import qmail

    count = 15
    add_domain()
    connections.close_all()
    child = os.fork()
    if child == 0:
        add_lines_as_vpopmail_does(store.qmail, count)
        os._exit(0)
    helper.reset()
    for number in range(count):
        get_engine().vadddomain(f"ours{number:03d}.example", account("postmaster"))
    assert os.waitpid(child, 0)[1] == 0
    expected = [f"{who}{number:03d}.example" for who in ("ours", "theirs") for number in range(count)]
    compiled = (store.qmail / "users" / "cdb").read_bytes()
    for name in expected:
        assert f"+{name}-:" in store.control("assign")
        assert qmail.read_cdb(compiled, f"!{name}-".encode()) is not None, name

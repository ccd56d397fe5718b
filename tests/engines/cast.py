"""Accounts, hashes and ready-made domains of the engine's tests, and a fault that strikes at every step in
turn."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

from django.db import OperationalError, connections

from tests.fidelity import snapshot
from tests.store import Store
from vpopmail import helper
from vpopmail.engines import get_engine
from vpopmail.engines.base import NewAccount, Outcome, VpopmailError

SHA512 = "$6$abcdefgh$" + "x" * 86
MD5 = "$1$abcdefgh$" + "x" * 22  # fits the narrow columns of 5.4
KINDS = ("sqlite", "many", "perdomain", "handmade", "old", "clear")
MOST_STEPS = 200


def account(name: str, **more: Any) -> NewAccount:
    return NewAccount(name, more.pop("password_hash", MD5), **more)


def add_domain(name: str = "example.com", *names: str, unknown: str = "bounce") -> None:
    """A domain with its postmaster and accounts of these names."""
    get_engine().vadddomain(name, account("postmaster"), unknown=unknown)
    for one in names:
        get_engine().vadduser(name, account(one))


def counter(store: Store, name: str = "example.com") -> int:
    return store.rows("SELECT cur_users FROM dir_control WHERE domain = %s", [name])[0]["cur_users"]


def execute(statement: str, params: Any = ()) -> None:
    """A statement as another program would run it."""
    with connections["vpopmail"].cursor() as cursor:
        cursor.execute(statement, params)


def set_values(store: Store, name: str, domain: str = "example.com", **values: Any) -> None:
    """Change columns of an account's row behind the panel's back."""
    table = domain.replace(".", "_").replace("-", "_") if store.kind == "perdomain" else "vpopmail"
    scope = "" if store.kind == "perdomain" else f" AND pw_domain = '{domain}'"
    changes = ", ".join(f"{column} = %s" for column in values)
    execute(f"UPDATE {table} SET {changes} WHERE pw_name = %s{scope}", [*values.values(), name])


def row(store: Store, name: str, domain: str = "example.com") -> dict[str, Any]:
    return next(found for found in store.accounts(domain) if found["pw_name"] == name)


def names(store: Store, domain: str = "example.com") -> list[str]:
    return [found["pw_name"] for found in store.accounts(domain)]


class Fault:
    """Fails the step number `at`, once: a verb of the helper, a statement or a commit; what takes back
    goes on unharmed."""

    def __init__(self, at: int) -> None:
        self.left, self.struck = at, ""

    def strike(self, what: str) -> bool:
        self.left -= 1
        if self.left != -1:
            return False
        self.struck = what
        return True

    def call(self, verb: str, *, entry: str = "", **args: Any) -> dict[str, Any]:
        if self.strike(verb):
            raise helper.Unavailable("the helper fails")
        return _real_call(verb, entry=entry, **args)

    def statement(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if self.strike(sql.split("WHERE")[0][:120]):
            raise OperationalError(1205, "the statement fails")
        return execute(sql, params, many, context)

    def commit(self) -> None:
        if self.strike("COMMIT"):
            raise OperationalError(1205, "the commit fails")
        self.real_commit()

    @contextmanager
    def active(self) -> Iterator[None]:
        connection = connections["vpopmail"]
        connection.ensure_connection()
        self.real_commit = connection._commit
        with ExitStack() as stack:
            stack.enter_context(mock.patch.object(helper, "call", self.call))
            stack.enter_context(mock.patch.object(connection, "_commit", self.commit))
            stack.enter_context(connection.execute_wrapper(self.statement))
            yield


_real_call = helper.call


def fail_at_every_step(store: Store, change: Callable[[], Outcome]) -> int:
    """Run the change with its first, second, … step failing; each time the former state must be back. The
    number of steps.

    It ends when the change succeeds: with a fault in its last, harmless steps, or without any.
    """
    before = snapshot.take(store)
    for step in range(MOST_STEPS):
        fault = Fault(step)
        try:
            with fault.active():
                change()
        except VpopmailError as error:
            assert fault.struck, f"step {step}: {error}"
            assert snapshot.take(store) == before, f"step {step} ({fault.struck}) left something behind"
        else:
            return step
    raise AssertionError("the change never succeeds")

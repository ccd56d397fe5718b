"""The process that brings something back is killed at every step: recovery and at most one repetition leave
the state as if it had not been."""

import os
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections

from accounts import services as accounts
from audit.models import Entry
from domains import services as domains
from server import trash_services
from tests.engines.cast import account
from tests.engines.test_restore_account import without_ids
from tests.fidelity import snapshot
from tests.store import Store, forget
from vpopmail import helper, trash
from vpopmail.engines import get_engine

MOST = 60


def killed_at(step: int, key: str) -> bool:
    """Restore in a process of its own that dies before its call or statement number `step`; did it?"""
    forget()
    connections.close_all()
    pid = os.fork()
    if pid == 0:
        left = step
        real = helper.call

        def count() -> None:
            nonlocal left
            left -= 1
            if left < 0:
                os._exit(9)

        def call(verb: str, **args: Any) -> Any:
            count()
            return real(verb, **args)

        def statement(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            count()
            return execute(sql, params, many, context)

        try:
            helper.call = call
            with connections["vpopmail"].execute_wrapper(statement):
                trash_services.restore(actor=None, key=key)
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, 9), f"step {step}"
    forget()
    return code == 9


def go_through(store: Store, delete: Any) -> int:
    before = without_ids(snapshot.take(store))
    for step in range(MOST):
        delete()
        key = Entry.objects.filter(action__in=("vdeluser", "vdeldomain")).latest("id").key
        stopped = killed_at(step, key)
        call_command("recover", verbosity=0)
        if trash.page().rows:
            trash_services.restore(actor=None, key=key)
        assert without_ids(snapshot.take(store)) == before, f"killed at step {step}"
        assert not Entry.objects.filter(state="started").exists()
        if not stopped:
            return step
    raise AssertionError("it never ends")


@pytest.mark.stores("sqlite", "many", "handmade")
def test_an_account(store: Store, admin: Any) -> None:
    domains.add_domain(actor=None, domain="example.com", password="Correct-Horse-7")
    get_engine().vadduser("example.com", account("alice", gecos="Alice", quota="1000000S"))
    get_engine().valias_insert("example.com", "alice", "&away@elsewhere.example")
    (store.directory("example.com") / "alice/Maildir/new/1").write_text("precious")

    def delete() -> None:
        accounts.delete_account(actor=None, domain="example.com", name="alice", aliases="delete")

    assert go_through(store, delete) > 10


@pytest.mark.stores("sqlite", "many", "perdomain", "handmade")
def test_a_domain(store: Store, admin: Any) -> None:
    domains.add_domain(
        actor=None, domain="example.com", password="Correct-Horse-7", alias_domains=["example.net"]
    )
    get_engine().vadduser("example.com", account("alice"))
    get_engine().valias_insert("example.com", "sales", "&away@elsewhere.example")

    def delete() -> None:
        domains.delete_domain(actor=None, domain="example.com", with_alias_domains=True)

    assert go_through(store, delete) > 20

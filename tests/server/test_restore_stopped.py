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
from vpopmail.aliases import get_alias
from vpopmail.engines import get_engine

MOST = 60


def killed_at(step: int, key: str, **how: Any) -> bool:
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
                trash_services.restore(actor=None, key=key, **how)
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


def prepare_beside(store: Store, number: int) -> str:
    """A domain with alice and bob, deleted, and there anew with another bob; the key of the deletion."""
    if number:
        for domain in ("old.example", "example.com"):
            if domain in store.control("rcpthosts"):
                domains.delete_domain(actor=None, domain=domain, with_alias_domains=True)
    domains.add_domain(
        actor=None, domain="example.com", password="Correct-Horse-7", alias_domains=["example.net"]
    )
    for name in ("alice", "bob"):
        get_engine().vadduser("example.com", account(name))
    get_engine().valias_insert("example.com", "sales", "&away@elsewhere.example")
    (store.directory("example.com") / "alice/Maildir/new/1").write_text("precious")
    (store.directory("example.com") / "bob/Maildir/new/1").write_text("old")
    domains.delete_domain(actor=None, domain="example.com", with_alias_domains=True)
    key = Entry.objects.filter(action="vdeldomain").latest("id").key
    domains.add_domain(actor=None, domain="example.com", password="Correct-Horse-7")
    get_engine().vadduser("example.com", account("bob", password_hash="$1$abcdefgh$" + "y" * 22))
    (store.directory("example.com") / "bob/Maildir/new/2").write_text("new")
    return key


def everything(store: Store) -> dict[str, Any]:
    """What stands, without hashes of passwords, which differ from time to time; and the mail."""
    mail = sorted(
        (str(path.relative_to(store.home)), path.read_text())
        for path in (store.home / "domains").rglob("Maildir/new/*")
        if ".vqweb-trash" not in path.parts
    )
    accounts_now = {
        domain: [(row["pw_name"], row["pw_dir"], row["pw_gecos"]) for row in store.accounts(domain)]
        for domain in ("example.com", "old.example")
        if domain in store.control("rcpthosts")
    }
    counted = store.rows("SELECT domain, cur_users FROM dir_control ORDER BY domain")
    counters = [row for row in counted if not row["domain"].startswith("dom_")]
    aliases = sorted(line.line for domain in accounts_now for line in get_alias(domain, "sales"))
    control = [sorted(store.control(name).splitlines()) for name in ("assign", "rcpthosts", "virtualdomains")]
    return {
        "mail": mail,
        "accounts": accounts_now,
        "counters": counters,
        "aliases": aliases,
        "control": control,
    }


def stop_beside(store: Store, **how: Any) -> int:
    """At every second step, which keeps the run short; the state is that of a restore that ran to its end."""
    key = prepare_beside(store, 0)
    trash_services.restore(actor=None, key=key, **how)
    wanted = everything(store)
    for number in range(1, MOST):
        key = prepare_beside(store, number)
        stopped = killed_at(2 * number - 1, key, **how)
        call_command("recover", verbosity=0)
        if everything(store) != wanted:
            trash_services.restore(actor=None, key=key, **how)
        assert everything(store) == wanted, f"killed at step {2 * number - 1}"
        assert not Entry.objects.filter(state="started").exists()
        if not stopped:
            return number
    raise AssertionError("it never ends")


@pytest.mark.stores("sqlite", "perdomain")
def test_a_domain_that_is_merged(store: Store, admin: Any) -> None:
    assert stop_beside(store, merge=True) > 8


@pytest.mark.stores("sqlite", "perdomain")
def test_a_domain_under_another_name(store: Store, admin: Any) -> None:
    assert stop_beside(store, name="old.example") > 8


@pytest.mark.stores("sqlite")
def test_an_account_out_of_a_domain(store: Store, admin: Any) -> None:
    assert stop_beside(store, account="alice") > 5

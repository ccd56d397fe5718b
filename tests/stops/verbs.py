"""The verbs that are stopped, each on a mail host that has everything it needs to change or delete."""

import os
from collections.abc import Callable
from typing import Any

from accounts import services as accounts
from aliasdomains import services as aliasdomains
from domains import services as domains
from tests.engines.cast import MD5, account
from tests.store import GID, UID, Store
from vpopmail.schema import schema

Verb = Callable[[], Any]
LAW = "example.com"
VERBS: dict[str, Verb] = {
    "vadddomain": lambda: domains.add_domain(
        actor=None, domain="new.example", password_hash=MD5, alias_domains=["new-alias.example"]
    ),
    "vdeldomain": lambda: domains.delete_domain(actor=None, domain=LAW, with_alias_domains=True),
    "vaddaliasdomain": lambda: aliasdomains.add_alias_domain(actor=None, real=LAW, alias="more.example"),
    "vdelaliasdomain": lambda: aliasdomains.delete_alias_domain(actor=None, alias="alias.example"),
    "vadduser": lambda: accounts.add_account(
        actor=None, domain=LAW, name="dora", password_hash=MD5, quota="1MB"
    ),
    "vaddusers": lambda: accounts.add_accounts(
        actor=None, domain=LAW, accounts=[account("eve"), account("finn"), account("gus")]
    ),
    "vdeluser": lambda: accounts.delete_account(actor=None, domain=LAW, name="carol", aliases="delete"),
    "vpasswd": lambda: accounts.change_password(
        actor=None, domain=LAW, name="bob", password_hash="$1$abcdefgh$" + "z" * 22
    ),
    "vmoduser": lambda: accounts.change_account(
        actor=None, domain=LAW, name="bob", gecos="Bob B.", set_flags=3
    ),
    "vsetuserquota": lambda: accounts.change_quota(actor=None, domain=LAW, name="bob", quota="2MB"),
    "valias_insert": lambda: accounts.add_alias(
        actor=None, domain=LAW, alias="new", line="&a@elsewhere.example"
    ),
    "valias_remove": lambda: accounts.remove_alias(
        actor=None, domain=LAW, alias="sales", line="&b@elsewhere.example"
    ),
    "valias_delete": lambda: accounts.delete_alias(actor=None, domain=LAW, alias="sales"),
    "vmoddomlimits": lambda: domains.change_limits(actor=None, domain=LAW, changes={"maxaliases": 7}),
    "vdellimits": lambda: domains.delete_limits(actor=None, domain=LAW),
}
MARKED = ("bob", "carol", "postmaster")


def prepare(store: Store) -> None:
    """Two domains, accounts in and beside hash directories, aliases, limits, marked mail, a free place."""
    domains.add_domain(actor=None, domain="other.example", password_hash=MD5)
    domains.add_domain(actor=None, domain=LAW, password_hash=MD5, alias_domains=["alias.example"])
    accounts.add_account(actor=None, domain=LAW, name="bob", password_hash=MD5, quota="1MB")
    _free(store, "0\n")
    accounts.add_account(actor=None, domain=LAW, name="carol", password_hash=MD5)
    _free(store, "1\n")
    for alias, line in (
        ("sales", "&a@x.example"),
        ("sales", "&b@elsewhere.example"),
        ("carol", "&c@x.example"),
    ):
        accounts.add_alias(actor=None, domain=LAW, alias=alias, line=line, beside_account=True)
    accounts.add_alias(actor=None, domain="other.example", alias="sales", line="&a@x.example")
    domains.change_limits(actor=None, domain=LAW, changes={"maxaliases": 9})
    for name in MARKED:
        [new] = store.directory(LAW).glob(f"**/{name}/Maildir/new")
        (new / "1.marked").write_text(f"marked for {name}")
        os.chown(new / "1.marked", UID, GID)


def _free(store: Store, text: str) -> None:
    if schema().big_dir:
        path = store.directory(LAW) / ".dir_control_free"
        path.write_text(text)
        for file in path.parent.glob(".dir_control_free*"):
            os.chown(file, UID, GID)
        path.chmod(0o644)


def marked(store: Store) -> set[str]:
    """The marked messages that are somewhere: in mailboxes or in the trash."""
    return {path.read_text() for path in store.home.glob("domains/**/*.marked")} | {
        path.read_text() for path in store.home.glob("domains/.vqweb-trash/**/*.marked")
    }


def undeliverable(store: Store) -> list[str]:
    """Names that qmail accepts mail for without being able to deliver it."""
    accepted = set(store.control("rcpthosts").split()) | set(store.control("morercpthosts").split())
    virtual = set(store.control("virtualdomains").split())
    lines = {
        line.split(":")[0][1:-1]: line.split(":")[4]
        for line in store.control("assign").splitlines()
        if line.startswith("+")
    }
    return [
        name
        for name in accepted - {"mailhost.test"}
        if f"{name}:{name}" not in virtual
        or not os.path.exists(f"{lines.get(name, '/nowhere')}/.qmail-default")
    ]

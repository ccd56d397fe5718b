"""The verbs that are stopped, each on a mail host that has everything it needs to change or delete."""

import os
from collections.abc import Callable
from typing import Any

from accounts import services as accounts
from aliasdomains import services as aliasdomains
from domains import services as domains
from mailhost.qmail import read_cdb
from server import trash_services
from tests.engines.cast import MD5, account
from tests.fake_qmail import newmrh
from tests.store import GID, UID, Store
from vpopmail import trash
from vpopmail.engines.base import NotFound
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
    "restore_account": lambda: restore("dave@example.com"),
    "merge_account": lambda: restore("erin@example.com", merge=True),
    "restore_domain": lambda: restore("gone.example"),
    "merge_domain": lambda: restore("twice.example", merge=True),
}
NAMES = {"new.example", "new-alias.example", "more.example", LAW, "alias.example"}
MARKED = ("bob", "carol", "postmaster")
FILLER = [f"host{number:02d}.example" for number in range(50)]  # with these rcpthosts is full


def restore(target: str, merge: bool = False) -> Any:
    found = [row.source for row in trash.page().rows if row.target == target and row.may_come_back]
    if not found:
        raise NotFound("It is no longer in the trash.")
    return trash_services.restore(actor=None, key=found[0], merge=merge)


def prepare(store: Store, verb: str) -> None:
    """Two domains, accounts in and beside hash directories, aliases, limits, marked mail, a free place; what
    the verb brings back is in the trash."""
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
        _mark(store, LAW, name)
    if verb in _DELETED:
        _free(store, "0\n")  # a directory that others are in, which stays
        _DELETED[verb](store)
    _know_hosts(store)


def _mark(store: Store, domain: str, name: str) -> None:
    [new] = store.directory(domain).glob(f"**/{name}/Maildir/new")
    text = f"marked for {name}@{domain}, the {len(marked(store))}th"
    message = new / f"{len(marked(store))}.marked"
    message.write_text(text)
    os.chown(message, UID, GID)


def _know_hosts(store: Store) -> None:
    """What is added is a local name yet; on some hosts rcpthosts is full, and new names go elsewhere."""
    control = store.qmail / "control"
    local = ["gone.example", "mailhost.test", "more.example", "new.example"]
    (control / "locals").write_text("".join(f"{name}\n" for name in local))
    if store.kind in ("many", "handmade"):
        names = store.control("rcpthosts").split()
        (control / "rcpthosts").write_text("".join(f"{name}\n" for name in [*FILLER, "mailhost.test"]))
        names.remove("mailhost.test")
        (control / "morercpthosts").write_text("".join(f"{name}\n" for name in names))
        (control / "morercpthosts").chmod(0o644)
        newmrh(str(store.qmail))


def _deleted_account(store: Store, name: str) -> None:
    accounts.add_account(actor=None, domain=LAW, name=name, password_hash=MD5, quota="1MB")
    accounts.add_alias(actor=None, domain=LAW, alias=name, line="&d@x.example", beside_account=True)
    _mark(store, LAW, name)
    accounts.delete_account(actor=None, domain=LAW, name=name, aliases="delete")


def _deleted_domain(store: Store, domain: str) -> None:
    alias = f"alias-{domain}"
    domains.add_domain(actor=None, domain=domain, password_hash=MD5, alias_domains=[alias])
    accounts.add_account(actor=None, domain=domain, name="dave", password_hash=MD5)
    accounts.add_alias(actor=None, domain=domain, alias="sales", line="&d@x.example")
    _mark(store, domain, "dave")
    domains.delete_domain(actor=None, domain=domain, with_alias_domains=True)


def _made_anew(store: Store, name: str) -> None:
    _deleted_account(store, name)
    accounts.add_account(actor=None, domain=LAW, name=name, password_hash=MD5)
    _mark(store, LAW, name)


def _domain_made_anew(store: Store, domain: str) -> None:
    _deleted_domain(store, domain)
    domains.add_domain(actor=None, domain=domain, password_hash=MD5)
    _mark(store, domain, "postmaster")


_DELETED: dict[str, Callable[[Store], None]] = {
    "restore_account": lambda store: _deleted_account(store, "dave"),
    "merge_account": lambda store: _made_anew(store, "erin"),
    "restore_domain": lambda store: _deleted_domain(store, "gone.example"),
    "merge_domain": lambda store: _domain_made_anew(store, "twice.example"),
}


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
    """Names that qmail accepts mail for without being able to deliver it: qmail-smtpd by rcpthosts and
    morercpthosts.cdb, qmail-send by virtualdomains and locals, qmail-lspawn by users/cdb."""
    accepted = set(store.control("rcpthosts").split()) | _compiled(store, "control/morercpthosts.cdb", "{}")
    delivered = set(store.control("virtualdomains").split())
    local = set(store.control("locals").split())
    found = _users(store)
    return [
        name
        for name in sorted(accepted - {"mailhost.test", *FILLER})
        if f"{name}:{name}" not in delivered
        or name in local
        or not os.path.exists(f"{found.get(name, '/nowhere')}/.qmail-default")
    ]


def _names(store: Store) -> set[str]:
    """Every name that any of the files could be about."""
    files = ("rcpthosts", "morercpthosts", "virtualdomains", "assign")
    text = "\n".join(store.control(name) for name in files)
    return {part.strip("+-") for part in text.replace(":", "\n").split("\n")} | NAMES


def _compiled(store: Store, path: str, form: str) -> set[str]:
    file = store.qmail / path
    data = file.read_bytes() if file.exists() else b""
    return {name for name in _names(store) if data and read_cdb(data, form.format(name).encode()) is not None}


def _users(store: Store) -> dict[str, str]:
    """The directory that users/cdb has for each name."""
    data = (store.qmail / "users" / "cdb").read_bytes()
    return {
        name: read_cdb(data, f"!{name}-".encode()).split(b"\0")[3].decode()
        for name in _compiled(store, "users/cdb", "!{}-")
    }

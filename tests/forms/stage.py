"""Two domains to open every page of: one in which everything is set, one in which nothing is; and all that a
form could change."""

import os
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.db import connections
from django.test import Client

from accounts import forwarding_services, robot_services, vacation_services
from accounts import services as accounts
from accounts.models import Grant, User
from accounts.vacation_state import Wanted
from aliasdomains import services as aliasdomains
from audit.models import Entry
from domains import delivery_services
from domains import services as domains
from server import ip_map_services
from tests.accounts.vacation import install
from tests.routes import ROUTES
from tests.store import Store
from vpopmail import assigned

PASSWORD = "Tulip-Harbour-42"
FULL, BARE = "example.com", "bare.example"
# What is written by looking: when a session was last seen, and guesses of passwords.
_BY_LOOKING = {"django_session", "accounts_signedin", "accounts_guess", "sqlite_sequence"}
# The files of the store itself, and locks, which are there to be opened.
_NO_FILES = ("_vpopmail.sqlite", ".lock", ".lck")


class Stage:
    """`people`: a browser for each; `arguments`: for tests.routes, by domain."""

    def __init__(self, store: Store, admin: Any) -> None:
        self.store, self.admin = store, admin
        install(store, "autorespond")
        for domain in (FULL, BARE):
            domains.add_domain(actor=admin, domain=domain, password=PASSWORD)
            for name in ("anna", "bob"):
                accounts.add_account(actor=admin, domain=domain, name=name, password=PASSWORD)
            accounts.add_alias(actor=admin, domain=domain, alias="info", line=f"&anna@{domain}")
            answer = robot_services.Wanted("Öffnungszeiten", "Immer.\n", (f"anna@{domain}",))
            robot_services.add_autoresponder(actor=admin, domain=domain, name="answers", wanted=answer)
        self._set_everything()
        self._trash()
        self.arguments = {FULL: self._of(FULL), BARE: self._of(BARE)}
        self.people: dict[str, Client] = {"superuser": _signed_in(admin)}
        for address in (f"postmaster@{FULL}", f"anna@{FULL}", f"anna@{BARE}"):
            self.people[address] = _by_password(address)

    def _set_everything(self) -> None:
        actor, anna = self.admin, {"domain": FULL, "name": "anna"}
        aliasdomains.add_alias_domain(actor=actor, real=FULL, alias="example.net")
        accounts.change_account(actor=actor, **anna, gecos="Anna  A. ", set_flags=0x4000_0092)
        accounts.change_quota(actor=actor, **anna, quota="1500000S,1000C")
        wanted = Wanted("Away: ünterwegs", "Back soon.\n\n-- \nAnna\n", last_day=date.today() + timedelta(9))
        vacation_services.set_vacation(actor=actor, **anna, wanted=wanted)
        forwarding_services.change_forwarding(
            actor=actor, **anna, destinations=["a@x.example", "b@y.example"], keeps_copy=True
        )
        accounts.add_alias(actor=actor, domain=FULL, alias="info", line="a@x.example")
        domains.change_limits(
            actor=actor, domain=FULL, changes={"maxaliases": 9, "disable_pop": 1, "maxforwards": 0}
        )
        delivery_services.change_delivery(actor=actor, domain=FULL, unknown=f"anna@{FULL}")
        ip_map_services.add_ip_map(actor=actor, ip="192.0.2.7", domain=FULL)
        clerk = User.objects.create_user("clerk", email="clerk@example.org", confined=True)
        Grant.objects.create(user=clerk, domain=FULL, given_by="admin")

    def _trash(self) -> None:
        accounts.change_account(actor=self.admin, domain=FULL, name="bob", gecos="Bob")
        self.changed = Entry.objects.latest("id").key
        accounts.add_account(actor=self.admin, domain=FULL, name="gone", password=PASSWORD)
        accounts.delete_account(actor=self.admin, domain=FULL, name="gone")
        self.deleted = Entry.objects.latest("id").key

    def _of(self, domain: str) -> dict[str, str]:
        keys = dict.fromkeys(("trash-entry key", "restore key", "empty-trash key"), self.deleted)
        keys |= dict.fromkeys(("activity-entry key", "revert-entry key"), self.changed)
        keys |= dict.fromkeys(("administrator key", "administrator-password key"), "clerk")
        return {**keys, "domain": domain}

    def addresses(self) -> list[str]:
        """Of all pages, in both domains."""
        found = {route.address(arguments) for route in ROUTES for arguments in self.arguments.values()}
        return sorted(found - {"/sign-out/"})

    def everything(self) -> dict[str, Any]:
        """Rows of both databases, and each file with its mode, times and number: what must stay as it is."""
        assigned.domains()
        return {**_rows(self.store), **_panel_rows(), **_files(self.store.home), **_files(self.store.qmail)}


def differences(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    return [
        f"{name}: {one.get(name)!r} → {other.get(name)!r}"[:400]
        for name in sorted({*one, *other})
        if one.get(name) != other.get(name)
    ]


def _signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _by_password(address: str) -> Client:
    client = Client()
    answer = client.post("/sign-in/", {"username": address, "password": PASSWORD})
    assert answer.status_code == 302, address
    return client


def _tables(fetch: Callable[[str], list[Any]], sqlite: bool) -> list[str]:
    if sqlite:
        return [name for (name,) in fetch("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return [name for (name,) in fetch("SHOW TABLES")]


def _rows(store: Store) -> dict[str, Any]:
    return _all_rows("vpopmail", store.kind == "sqlite")


def _panel_rows() -> dict[str, Any]:
    return _all_rows("default", connections["default"].vendor == "sqlite")


def _all_rows(alias: str, sqlite: bool) -> dict[str, Any]:
    with connections[alias].cursor() as cursor:

        def fetch(statement: str) -> list[Any]:
            cursor.execute(statement)
            return list(cursor.fetchall())

        quote = connections[alias].ops.quote_name
        return {
            f"{alias} {table}": sorted(map(repr, fetch(f"SELECT * FROM {quote(table)}")))
            for table in _tables(fetch, sqlite)
            if table not in _BY_LOOKING
        }


def _files(root: Path) -> dict[str, Any]:
    found = {}
    for directory, names, files in os.walk(root):
        for name in [*names, *files]:
            path = Path(directory, name)
            if not any(part in name for part in _NO_FILES):
                status = path.lstat()
                times = (status.st_mtime_ns, status.st_size, status.st_ino) if name in files else ()
                found[str(path)] = (oct(status.st_mode), status.st_uid, *times)
    return found

"""A server with one of everything, and in every text that comes from tables, files, logs and the outside an
HTML element that must never become one.
"""

import os
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db import connections
from django.utils import timezone

from accounts import services as accounts
from accounts.models import Grant, SignedIn, User
from aliasdomains import services as aliasdomains
from audit.models import Entry
from domains import services as domains
from tests.fake_ezmlm import put_list
from tests.store import GID, UID, Store
from tests.vpopmail.sign_in_log import log, make

PASSWORD = "Tulip-Harbour-42"


def canary(name: str) -> str:
    """An element that shows itself in any context that forgets to escape: text, attribute, script."""
    return f"\"'><img src=x onerror={name}>"


def short(name: str) -> str:
    """The same for narrow columns and for places where quotes are not possible."""
    return f"<img onerror={name}>"


class Scenery:
    """What was made; `arguments` are those of tests.routes for things that have keys."""

    def __init__(self, store: Store, admin: Any) -> None:
        self.store, self.admin = store, admin
        self.arguments: dict[str, str] = {}
        self._people()
        self._trash()
        self._tables()
        self._files()
        self._journal()
        self._administrators()

    def user(self, who: str) -> User:
        """The "viewer", an administrator who may look at everything; the "postmaster" of example.com; the
        "owner" of anna's mailbox. Their password is PASSWORD."""
        if who == "viewer":
            user = User.objects.create_user("viewer", password=PASSWORD)
            user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
            return user
        name = {"postmaster": "postmaster", "owner": "anna"}[who]
        found = User.objects.of_mailbox(name, "example.com")
        assert found is not None
        return found

    def _people(self) -> None:
        domains.add_domain(actor=self.admin, domain="example.com", password=PASSWORD)
        aliasdomains.add_alias_domain(actor=self.admin, real="example.com", alias="example.net")
        for name in ("anna", "bob", "gone", "odd"):
            accounts.add_account(
                actor=self.admin,
                domain="example.com",
                name=name,
                password=PASSWORD,
                gecos=f"\"'><img src=x onerror=gecos-{name}>"[:64],
            )
        for line in ("&bob@example.com", "&somebody@elsewhere.example"):
            accounts.add_alias(actor=self.admin, domain="example.com", alias="info", line=line)
        accounts.change_quota(actor=self.admin, domain="example.com", name="anna", quota="2 GB")
        self.arguments["revert-entry key"] = Entry.objects.latest("id").key

    def _trash(self) -> None:
        accounts.delete_account(actor=self.admin, domain="example.com", name="gone")
        entry = Entry.objects.latest("id")
        entry.actor_name = canary("trash-actor")
        entry.save()
        for route in ("trash-entry", "restore", "empty-trash"):
            self.arguments[f"{route} key"] = entry.key

    def _sql(self, statement: str, *params: object) -> None:
        if connections["vpopmail"].vendor == "mysql":
            statement = "SET STATEMENT sql_mode = '' FOR " + statement.replace('"', "`")
        with connections["vpopmail"].cursor() as cursor:
            cursor.execute(statement, params)

    def _tables(self) -> None:
        """Rows as another program may have left them; SQLite keeps any length, MariaDB the beginning."""
        self._sql(
            "UPDATE vpopmail SET pw_gecos = %s, pw_dir = %s, pw_shell = %s, pw_passwd = %s "
            "WHERE pw_name = 'odd'",
            canary("gecos"), canary("dir"), canary("shell"), canary("hash"),
        )  # fmt: skip
        self._sql(
            "INSERT INTO vpopmail "
            "(pw_name, pw_domain, pw_passwd, pw_uid, pw_gid, pw_gecos, pw_dir, pw_shell) "
            "VALUES (%s, 'example.com', '', 0, 0, %s, '', 'NOQUOTA')",
            short("name"), canary("gecos2"),
        )  # fmt: skip
        for alias, domain, line in (
            ("info", "example.com", "&" + canary("line")),
            ("info", "example.com", "| " + canary("program")),
            (short("alias"), "example.com", "&anna@example.com"),
            ("info", short("alias-domain"), "&" + canary("foreign-line")),
        ):
            self._sql(
                "INSERT INTO valias (alias, domain, valias_line) VALUES (%s, %s, %s)", alias, domain, line
            )
        self._sql("DELETE FROM lastauth WHERE user = 'anna'")
        self._sql(
            'INSERT INTO lastauth (user, domain, remote_ip, "timestamp") VALUES (%s, %s, %s, 1700000000)',
            "anna", "example.com", canary("remote-ip"),
        )  # fmt: skip
        self._log()
        self._sql(
            "INSERT INTO aliasdomains (alias, domain) VALUES (%s, %s)", short("alias-row"), short("real-row")
        )

    def _log(self) -> None:
        """What whoever tries to sign in may have typed, and tables that few servers have."""
        for table in ("vlog", "relay", "ip_alias_map"):
            make(self.store, table)
        for who in ("anna@example.com", f"{short('log-user')}@example.com"):
            log(who, 3, logon=canary("logon"), address=canary("log-ip"), message=canary("log-message"))
        self._sql('INSERT INTO relay (ip_addr, "timestamp") VALUES (%s, %s)', short("relay"), short("time"))
        for ip, domain in (("192.0.2.7", canary("ip-domain")), (short("map-ip"), "example.com")):
            self._sql("INSERT INTO ip_alias_map (ip_addr, domain) VALUES (%s, %s)", ip, domain)

    def _files(self) -> None:
        directory = self.store.directory("example.com")
        for name, text in (("office", "&" + canary("file-line")), (short("file-name"), "&anna@example.com")):
            path = directory / f".qmail-{name}"
            path.write_text(text + "\n")
            os.chown(path, UID, GID) if os.geteuid() == 0 else None
        put_list(directory, "news", canary("subscriber"), "carl@x.test")
        (directory / ".qmail-default").write_text(
            f"| {self.store.home}/bin/vdelivermail '' {canary('catch-all')}\n"
        )
        (self.store.home / "etc" / "password_strength.conf").write_text(
            f"length >= 10\npolicy = {canary('policy')}\n"
        )
        (self.store.home / "etc" / "vlimits.default").write_text(f"# {canary('vlimits')}\nmaxaliases -1\n")
        for name in ("me", "defaultdelivery", "locals", "rcpthosts", "virtualdomains"):
            path = self.store.qmail / "control" / name
            path.write_text((path.read_text() if path.exists() else "") + canary(f"control-{name}") + "\n")
        assign = self.store.qmail / "users" / "assign"
        text = assign.read_text().removesuffix(".\n")
        name, place = short("assigned"), self.store.home / "domains" / short("place")
        line = f"+{name}-:{name}:89:89:{place}:-::\n"
        assign.write_text(f"{text}{line}.\n")

    def _journal(self) -> None:
        for state in Entry.State.values:
            entry = Entry.objects.create(
                key=f"canary{state}",
                started_at=timezone.now(),
                actor_name=canary("actor"),
                address=canary("address")[:45],
                via=Entry.Via.PAGE,
                action=short("action"),
                target=canary("target"),
                domain="example.com",
                changes={canary("field"): [canary("old"), canary("new")], "lines": [canary("list")]},
                command=canary("command"),
                state=state,
                reason=canary("reason"),
                warnings=[canary("warning")],
            )
        self.arguments["activity-entry key"] = entry.key

    def _administrators(self) -> None:
        """One who is confined to a domain, in a group; somebody who is signed in with an odd browser."""
        self.admin.first_name, self.admin.email = canary("first-name"), canary("e-mail")
        self.admin.save()
        other = User.objects.create_user(canary("user-name"), confined=True, last_name=canary("last-name"))
        other.groups.add(Group.objects.create(name=canary("group")))
        Grant.objects.create(user=other, domain=canary("granted"), given_by=canary("giver"))
        now = timezone.now()
        SignedIn.objects.create(
            user=self.admin,
            session_key="a" * 32,
            started_at=now,
            seen_at=now,
            address=canary("peer"),
            agent=canary("browser"),
        )
        self.arguments["pk"] = str(other.pk)

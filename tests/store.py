"""A mail host of a test's own: homes of vpopmail and qmail, the panel's state, tables of one kind, one way
to the helper."""

import importlib
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import MySQLdb.cursors
from django.conf import settings
from django.db import connections

from tests import fake_qmail, recorded
from tests.mariadb import MariaDB

# kind of store → (recorded build whose options it has, engine of its tables or "" for an empty database)
KINDS: dict[str, tuple[str, str]] = {
    "sqlite": ("sqlite", ""),
    "many": ("many", ""),
    "perdomain": ("perdomain", ""),
    "clear": ("clear", ""),
    "old": ("old", "InnoDB"),
    "handmade": ("many", "MyISAM"),
}
VARIABLES = ("VPOPMAIL_", "QMAIL_HOME", "VQWEB_", "DATABASE_URL", "SECRET_KEY")
UID = 89 if os.geteuid() == 0 else os.geteuid()
GID = 89 if os.geteuid() == 0 else os.getegid()


class Store:
    """One mail host. `environ` is what a child process needs to work on the same one."""

    def __init__(self, kind: str, root: Path, mariadb: MariaDB | None, helper: str = "in-process") -> None:
        self.kind = kind
        self.build, self.engine = KINDS[kind]
        self.root, self.mariadb = root, mariadb
        self.home, self.qmail, self.state = root / "vpopmail", root / "qmail", root / "state"
        self.database = f"vq_{os.getpid()}_{abs(hash(root)) % 10**9}"
        self._lay_out()
        self.environ = {
            "VQWEB_STATE": str(self.state),
            "VPOPMAIL_HOME": str(self.home),
            "QMAIL_HOME": str(self.qmail),
            "VPOPMAIL_UID": str(UID),
            "VPOPMAIL_GID": str(GID),
            "SECRET_KEY": "x" * 60,
            "SIGN_IN_FLOOR_MS": "0",  # hundreds of tests sign in
            "VPOPMAIL_DATABASE_URL": self._make_database(),
        }
        self._helper(helper)

    def _lay_out(self) -> None:
        """The files that a freshly installed vpopmail and qmail have."""
        control, me = self.qmail / "control", "mailhost.test\n"
        homes = [self.home / name for name in ("domains", "etc", "include")]
        for path in (*homes, control, self.qmail / "users", self.state):
            path.mkdir(parents=True)
        for path in (self.home, self.home / "domains", self.home / "etc"):
            os.chown(path, UID, GID) if os.geteuid() == 0 else None
        for name in ("me", "locals", "rcpthosts", "defaultdomain", "plusdomain"):
            (control / name).write_text(me)
        if "DEFAULT_DELIVERY" in recorded.load("options")[self.build]:
            (control / "defaultdelivery").write_text(f"| {self.home}/bin/vdelivermail '' delete\n")
        (self.home / "include" / "vpopmail_config.h").write_text(recorded.config_header(self.build))
        fake_qmail.install(self.qmail)

    def _make_database(self) -> str:
        if self.kind == "sqlite":
            return f"sqlite:///{self.home / 'domains' / '_vpopmail.sqlite'}"
        assert self.mariadb is not None
        link = self.mariadb.connect()
        link.cursor().execute(f"CREATE DATABASE {self.database} CHARACTER SET latin1")
        if self.engine:
            link.select_db(self.database)
            for statement in recorded.ddl(self.kind, self.engine):
                link.cursor().execute(statement)
        link.close()
        return self.mariadb.url(self.database)

    def _helper(self, way: str) -> None:
        self.way, self.daemon = way, None
        if way == "in-process":
            return
        from tests import helper_process

        self.environ["VPOPMAIL_HELPER"], self.daemon = helper_process.start(way, self)

    def activate(self) -> None:
        """Point this process's Django at the store."""
        for name in [n for n in os.environ if n.startswith(VARIABLES)]:
            del os.environ[name]
        os.environ.update(self.environ)
        module = importlib.reload(sys.modules["vqweb.settings"])
        for name in dir(module):
            if name.isupper() and name not in ("ALLOWED_HOSTS", "EMAIL_BACKEND", "MIDDLEWARE", "STORAGES"):
                setattr(settings, name, getattr(module, name))
        forget()

    def rows(self, sql: str, params: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Rows by a statement of the test's own, on a connection of its own for MariaDB."""
        if self.mariadb is not None and self.kind != "sqlite":
            link = self.mariadb.connect(self.database)
            try:
                cursor = link.cursor(MySQLdb.cursors.DictCursor)
                cursor.execute(sql, params)
                return list(cursor.fetchall())
            finally:
                link.close()
        with connections["vpopmail"].cursor() as cursor:
            cursor.execute(sql.replace("`", '"'), params)
            names = [column[0] for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def accounts(self, domain: str) -> list[dict[str, Any]]:
        """The user rows of a domain as they lie in the table, ordered by name."""
        if self.kind == "perdomain":
            table = domain.replace(".", "_").replace("-", "_")
            return self.rows(f"SELECT * FROM `{table}` ORDER BY pw_name")
        return self.rows("SELECT * FROM `vpopmail` WHERE pw_domain = %s ORDER BY pw_name", [domain])

    def directory(self, domain: str) -> Path:
        return self.home / "domains" / domain

    def control(self, name: str) -> str:
        """The text of a control file, or of `users/assign`; "" when absent."""
        path = self.qmail / ("users" if name == "assign" else "control") / name
        return path.read_text() if path.exists() else ""

    def remove(self) -> None:
        if self.daemon is not None:
            self.daemon.terminate()
            self.daemon.wait(10)
        forget()
        if self.mariadb is not None and self.kind != "sqlite" and self.mariadb.process is not None:
            self.mariadb.revive()
            link = self.mariadb.connect()
            link.cursor().execute(f"DROP DATABASE {self.database}")
            link.close()
        shutil.rmtree(self.root, ignore_errors=True)


def forget() -> None:
    """Drop connections and every cache that belongs to the former store."""
    handler: Any = connections
    handler.close_all()
    for alias in list(connections.settings):
        if hasattr(handler._connections, alias):
            delattr(handler._connections, alias)
    handler.__dict__.pop("settings", None)
    handler._settings = None
    from vpopmail import assigned, helper, schema, usage

    schema.reset()
    assigned.reset()
    helper.reset()
    usage.reset()

"""After a day's work no password and no hash is anywhere but in the one column it belongs to."""

import os
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connections
from django.test import Client

from accounts.models import User
from tests.routes import ROUTES
from tests.store import Store

pytestmark = pytest.mark.stores("sqlite", "many")
SECRETS = {
    "administrator": "Admin-Lantern-71",
    "postmaster": "Postmaster-Falcon-72",
    "account": "Account-Meadow-73",
    "changed": "Changed-Copper-74",
    "rejected": "Rejected-Walnut-75",
    "own": "Own-Juniper-77",
    "wrong": "Wrong-Harbour-76",
}
_PROGRAMS = ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.spawn", "os.system")
_record: list[str] = []  # the file that the hook writes to: a hook cannot be taken away


def _hook(event: str, args: tuple[Any, ...]) -> None:
    """Every program that is started, with arguments and environment; also by forked children."""
    if _record and event in _PROGRAMS:
        descriptor = os.open(_record[0], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.write(descriptor, f"{event} {args!r}\n".encode())
        os.close(descriptor)


sys.addaudithook(_hook)


@pytest.fixture
def programs(tmp_path: Path) -> Iterator[Path]:
    _record.append(str(tmp_path / "programs"))
    yield tmp_path / "programs"
    _record.clear()


class Day:
    """What people do on a day; `pages` has the text of every answer, `hashes` every hash that ever stood."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.admin = Client()
        self.pages: list[tuple[str, str]] = []
        self.hashes: set[str] = set()
        User.objects.create_superuser("admin", password=SECRETS["administrator"])

    def post(self, path: str, client: Client | None = None, **fields: str) -> Any:
        answer = (client or self.admin).post(path, fields, follow=True)
        self._keep(f"POST {path}", answer)
        for row in self.store.accounts("example.com") if self.store.directory("example.com").exists() else ():
            self.hashes.add(row["pw_passwd"])
        return answer

    def get(self, path: str, client: Client | None = None) -> Any:
        answer = (client or self.admin).get(path)
        self._keep(path, answer)
        return answer

    def _keep(self, what: str, answer: Any) -> None:
        self.pages.append((what, answer.content.decode()))
        self.pages.append((what, str(answer.headers) + str(answer.get("Location", "")) + str(answer.request)))

    def run(self) -> None:
        at = "/domains/example.com/accounts/"
        for password in ("wrong", "administrator"):
            self.post("/sign-in/", username="admin", password=SECRETS[password])
        self.post("/domains/add/", domain="example.com", password=SECRETS["postmaster"], unknown="bounce")
        self.post(f"{at}add/", name="two words", password=SECRETS["rejected"])
        self.post("/domains/add/", domain="no domain", password=SECRETS["rejected"], unknown="bounce")
        for name in ("anna", "bob"):
            self.post(f"{at}add/", name=name, password=SECRETS["account"], gecos="Somebody")
        self.post(f"{at}anna/password/", password=SECRETS["changed"])
        self.post(f"{at}nobody/password/", password=SECRETS["rejected"])
        self.post("/sign-in/again/", password=SECRETS["wrong"])
        owner = Client()
        for password in ("wrong", "postmaster"):
            self.post("/sign-in/", owner, username="Postmaster@example.com", password=SECRETS[password])
        self.post("/me/password/", owner, old_password=SECRETS["postmaster"], password=SECRETS["own"])
        for client in (self.admin, owner):
            for route in ROUTES:
                self.get(route.address(), client)
        self.post(f"{at}bob/delete/", confirm="on")
        assert len(self.hashes) >= 3, "the day did not happen"


def sessions() -> str:
    store = import_module(settings.SESSION_ENGINE).SessionStore
    assert Session.objects.count() >= 2
    return "\n".join(str(dict(store(session.session_key).items())) for session in Session.objects.all())


def panel_tables() -> str:
    """Every row of the panel's own database, without the column that holds administrators' hashes."""
    with connections["default"].cursor() as cursor:
        found = []
        for table in connections["default"].introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            names = [column[0] for column in cursor.description]
            secret = names.index("password") if table == "accounts_user" else -1
            found += [
                f"{table}: {[value for number, value in enumerate(row) if number != secret]}"
                for row in cursor.fetchall()
            ]
    return "\n".join(found)


def own_files(store: Store) -> str:
    """The panel's state without its databases, and qmail's files; the trash is vpopmail's."""
    paths = [path for root in (store.state, store.qmail) for path in root.rglob("*") if path.is_file()]
    return "\n".join(
        path.read_bytes().decode(errors="replace") for path in paths if "sqlite" not in path.name
    )


def test_no_password_and_no_hash_is_left_anywhere(
    store: Store, programs: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    day = Day(store)
    day.run()
    hidden = {**SECRETS, "administrator's hash": User.objects.get(username="admin").password}
    hidden |= {f"hash {number}": found for number, found in enumerate(filter(None, day.hashes))}
    places = {
        "sessions": sessions(),
        "tables": panel_tables(),
        "files": own_files(store),
        "log": caplog.text,
        "output": "".join(capfd.readouterr()),
        "programs": programs.read_text() if programs.exists() else "",
        **{f"page {number} {what}": text for number, (what, text) in enumerate(day.pages)},
    }
    assert "qmail-newu" in places["programs"], "no program was seen"
    assert "anna@example.com" in places["tables"], "the journal was not read"
    found = [
        (place, what) for place, text in places.items() for what, secret in hidden.items() if secret in text
    ]
    assert found == []


@pytest.mark.stores("sqlite")
def test_the_trash_keeps_a_deleted_row_for_its_owner_only(store: Store) -> None:
    day = Day(store)
    day.run()
    records = list(store.home.rglob("record.jsonl"))
    assert records
    for record in records:
        assert record.stat().st_mode & 0o777 == 0o600
        assert record.parent.stat().st_mode & 0o077 == 0

"""The test session: Django on a store of each test's own, real MariaDB, a cast of people, headless Chromium.

A test that takes `store` runs once per kind of store: SQLite and MariaDB in both layouts, or the kinds
named by `@pytest.mark.stores("sqlite", "old")`; `@pytest.mark.ways("in-process", "command", "socket")`
repeats it for each way to the helper.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_SESSION = Path(tempfile.mkdtemp(prefix="vqweb-test-"))
(_SESSION / "state").mkdir()
os.environ["VQWEB_STATE"] = str(_SESSION / "state")
os.environ["DJANGO_SETTINGS_MODULE"] = "vqweb.settings"
os.environ["SECRET_KEY"] = "x" * 60
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright keeps an event loop in the test's thread
for _name in [n for n in os.environ if n.startswith(("VPOPMAIL_", "QMAIL_")) or n == "DATABASE_URL"]:
    del os.environ[_name]

import django  # noqa: E402

django.setup()

import pytest  # noqa: E402
from _pytest.runner import runtestprotocol  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402

from tests.mariadb import MariaDB, running  # noqa: E402
from tests.stops import table  # noqa: E402
from tests.store import Store, forget  # noqa: E402

settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
setup_test_environment()

LAYOUTS = ("sqlite", "many", "perdomain")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "stores(*kinds): kinds of store the test runs on")
    config.addinivalue_line("markers", "ways(*ways): ways to the helper the test runs with")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "store" in metafunc.fixturenames:
        kinds = next((m.args for m in metafunc.definition.iter_markers("stores")), LAYOUTS)
        ways = next((m.args for m in metafunc.definition.iter_markers("ways")), ("in-process",))
        wanted = [pytest.param((k, w), id=k if len(ways) == 1 else f"{k}-{w}") for k in kinds for w in ways]
        metafunc.parametrize("store", wanted, indirect=True)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool:
    """A test under which MariaDB itself crashed runs once more, on the server started again."""
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    crashes = MariaDB.crashes
    reports = runtestprotocol(item, nextitem=nextitem, log=False)
    if MariaDB.crashes > crashes and any(report.failed for report in reports):
        item._initrequest()  # type: ignore[attr-defined]
        reports = runtestprotocol(item, nextitem=nextitem, log=False)
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


def pytest_terminal_summary(terminalreporter: Any) -> None:
    table.write(terminalreporter)


def pytest_unconfigure() -> None:
    shutil.rmtree(_SESSION, ignore_errors=True)


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDB]:
    with running() as server:
        yield server


@pytest.fixture(scope="session")
def panel_database() -> Path:
    """The panel's own database, migrated once and copied for each store."""
    call_command("migrate", verbosity=0)
    forget()
    return _SESSION / "state" / "panel.sqlite"


@pytest.fixture
def make_store(request: pytest.FixtureRequest, panel_database: Path, tmp_path: Path) -> Iterator[Any]:
    """`make_store("many", "socket")`: a store of that kind, active, removed after the test."""
    made: list[Store] = []

    def make(kind: str, helper: str = "in-process") -> Store:
        server = None if kind == "sqlite" else request.getfixturevalue("mariadb")
        if server is not None:
            server.revive()
        made.append(Store(kind, tmp_path / f"store{len(made)}", server, helper))
        shutil.copyfile(panel_database, made[-1].state / "panel.sqlite")
        made[-1].activate()
        return made[-1]

    yield make
    for store in made:
        store.remove()


@pytest.fixture
def store(request: pytest.FixtureRequest, make_store: Any) -> Store:
    kind, helper = request.param
    return make_store(kind, helper)


@pytest.fixture
def admin(store: Store) -> Any:
    """An administrator who may do everything; the password is `admin-pass`."""
    from accounts.models import User

    return User.objects.create_superuser("admin", password="admin-pass")


@pytest.fixture
def client() -> Client:
    return Client()


@pytest.fixture
def signed_in(admin: Any) -> Client:
    """A browser in which the administrator is signed in."""
    client = Client()
    client.force_login(admin)
    return client

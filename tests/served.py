"""Fixtures of tests that need a served panel: import `panel` and `static_files` into a conftest."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.panel import ROOT, Panel, environment
from tests.store import Store


@pytest.fixture(scope="session")
def static_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The static files as they are served: collected once, hashed and compressed."""
    state = tmp_path_factory.mktemp("static")
    environ = environment({"VQWEB_STATE": str(state), "SECRET_KEY": "x" * 60}, 1)
    argv = [sys.executable, "manage.py", "collectstatic", "--no-input", "-v0"]
    subprocess.run(argv, cwd=ROOT, env=environ, check=True)
    return state / "static"


@pytest.fixture
def panel(store: Store, admin: Any, static_files: Path) -> Iterator[Panel]:
    """A panel in which `admin` may sign in with `admin-pass`."""
    (store.state / "static").symlink_to(static_files)
    served = Panel(store.environ, store.root / "gunicorn.log").start()
    yield served
    served.stop()

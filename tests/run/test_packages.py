"""What is said and done about Debian packages that are missing."""

import importlib
import os
import subprocess
import sys
from types import ModuleType
from typing import Any

import pytest

from tests.panel import ROOT

PROBES = {"gcc": lambda: False, "python3-dev": lambda: False, "chromium": lambda: True}


@pytest.fixture
def packages(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "deploy"))
    return importlib.import_module("packages")


def test_without_root_the_one_command_is_printed_and_the_status_is_not_zero(
    packages: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(SystemExit) as ended:
        packages.ensure(PROBES)
    message = str(ended.value)
    assert message.count("apt-get install") == 1
    assert "apt-get install -y --no-install-recommends gcc python3-dev\n" in message
    assert "chromium" not in message


def test_nothing_is_said_when_nothing_is_missing(
    packages: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    packages.ensure({"gcc": lambda: True})


def test_as_root_they_are_installed_without_questions(
    packages: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[list[str], dict[str, str]]] = []
    present: list[bool] = []

    def run(argv: list[str], env: dict[str, str], **_: Any) -> "subprocess.CompletedProcess[bytes]":
        calls.append((argv, env))
        present.append(True)
        return subprocess.CompletedProcess(argv, 0)

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(subprocess, "run", run)
    packages.ensure({"gcc": lambda: len(present) == 2})
    assert [next(word for word in argv if word in ("update", "install")) for argv, _ in calls] == [
        "update",
        "install",
    ]
    assert calls[1][0][-1] == "gcc"
    assert all(env["DEBIAN_FRONTEND"] == "noninteractive" for _, env in calls)


def test_the_start_script_needs_nothing_but_the_standard_library() -> None:
    argv = [sys.executable, "-S", "-E", str(ROOT / "deploy" / "start.py")]
    result = subprocess.run(argv, capture_output=True, text=True)
    assert result.returncode == 1
    assert result.stderr.startswith("usage:")

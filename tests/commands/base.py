"""How tests run a command: in this process, with its standard input, output and error."""

import io
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management import CommandError, call_command

from tests.store import Store

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Ran:
    """What a command said, and its exit status."""

    out: str
    err: str
    status: int

    @property
    def json(self) -> dict[str, Any]:
        answer = json.loads(self.out)
        assert isinstance(answer, dict)
        return answer


def run(*argv: str, stdin: str = "") -> Ran:
    """Run a command in this process, as `manage.py` would."""
    out, err = io.StringIO(), io.StringIO()
    former, sys.stdin = sys.stdin, io.StringIO(stdin)
    try:
        call_command(argv[0], *argv[1:], stdout=out, stderr=err)
    except CommandError as error:
        return Ran(out.getvalue(), err.getvalue() + str(error), error.returncode)
    finally:
        sys.stdin = former
    return Ran(out.getvalue(), err.getvalue(), 0)


def done(*argv: str, stdin: str = "") -> Ran:
    """Run a command that must succeed."""
    ran = run(*argv, stdin=stdin)
    assert ran.status == 0, f"{argv}: {ran.err}"
    return ran


def process(store: Store, *argv: str, stdin: str = "", **options: Any) -> "subprocess.CompletedProcess[str]":
    """Run a command as a process of its own."""
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *argv],
        input=stdin,
        env={"PATH": "/usr/bin:/bin", **store.environ},
        capture_output=True,
        text=True,
        timeout=60,
        **options,
    )

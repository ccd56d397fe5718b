"""`.venv`: made when it is not there, brought up to date when the requirements change, else left alone."""

import fcntl
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import packages

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
FILES = {"run": ("requirements.txt",), "tests": ("requirements.txt", "requirements-dev.txt")}


def _digest(kind: str) -> str:
    """Changes with requirements, interpreter and place (a virtual environment cannot be moved)."""
    parts = [sys.version, sys.executable, str(ROOT), *((ROOT / name).read_text() for name in FILES[kind])]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _works() -> bool:
    if not PYTHON.exists():
        return False
    probe = "import sys, pip; raise SystemExit(sys.version_info[:2] != tuple(map(int, sys.argv[1:])))"
    version = [str(part) for part in sys.version_info[:2]]
    argv = [str(PYTHON), "-c", probe, *version]
    return subprocess.run(argv, stderr=subprocess.DEVNULL).returncode == 0  # noqa: S603


def _stamp(kind: str) -> Path:
    return VENV / f".{kind}.sha256"


def _is_current(kind: str) -> bool:
    stamp = _stamp(kind)
    return stamp.exists() and stamp.read_text() == _digest(kind) and PYTHON.exists()


def _build(kind: str) -> None:
    packages.ensure(packages.BUILD)
    if not _works():
        print("Making .venv ...", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True)  # noqa: S603
    print("Installing Python packages ...", file=sys.stderr, flush=True)
    pip = [str(PYTHON), "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", FILES[kind][-1]]
    if subprocess.run(pip, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=sys.stderr).returncode:  # noqa: S603
        sys.exit("pip could not install the requirements; see its messages above.")
    _stamp(kind).write_text(_digest(kind))
    if kind == "tests":
        _stamp("run").write_text(_digest("run"))


def ensure(kind: str) -> None:
    """`kind` is `run` or `tests`. Starts side by side wait for each other: the repository is locked."""
    if kind == "tests":
        packages.ensure(packages.TESTS)
    lock = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _is_current(kind):
            _build(kind)
    finally:
        os.close(lock)

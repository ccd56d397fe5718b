"""What `make` calls: installs what is missing, then starts the panel, the demo, the tests or the bench.

Runs under the system's python3, with its standard library alone.
"""

import os
import subprocess
import sys
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036
    sys.exit("VQWeb needs Python 3.11 or newer (Debian 12 or later).")
sys.dont_write_bytecode = True

import environment  # noqa: E402

ROOT, PYTHON = environment.ROOT, environment.PYTHON
BIN = PYTHON.parent


def _manage(*arguments: str) -> None:
    """Run a management command; its own message has said why when it fails."""
    result = subprocess.run([PYTHON, ROOT / "manage.py", *arguments], cwd=ROOT)  # noqa: S603
    if result.returncode:
        sys.exit(result.returncode)


def _serve() -> None:
    """Become gunicorn, so that Ctrl-C and SIGTERM reach it directly."""
    os.chdir(ROOT)
    argv = [str(BIN / "gunicorn"), "-c", "deploy/gunicorn_conf.py", "vqweb.wsgi"]
    os.execv(argv[0], argv)  # noqa: S606


def run() -> None:
    environment.ensure("run")
    _manage("prepare", "--serve")
    _serve()


def _set_in_dotenv(name: str) -> bool:
    path = ROOT / ".env"
    lines = path.read_text().splitlines() if path.is_file() else []
    return any(line.strip().removeprefix("export ").startswith(f"{name}=") for line in lines)


def demo() -> None:
    environment.ensure("run")
    if not os.environ.get("VQWEB_STATE") and not _set_in_dotenv("VQWEB_STATE"):
        os.environ["VQWEB_STATE"] = str(ROOT / "var" / "demo")
    _manage("prepare", "--serve")
    os.environ.setdefault("LOG_LEVEL", "WARNING")  # hundreds of lines about what the demo makes
    _manage("demo")
    _serve()


def install() -> None:
    environment.ensure("run")


def _lint() -> int:
    checks = (["ruff", "check", "."], ["mypy", "."], ["lint-imports"])
    return sum(subprocess.run([BIN / tool, *rest], cwd=ROOT).returncode != 0 for tool, *rest in checks)  # noqa: S603


def lint() -> None:
    environment.ensure("tests")
    sys.exit(_lint())


def test() -> None:
    """Tests run even where lint fails, so that one run tells everything; either fails the whole."""
    environment.ensure("tests")
    failed = _lint()
    # Files are handed out whole, so that what a file sets up once is not set up in every process.
    argv = [str(PYTHON), "-m", "pytest", "-n", "auto", "--dist", "loadfile", *sys.argv[2:]]
    tests = subprocess.run(argv, cwd=ROOT)  # noqa: S603
    if failed:
        print("make lint failed: see above the tests", file=sys.stderr)
    sys.exit(tests.returncode or failed)


def bench() -> None:
    environment.ensure("tests")
    os.chdir(ROOT)
    os.execv(str(PYTHON), [str(PYTHON), "-m", "bench", *sys.argv[2:]])  # noqa: S606


def main() -> None:
    tasks = {task.__name__: task for task in (install, run, demo, test, lint, bench)}
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name not in tasks:
        sys.exit(f"usage: {Path(sys.argv[0]).name} {'|'.join(tasks)}")
    try:
        tasks[name]()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()

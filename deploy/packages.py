"""Which Debian packages are missing, and their installation; standard library only, since it runs before anything is there.

A package counts as present when what we need of it is found, whoever put it there.
"""

import glob
import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterable
from pathlib import Path

Probe = Callable[[], bool]


def _program(*names: str) -> Probe:
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin:/usr/local/sbin"
    return lambda: any(shutil.which(name, path=path) for name in names)


def _file(*patterns: str) -> Probe:
    return lambda: any(glob.glob(pattern) for pattern in patterns)


def _headers_of_mariadb() -> bool:
    """mysqlclient asks pkg-config in this order, then the `*_config` programs of older packages."""
    tool = shutil.which("pkg-config") or shutil.which("pkgconf")
    names = ("mysqlclient", "mariadb", "libmariadb", "perconaserverclient")
    return tool is not None and any(
        subprocess.run([tool, "--exists", name], stderr=subprocess.DEVNULL).returncode == 0  # noqa: S603
        for name in names
    )


# What .venv is built with. Order as in the message to people.
BUILD: dict[str, Probe] = {
    "python3-venv": lambda: importlib.util.find_spec("ensurepip") is not None,
    "python3-dev": lambda: (Path(sysconfig.get_path("include")) / "Python.h").exists(),
    "gcc": _program("gcc", "cc"),
    "pkg-config": _program("pkg-config", "pkgconf"),
    "libmariadb-dev": _headers_of_mariadb,
}
# The servers and the browser that tests start privately. The "-core" package of MariaDB is the server without its service.
TESTS: dict[str, Probe] = {
    "mariadb-server-core": lambda: _program("mariadbd")() and _program("mariadb-install-db")(),
    "mariadb-client-core": _program("my_print_defaults"),
    "dovecot-imapd": lambda: _program("dovecot")() and Path("/usr/lib/dovecot/imap").exists(),
    "dovecot-pop3d": _file("/usr/lib/dovecot/pop3"),
    "dovecot-mysql": _file("/usr/lib/dovecot/modules/**/libdriver_mysql.so", "/usr/lib/dovecot/modules/*/libdriver_mysql.so"),
    "dovecot-sqlite": _file("/usr/lib/dovecot/modules/*/libdriver_sqlite.so", "/usr/lib/dovecot/modules/libdriver_sqlite.so"),
    "chromium": _file("/usr/bin/chromium"),
}


def missing(probes: dict[str, Probe]) -> list[str]:
    return [name for name, present in probes.items() if not present()]


def command(names: Iterable[str]) -> str:
    """The one line that installs them; `apt-get update` belongs to it on a machine whose lists are old or empty."""
    return f"apt-get update && apt-get install -y --no-install-recommends {' '.join(names)}"


def _apt(*arguments: str) -> None:
    argv = ["apt-get", "-o", "DPkg::Lock::Timeout=300", "-o", "Dpkg::Use-Pty=0", "-qq", *arguments]
    result = subprocess.run(  # noqa: S603
        argv, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, stdin=subprocess.DEVNULL, stdout=sys.stderr
    )
    if result.returncode:
        sys.exit(f"{' '.join(argv)} failed with {result.returncode}; see its messages above.")


def ensure(probes: dict[str, Probe]) -> None:
    """Install what is missing; without root, or without apt, say what to install and end with status 1."""
    names = missing(probes)
    if not names:
        return
    if shutil.which("apt-get") is None:
        sys.exit(f"VQWeb needs what Debian calls {', '.join(names)}; there is no apt-get here, so please install it by hand.")
    if os.geteuid() != 0:
        sys.exit(f"Some system packages are missing. As root, once:\n\n    {command(names)}\n\nthen run make again.")
    print(f"Installing {' '.join(names)} ...", file=sys.stderr, flush=True)
    _apt("update")
    _apt("install", "-y", "--no-install-recommends", *names)
    importlib.invalidate_caches()
    if still := missing(probes):
        sys.exit(f"{', '.join(still)}: installed, and yet not found by {sys.executable}.")

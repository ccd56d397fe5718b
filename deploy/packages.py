"""Which Debian packages are missing, and their installation. Standard library only: it runs before the rest.

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


def _dovecot_driver(name: str) -> Probe:
    modules = "/usr/lib/dovecot/modules"
    return _file(f"{modules}/libdriver_{name}.so", f"{modules}/*/libdriver_{name}.so")


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
# What tests start privately. The "-core" packages of MariaDB are the server without its service.
TESTS: dict[str, Probe] = {
    "mariadb-server-core": lambda: _program("mariadbd")() and _program("mariadb-install-db")(),
    "mariadb-client-core": _program("my_print_defaults"),
    "dovecot-imapd": lambda: _program("dovecot")() and Path("/usr/lib/dovecot/imap").exists(),
    "dovecot-pop3d": _file("/usr/lib/dovecot/pop3"),
    "dovecot-mysql": _dovecot_driver("mysql"),
    "dovecot-sqlite": _dovecot_driver("sqlite"),
    "chromium": _file("/usr/bin/chromium"),
    "fail2ban": _program("fail2ban-regex"),  # reads what the panel logs; its server is not started
}


def missing(probes: dict[str, Probe]) -> list[str]:
    return [name for name, present in probes.items() if not present()]


def command(names: Iterable[str]) -> str:
    """The one line that installs them; the lists of packages may be old or not there at all."""
    return f"apt-get update && apt-get install -y --no-install-recommends {' '.join(names)}"


def _apt(*arguments: str) -> None:
    argv = ["apt-get", "-o", "DPkg::Lock::Timeout=300", "-o", "Dpkg::Use-Pty=0", "-qq", *arguments]
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    result = subprocess.run(  # noqa: S603
        argv, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    if result.returncode:
        sys.stderr.buffer.write(result.stdout)
        sys.exit(f"{' '.join(argv)} failed with {result.returncode}; see its messages above.")


def ensure(probes: dict[str, Probe]) -> None:
    """Install what is missing; without root, or without apt, say what to install and end with status 1."""
    names = missing(probes)
    if not names:
        return
    if shutil.which("apt-get") is None:
        sys.exit(f"VQWeb needs what Debian calls {', '.join(names)}; there is no apt-get here.")
    if os.geteuid() != 0:
        sys.exit(f"System packages are missing. As root, once:\n\n    {command(names)}\n\nthen make again.")
    print(f"Installing {' '.join(names)} ...", file=sys.stderr, flush=True)
    _apt("update")
    _apt("install", "-y", "--no-install-recommends", *names)
    importlib.invalidate_caches()
    if still := missing(probes):
        sys.exit(f"{', '.join(still)}: installed, and yet not found by {sys.executable}.")

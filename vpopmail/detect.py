"""What can be told about a vpopmail from its home before Django is configured: ids, database, options."""

import os
import re
from pathlib import Path
from urllib.parse import quote

_DEFINE = re.compile(r"^\s*#\s*define\s+(\w+)(?:[ \t]+(.*?))?\s*$", re.MULTILINE)


def defines(text: str) -> dict[str, str]:
    """The `#define` lines of an installed `include/vpopmail_config.h`; an option that is off has no line."""
    return {name: value.strip('"') for name, value in _DEFINE.findall(text)}


def options(home: Path) -> dict[str, str]:
    """The build's own options, or nothing where the header is not installed or not readable here."""
    try:
        return defines((home / "include" / "vpopmail_config.h").read_text(errors="replace"))
    except OSError:
        return {}


def _id(home: Path, define: str, attribute: str, fallback: int) -> int:
    value = options(home).get(define, "")
    if value.isdigit():
        return int(value)
    try:
        return int(getattr(os.stat(home / "domains"), attribute))
    except OSError:
        return fallback


def uid(home: Path) -> int:
    """vpopmail's uid: from the build, else the owner of `domains/`, else whoever runs the panel."""
    return _id(home, "VPOPMAILUID", "st_uid", os.geteuid())


def gid(home: Path) -> int:
    return _id(home, "VPOPMAILGID", "st_gid", os.getegid())


def database_url(home: Path) -> str:
    """A URL made from the first line of `etc/vpopmail.mysql` that counts, or "".

    The line is `host|port-or-socket|user|password|database` (vmysql.c, load_connection_info); a second line,
    when there is one, is for writing and is preferred, since the panel writes.
    """
    try:
        text = (home / "etc" / "vpopmail.mysql").read_text(encoding="latin-1")
    except OSError:
        return ""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if not lines:
        return ""
    host, port, user, password, database = (lines[:2][-1].split("|") + [""] * 5)[:5]
    login = f"{quote(user, safe='')}:{quote(password, safe='')}"
    if port.startswith("/"):
        return f"mysql://{login}@localhost/{quote(database, safe='')}?unix_socket={quote(port)}"
    where = host if port in ("", "0") else f"{host}:{port}"
    return f"mysql://{login}@{where}/{quote(database, safe='')}"

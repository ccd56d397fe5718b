"""Ending what Dovecot still grants: open sessions, and sign-ins it would accept from its cache.

A row that is gone or has a new password counts for Dovecot only when its cache forgets the old one, an hour
later by default, and never for a session that is open. `doveadm` in the configuration is the command that
reaches Dovecot; without it nothing is done and nothing is said.
"""

import re
import shlex
import subprocess
from typing import Any

from mailhost import arguments, names
from mailhost.config import Config
from mailhost.errors import HelperError, refused
from mailhost.home import Call
from mailhost.registry import Result, verb

MOST = 5000
# `doveadm kick` knows no way to write the characters themselves.
_NOT_KICKED = (
    "Sessions that %s may have open were not ended: doveadm would take * and ? for any name, "
    "and sign others out as well."
)
TIMEOUT = 10.0  # seconds
_NO_SESSION = 68  # what `doveadm kick` ends with when nobody was there
_EVERYBODY = re.compile(r"\*@")
_PATTERN = re.compile(r"[*?]")


def _address(value: Any) -> str:
    """`name@domain`, or `*@domain` for everybody there."""
    checked: str = arguments.text(200)(value)
    name, at, domain = checked.rpartition("@")
    try:
        names.check_known_domain(domain)
        if name != "*":
            names.check_local_part(name, shortest=1)
    except names.BadName as error:
        raise refused(str(error)) from error
    return checked


@verb("accounts", names=arguments.list_of(_address, MOST))
def end_sessions(call: Call, names: list[str]) -> Result:
    """Make Dovecot forget these people. A failure is a warning: the rows have changed already."""
    if not call.config.doveadm:
        return {"warnings": []}
    everybody = any(_EVERYBODY.match(name) for name in names)
    patterns = [name for name in names if _PATTERN.search(name) and not _EVERYBODY.match(name)]
    try:
        _doveadm(call.config, "auth", "cache", "flush", *([] if everybody else names))
        for name in names:
            if name not in patterns:
                _doveadm(call.config, "kick", name)
    except HelperError as error:
        said = f"Dovecot still knows {names[0]}: sessions and cached sign-ins last until they expire"
        return {"warnings": [f"{said}. {error.message}"]}
    return {"warnings": [_NOT_KICKED % ", ".join(patterns)] if patterns else []}


def _doveadm(config: Config, *arguments: str) -> None:
    argv = [*shlex.split(config.doveadm), *arguments]
    try:
        done = subprocess.run(  # noqa: S603 (the configured command, checked addresses)
            argv,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            cwd="/",
            env={"PATH": "/usr/bin:/bin"},
            timeout=TIMEOUT,
            start_new_session=True,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise HelperError("io", f"{argv[0]}: {error}.") from error
    if done.returncode not in (0, _NO_SESSION):
        said = done.stderr.decode("utf-8", "replace").strip()[:300]
        raise HelperError("io", f"{argv[0]} failed: {said or done.returncode}.")

"""Root becomes somebody else before it touches anything of the panel's."""

import contextlib
import os
import pwd
import stat
from pathlib import Path

from django.conf import settings


def drop_root() -> None:
    """Root acts as the owner of the panel's state, so that no file there becomes root's.

    What needs root is done by the helper alone. Nothing happens when the state is root's own or not made yet.
    """
    state = Path(settings.VQWEB_STATE)
    if os.geteuid() != 0 or not state.exists():
        return
    owner = state.stat()
    if owner.st_uid == 0:
        return
    os.environ.setdefault("LOGNAME", "root")  # who really acts: the journal names them
    _give_away(state / "secret_key", owner)
    groups = [owner.st_gid]
    with contextlib.suppress(KeyError):
        groups = os.getgrouplist(pwd.getpwuid(owner.st_uid).pw_name, owner.st_gid)
    os.setgroups(groups)
    os.setgid(owner.st_gid)
    os.setuid(owner.st_uid)


def _give_away(key: Path, owner: os.stat_result) -> None:
    """The settings make the secret key when there is none, and just did so as root."""
    try:
        file = os.open(key, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return
    try:
        found = os.fstat(file)
        if stat.S_ISREG(found.st_mode) and found.st_uid == 0 and found.st_nlink == 1:
            os.fchown(file, owner.st_uid, owner.st_gid)
    finally:
        os.close(file)

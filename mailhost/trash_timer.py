"""Removes parked mail for good when its time is over. Run by a timer on the mail host, never by a verb."""

import logging
import os
import shutil

from mailhost import files, runas, trash
from mailhost.config import Config
from mailhost.errors import HelperError
from mailhost.files import Owner
from mailhost.state import State

log = logging.getLogger("mailhost")
_SECONDS = 6 * 60 * 60


def empty(config: Config, state: State, now: float) -> int:
    """Empty every trash the helper ever used; the number of those that could not be emptied."""
    failed = 0
    for path in state.trash_directories():
        try:
            with files.directory(path) as fd:
                names = trash.expired(fd, config.trash_days, now)
                failed += sum(not _remove(config, path, fd, name) for name in names)
        except FileNotFoundError:
            continue
        except OSError as error:
            log.warning("the trash %s could not be emptied: %s", path, error)
            failed += 1
    return failed


def _remove(config: Config, path: str, fd: int, name: str) -> bool:
    """Remove one entry's directory with its owner's rights; False when that failed."""

    def work() -> runas.Result:
        shutil.rmtree(name, dir_fd=fd)
        return {}

    try:
        status = os.stat(name, dir_fd=fd, follow_symlinks=False)
        # Only a store that root itself owns (a first look as root) may hold entries of root's.
        isolated = not (status.st_uid == config.uid == os.geteuid())
        runas.run_as(Owner(status.st_uid, status.st_gid), isolated, work, _SECONDS)
    except (OSError, HelperError) as error:
        log.warning("%s/%s could not be removed: %s", path, name, error)
        return False
    log.info("removed %s/%s", path, name)
    return True

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
            _empty_one(config, path, now)
        except FileNotFoundError:
            continue
        except (OSError, HelperError) as error:
            log.warning("the trash %s could not be emptied: %s", path, error)
            failed += 1
    return failed


def _empty_one(config: Config, path: str, now: float) -> None:
    with files.directory(path) as fd:
        for name in trash.expired(fd, config.trash_days, now):
            status = os.stat(name, dir_fd=fd, follow_symlinks=False)

            def remove(name: str = name) -> runas.Result:
                shutil.rmtree(name, dir_fd=fd)
                return {}

            runas.run_as(
                Owner(status.st_uid, status.st_gid), os.geteuid() == 0 != status.st_uid, remove, _SECONDS
            )
            log.info("removed %s/%s", path, name)

"""The verb on vpopmail's own etc/vlimits.default, which holds for domains without limits of their own."""

import os
import stat
from typing import Any

from mailhost import arguments, files, limitsedit, qmail
from mailhost.errors import missing, refused
from mailhost.home import Call
from mailhost.registry import Args, Result, verb

NAME = "vlimits.default"
USUAL_MODE = 0o644
LARGEST = 64 * 1024  # bytes


def _subject(args: Args) -> str:
    return NAME


@verb(
    "defaults",
    change=True,
    subject=_subject,
    text=arguments.text(LARGEST, controls=True),
    expect=arguments.fingerprint,
)
def write_default_limits(call: Call, text: str, expect: Any) -> Result:
    """Write the default limits: lines that are limits or comments, besides those that stand there.

    The file keeps its mode, and belongs to vpopmail's user afterwards, who is who reads it.
    """
    place = os.path.join(os.path.realpath(call.config.vpopmail_home), "etc")
    try:
        with files.directory(place) as fd:
            return call.run(call.own_ids(), lambda: _write(call, fd, text, expect))
    except FileNotFoundError as error:
        raise missing(f"The directory {place} does not exist.", directory=place) from error


def _write(call: Call, fd: int, text: str, expect: Any) -> Result:
    found = files.read(NAME, fd, limit=LARGEST)
    try:
        data = qmail.encode(limitsedit.check_edited(text, qmail.decode(found[0]) if found else ""))
    except ValueError as error:
        raise refused(str(error)) from error
    if found is not None and found[0] == data:
        return {"fingerprint": files.fingerprint(*found)}
    files.check_expected(expect, found, NAME)
    mode = stat.S_IMODE(found[1].st_mode) if found else USUAL_MODE
    # Always the same temporary name: what a helper that was killed left is gone with the next change.
    temporary = f"{files.TEMPORARY}{NAME}"
    return {"fingerprint": files.write(NAME, fd, data, call.own_ids(), mode, temporary)}

"""Verbs that look into the trash, and the one that empties it before its time.

What is in it belongs to the domain's user, and is touched with that user's rights only. `source` is the
journal's entry under which something was parked.
"""

import os
import time
from collections.abc import Iterator

from mailhost import arguments, files, maildir, trash
from mailhost.errors import HelperError
from mailhost.home import Call
from mailhost.parked import Parked, opened
from mailhost.registry import Result, verb

_CHUNK = 2 * 1024 * 1024  # bytes of a record in one answer
_MOST = 500
_REMOVAL_SECONDS = 3600


@verb(
    "read",
    after=(arguments.text(100), ""),
    limit=(arguments.integer(1, _MOST), 50),
    seconds=(arguments.seconds(10), 1.0),
)
def list_trash(call: Call, after: str, limit: int, seconds: float) -> Result:
    """What lies in the trash, the newest first, each with its size as far as the time allows.

    `key` is what the next page begins behind. `may_forget` says whether the verb `forget` is allowed.
    """
    found = sorted(_entries(call), reverse=True)
    rest = [key for key in found if not after or key < after]
    until, entries = time.monotonic() + seconds, []
    for key in rest[:limit]:
        source = key.split(" ", 1)[1]
        entries.append({"key": key, **_look(call, source, until)})
    shown = [entry for entry in entries if entry.get("parked") or entry.get("recorded")]
    more = rest[limit - 1] if len(rest) > limit else ""
    return {"entries": shown, "next": more, "total": len(found), "may_forget": "trash" in call.config.groups}


def _entries(call: Call) -> Iterator[str]:
    """`time entry` of each, so that they sort by age."""
    for root in call.state.trash_directories():
        try:
            with files.directory(root) as top, os.scandir(top) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        yield f"{int(entry.stat(follow_symlinks=False).st_mtime):011d} {entry.name}"
        except OSError:
            continue  # a trash that is gone; one that cannot be read is the timer's to report


def _look(call: Call, source: str, until: float) -> Result:
    try:
        checked = arguments.entry(source)
        with opened(call, checked) as parked:
            return call.run(parked.owner, lambda: _describe(call, parked, checked, until))
    except (OSError, HelperError):
        return {"source": source}  # somebody else's directory: not ours to show


def _describe(call: Call, parked: Parked, source: str, until: float) -> Result:
    usage = maildir.Usage()
    names = parked.names()
    for name in names:
        with files.directory(name, parked.fd) as fd:
            maildir.measure(fd, until, usage)
    days = call.config.trash_days
    return {
        "source": source,
        "place": parked.place,
        "since": parked.since,
        "until": parked.since + days * trash.DAY,
        "parked": names,
        "recorded": files.look(trash.RECORD, parked.fd) is not None,
        "bytes": usage.bytes,
        "messages": usage.messages,
        "complete": usage.complete,
    }


@verb("read", source=arguments.entry, seconds=(arguments.seconds(10), 1.0))
def look_trash(call: Call, source: str, seconds: float) -> Result:
    """One entry, as `list_trash` shows it."""
    with opened(call, source) as parked:
        until = time.monotonic() + seconds
        found = call.run(parked.owner, lambda: _describe(call, parked, source, until))
        return {**found, "may_forget": "trash" in call.config.groups}


@verb("read", source=arguments.entry, offset=(arguments.integer(0, 2**50), 0))
def trash_record(call: Call, source: str, offset: int) -> Result:
    """The rows deleted with it: JSON lines, as many whole ones as an answer holds, and where to go on."""
    with opened(call, source) as parked:
        return call.run(parked.owner, lambda: _read_record(parked, offset))


def _read_record(parked: Parked, offset: int) -> Result:
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        fd = os.open(trash.RECORD, flags, dir_fd=parked.fd)
    except FileNotFoundError:
        return {"text": "", "next": None}
    with open(fd, "rb") as file:
        files.check_plain(os.fstat(fd), trash.RECORD, frozenset({parked.owner.uid, 0}))
        file.seek(offset)
        data = file.read(_CHUNK)
        data += file.readline() if data and not data.endswith(b"\n") else b""
        end = file.tell()
        more = bool(file.read(1))
    return {"text": data.decode("utf-8", "surrogateescape"), "next": end if more else None}


@verb("trash", source=arguments.entry)
def forget(call: Call, source: str) -> Result:
    """Remove one entry's directory for good, before its time. Off unless the configuration names the group
    `trash`."""
    with opened(call, source) as parked, files.directory(parked.root) as top:

        def work() -> Result:
            trash.remove(source, top)
            return {}

        call.run(parked.owner, work, _REMOVAL_SECONDS)
    return {}

"""Work on files of one owner: in this process, or in a forked child that has become that owner for good.

The panel's own process has threads, so there nothing may change ids or umask: the work is done directly. The
privileged helper is a process of its own with one thread: each piece of work under a domain's directory is
done by a child that gives up root before it touches anything.
"""

import json
import os
import resource
import signal
from collections.abc import Callable
from typing import Any, NoReturn

from mailhost.errors import HelperError, from_os_error, refused
from mailhost.files import Owner

Result = dict[str, Any]
Work = Callable[[], Result]

_MEMORY = 2 * 1024**3  # bytes of address space
_LARGEST_FILE = 1024**3
_OPEN_FILES = 1024


def run_as(owner: Owner, isolated: bool, work: Work, seconds: int = 300) -> Result:
    """Do `work` as `owner` and return its result; HelperErrors pass through, OSErrors become `io`.

    `isolated` says that this process is the helper's own. `seconds` bounds the child's life.
    """
    if not isolated or os.geteuid() != 0:
        if isolated and os.geteuid() != owner.uid:
            raise refused(f"The helper runs as user id {os.geteuid()} and cannot act as {owner.uid}.")
        return work()
    if owner.uid == 0 or owner.gid == 0:
        raise refused("The helper never works on a domain's files as root.")
    return _in_child(owner, work, seconds)


def _in_child(owner: Owner, work: Work, seconds: int) -> Result:
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        _child(owner, work, seconds, writing)
    os.close(writing)
    with open(reading, "rb") as pipe:
        answer = pipe.read()
    _, status = os.waitpid(pid, 0)
    if not answer:
        raise _unfinished(status)
    reply = json.loads(answer)
    if "error" in reply:
        raise HelperError.from_json(reply["error"])
    result: Result = reply["result"]
    return result


def _unfinished(status: int) -> HelperError:
    """The child was ended from outside; asking again does no harm, unless it was too slow already."""
    slow = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGALRM
    code, reason = ("incomplete", "took too long") if slow else ("gone", "died")
    text = f"The work on the domain's files {reason} and was left as it is."
    return HelperError(code, text, {"begun": True})


def _child(owner: Owner, work: Work, seconds: int, writing: int) -> NoReturn:
    """Become the owner, work, answer, end.

    Whatever happens, the child does not return into the parent's code.
    """
    try:
        reply = _answer(owner, work, seconds)
        with open(writing, "wb") as pipe:
            pipe.write(json.dumps(reply).encode())
        os._exit(0)
    finally:
        os._exit(1)


def _answer(owner: Owner, work: Work, seconds: int) -> Result:
    try:
        _become(owner, seconds)
        return {"result": work()}
    except HelperError as error:
        return {"error": error.as_json()}
    except OSError as error:
        return {"error": from_os_error(error).as_json()}


def _become(owner: Owner, seconds: int) -> None:
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(seconds)
    os.setgroups([])
    os.setresgid(owner.gid, owner.gid, owner.gid)
    os.setresuid(owner.uid, owner.uid, owner.uid)
    os.umask(0o077)
    for what, limit in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_FSIZE, _LARGEST_FILE),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
    ):
        _, hard = resource.getrlimit(what)
        bound = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(what, (bound, bound))

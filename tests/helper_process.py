"""The helper as another process: by command, or listening on a Unix socket."""

import shlex
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from mailhost.config import Config

if TYPE_CHECKING:
    from tests.store import Store

ROOT = Path(__file__).resolve().parent.parent


def start(way: str, store: "Store") -> tuple[str, "subprocess.Popen[bytes] | None"]:
    """The value of VPOPMAIL_HELPER for `command` or `socket`, and the process to end, if any."""
    config = store.root / "helper.conf"
    Config(
        vpopmail_home=store.home,
        qmail_home=store.qmail,
        uid=int(store.environ["VPOPMAIL_UID"]),
        gid=int(store.environ["VPOPMAIL_GID"]),
        state=store.root / "helper",
    ).dump(config)
    config.chmod(0o600)
    argv = [sys.executable, "-m", "mailhost", "--config", str(config)]
    if way == "command":
        return f"env PYTHONPATH={shlex.quote(str(ROOT))} {shlex.join(argv)}", None
    socket = store.root / "helper.sock"
    process = subprocess.Popen([*argv, "--listen", str(socket)], cwd=ROOT)
    deadline = time.monotonic() + 10
    while not socket.exists():
        assert process.poll() is None and time.monotonic() < deadline, "the helper did not start"
        time.sleep(0.01)
    return f"unix:{socket}", process

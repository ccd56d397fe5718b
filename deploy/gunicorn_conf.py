"""How gunicorn serves the panel under `make run`: two workers of four threads on the loopback address."""

import gc
import os
from pathlib import Path
from typing import Any

from vqweb import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vqweb.settings")

bind = f"127.0.0.1:{settings.PORT}"
workers = 2
worker_class = "gthread"
threads = 4
# A change under way may wait ten seconds for a lock.
graceful_timeout = 15
loglevel = "warning"
# Which proxies are believed is for TRUSTED_PROXIES to say; gunicorn itself would believe this machine.
forwarded_allow_ips = ""
forwarder_headers = ""
secure_scheme_headers: dict[str, str] = {}
# One control socket in the home directory would be shared by every panel that one person runs.
control_socket_disable = True
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  (heartbeats, off the disk)


def when_ready(server: Any) -> None:
    from accounts import first_run

    print(f"\nVQWeb is ready: http://{bind}/", flush=True)
    print(first_run.announcement(settings.VQWEB_STATE), end="", flush=True)
    print("Ctrl-C stops it.", flush=True)


def post_worker_init(worker: Any) -> None:
    """What is loaded now stays: the collector need not look at it again with every page."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)

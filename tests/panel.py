"""The panel as people meet it: a real gunicorn on a loopback port, and a visitor who speaks HTTP to it."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(environ: Mapping[str, str], port: int) -> dict[str, str]:
    """This process's environment without its own settings of the panel, with those of `environ`."""
    own = ("VPOPMAIL_", "QMAIL_", "VQWEB_", "DATABASE_URL", "SECRET_KEY", "DJANGO_", "PORT")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    return {**inherited, **environ, "PORT": str(port)}


class Panel:
    """One gunicorn, started with `make run`'s configuration on a prepared state."""

    def __init__(self, environ: Mapping[str, str], log: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environ = environment(environ, self.port)
        self.log = log

    def start(self) -> "Panel":
        argv = [str(BIN / "gunicorn"), "-c", "deploy/gunicorn_conf.py", "vqweb.wsgi"]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(argv, cwd=ROOT, env=self.environ, stdout=log, stderr=log)
        wait_for(self.port, self.process, self.log)
        return self

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)

    def visitor(self) -> "Visitor":
        return Visitor(self.port)


def wait_for(port: int, process: "subprocess.Popen[bytes]", log: Path, seconds: float = 60) -> None:
    """Until somebody listens on the port; fails with the end of the log when the process dies first."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            alive = process.poll() is None and time.monotonic() < deadline
            assert alive, log.read_text(errors="replace")[-3000:]
            time.sleep(0.05)


@dataclass
class Reply:
    status: int
    headers: http.client.HTTPMessage
    text: str

    @property
    def location(self) -> str:
        return urlsplit(self.headers.get("Location", "")).path


class Visitor:
    """Keeps one connection and its cookies; a POST takes the token from the form it got before."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}
        self.token = ""
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def request(self, method: str, path: str, body: str | None = None) -> Reply:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            self.connection.request(method, path, body, headers)
            response = self.connection.getresponse()
        except (http.client.RemoteDisconnected, ConnectionError):  # the server had closed an idle connection
            self.connection.close()
            self.connection.request(method, path, body, headers)
            response = self.connection.getresponse()
        reply = Reply(response.status, response.headers, response.read().decode(errors="replace"))
        for cookie in response.headers.get_all("Set-Cookie") or ():
            name, _, rest = cookie.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        if token := _TOKEN.search(reply.text):
            self.token = token[1]
        return reply

    def get(self, path: str) -> Reply:
        return self.request("GET", path)

    def post(self, path: str, **fields: str) -> Reply:
        return self.request("POST", path, urlencode({"csrfmiddlewaretoken": self.token, **fields}))

    def sign_in(self, username: str, password: str) -> Reply:
        self.get("/sign-in/")
        return self.post("/sign-in/", username=username, password=password)

    def submit(self, path: str, **fields: str) -> Reply:
        """Open the form at `path` and send it."""
        assert (reply := self.get(path)).status == 200, f"{path}: {reply.status}\n{reply.text[:2000]}"
        return self.post(path, **fields)

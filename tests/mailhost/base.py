"""A mail host for tests of the helper: homes in a temporary directory, reached in one of three ways."""

import os
import shlex
import stat
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mailhost.client import Client, HelperError, connect
from mailhost.config import Config
from mailhost.state import State
from mailhost.verbs import perform
from tests import fake_qmail

WAYS = ("in-process", "command", "socket")
UID = 89 if os.geteuid() == 0 else os.geteuid()
GID = 89 if os.geteuid() == 0 else os.getegid()
ROOT = Path(__file__).resolve().parents[2]


class Host:
    """One mail host with its helper. `call` does a verb; paths are those of the homes."""

    def __init__(self, root: Path, way: str = "in-process", programs: bool = True, **settings: Any) -> None:
        self.root, self.way = root, way
        self.home, self.qmail = root / "vpopmail", root / "qmail"
        self.domains = self.home / "domains"
        for path in (self.domains, self.home / "etc", self.home / "include"):
            path.mkdir(parents=True)
        self.own(self.home, self.domains, self.home / "etc")
        fake_qmail.install(self.qmail)
        if not programs:
            for name in ("qmail-newu", "qmail-newmrh"):
                (self.qmail / "bin" / name).unlink()
        for name in ("me", "locals", "rcpthosts"):
            (self.qmail / "control" / name).write_text("mailhost.test\n")
        self.config = Config(
            vpopmail_home=self.home,
            qmail_home=self.qmail,
            uid=UID,
            gid=GID,
            state=root / "helper",
            lock_timeout=0.3,
        )
        self.daemon: subprocess.Popen[bytes] | None = None
        self.configure(**settings)

    def configure(self, **settings: Any) -> None:
        """Change the configuration and reach the helper anew."""
        self.stop()
        self.config = replace(self.config, **settings)
        self.client = self._connect()

    def _connect(self) -> Client:
        path = self.root / "helper.conf"
        self.config.dump(path)
        argv = [sys.executable, "-m", "mailhost", "--config", str(path)]
        if self.way == "command":
            return connect(f"env PYTHONPATH={ROOT} {shlex.join(argv)}", self.config)
        if self.way == "socket":
            socket = self.root / "helper.sock"
            self.daemon = subprocess.Popen([*argv, "--listen", str(socket)], cwd=ROOT)
            until = time.monotonic() + 10
            while not socket.exists():
                assert self.daemon.poll() is None and time.monotonic() < until, "the helper did not start"
                time.sleep(0.005)
            return connect(f"unix:{socket}", self.config)
        return connect("", self.config)

    def stop(self) -> None:
        if self.daemon is not None:
            self.daemon.terminate()
            self.daemon.wait(10)
            self.daemon = None

    def call(self, verb: str, **args: Any) -> dict[str, Any]:
        return self.client.call(verb, **args)

    def error(self, verb: str, **args: Any) -> HelperError:
        """The error that a verb must end with."""
        with pytest.raises(HelperError) as caught:
            self.client.call(verb, **args)
        return caught.value

    def perform(self, verb: str, *, entry: str = "", isolated: bool = False, **args: Any) -> dict[str, Any]:
        """The verb in this process without a client."""
        request = {"verb": verb, "entry": entry, "args": args}
        return perform(self.config, State(self.config.state), request, isolated)

    def own(self, *paths: Path) -> None:
        """Give files to the domain's user."""
        for path in paths:
            if os.geteuid() == 0:
                os.chown(path, UID, GID, follow_symlinks=False)

    def write(self, path: Path, text: str = "", mode: int = 0o600) -> Path:
        """A file of the domain's user."""
        path.write_text(text)
        path.chmod(mode)
        self.own(path)
        return path

    def mail(self, mailbox: Path, name: str = "1.host,S=5", text: str = "hello", folder: str = "new") -> Path:
        """A message that has arrived."""
        return self.write(mailbox / "Maildir" / folder / name, text)

    def add_domain(self, domain: str = "example.com", **args: Any) -> Path:
        """A connected domain without mailboxes."""
        self.call("make_domain", domain=domain, **args)
        self.call("connect_domain", domain=domain, real=domain, hash=args.get("hash", ""))
        return self.domains / args.get("hash", "") / domain

    def add_mailbox(self, name: str, hash: str = "", quota: str = "", domain: str = "example.com") -> Path:
        box = {"name": name, "hash": hash, "quota": quota}
        return Path(self.call("make_mailboxes", domain=domain, mailboxes=[box])["directories"][0])

    def control(self, name: str) -> str | None:
        path = self.qmail / ("users" if name == "assign" else "control") / name
        return path.read_text() if path.exists() else None

    def tree(self, top: Path | None = None) -> dict[str, list[Any]]:
        """Everything below `domains` in the form of the recordings: kind, mode, owner, content."""
        top = top or self.domains
        return {str(path.relative_to(top)): self.entry(path) for path in sorted(top.rglob("*"))}

    def entry(self, path: Path) -> list[Any]:
        status = path.lstat()
        kind = "d" if stat.S_ISDIR(status.st_mode) else "l" if stat.S_ISLNK(status.st_mode) else "f"
        owner = {0: "root", UID: "vpopmail"}.get(status.st_uid, str(status.st_uid))
        found = [kind, oct(stat.S_IMODE(status.st_mode)), owner]
        if kind == "f":
            found.append(path.read_text(errors="replace").replace(str(self.home), "{V}"))
        return found

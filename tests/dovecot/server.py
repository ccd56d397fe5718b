"""A private Dovecot on a loopback port: the queries of deploy/dovecot/, authentication cache on."""

import imaplib
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from tests.store import GID, UID, Store

QUERIES = Path(__file__).resolve().parents[2] / "deploy" / "dovecot"
CONFIG = """\
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/log
auth_verbose = yes
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:~/Maildir
first_valid_uid = {uid}
first_valid_gid = {gid}
auth_cache_size = 1M
auth_cache_ttl = 1 hour
auth_cache_negative_ttl = 1 hour
auth_failure_delay = 0
default_internal_user = {internal}
default_login_user = {login}
default_internal_group = {group}
passdb {{
  driver = sql
  args = {base}/sql.conf.ext
}}
userdb {{
  driver = prefetch
}}
userdb {{
  driver = sql
  args = {base}/sql.conf.ext
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""


def require_version() -> None:
    """deploy/dovecot/ is written for Dovecot 2.3, whose configuration 2.4 does not read."""
    said = subprocess.run(["/usr/sbin/dovecot", "--version"], capture_output=True, text=True).stdout
    if not said.startswith("2.3"):
        pytest.skip(f"Dovecot {said.split()[0]}: the queries in deploy/dovecot are for 2.3")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _connection(store: Store) -> str:
    if store.kind == "sqlite":
        return str(store.home / "domains" / "_vpopmail.sqlite")
    assert store.mariadb is not None
    return f"host={store.mariadb.socket} dbname={store.database} user=root"


def _queries(store: Store) -> str:
    """The file that people are given, with this store's connection and ids."""
    name = {"sqlite": "sqlite", "perdomain": "per-domain"}.get(store.kind, "many-domains")
    text = (QUERIES / f"{name}.conf.ext").read_text()
    text = re.sub(r"^connect = .*", lambda _: f"connect = {_connection(store)}", text, flags=re.MULTILINE)
    return re.sub(
        r"\b89 AS (\w*)(uid|gid)", lambda m: f"{UID if m[2] == 'uid' else GID} AS {m[1]}{m[2]}", text
    )


class Dovecot:
    """Starts and stops one master process of our own; its whole state lies in one directory below /tmp."""

    def __init__(self, store: Store) -> None:
        self.base = Path(tempfile.mkdtemp(prefix="vqweb-dovecot-"))
        self.base.chmod(0o755)
        self.port = _free_port()
        self.config = self.base / "dovecot.conf"
        for directory in (store.root, *store.root.parents):  # the mail user walks to the maildirs
            if directory.stat().st_uid == os.geteuid() and directory != Path("/"):
                directory.chmod(directory.stat().st_mode | 0o011)
        me = os.environ.get("USER", "root") if os.geteuid() else ""
        self.config.write_text(
            CONFIG.format(
                base=self.base,
                uid=UID,
                gid=GID,
                port=self.port,
                internal=me or "dovecot",
                login=me or "dovenull",
                group=me or "dovecot",
            )
        )
        (self.base / "sql.conf.ext").write_text(_queries(store))
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        program = shutil.which("dovecot") or "/usr/sbin/dovecot"
        self.process = subprocess.Popen([program, "-F", "-c", str(self.config)], cwd="/")
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                assert self.process.poll() is None and time.monotonic() < deadline, self.log()
                time.sleep(0.02)

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)
        shutil.rmtree(self.base, ignore_errors=True)

    def log(self) -> str:
        path = self.base / "log"
        return path.read_text() if path.exists() else ""

    def doveadm(self, *arguments: str) -> str:
        argv = ["doveadm", "-c", str(self.config), *arguments]
        return subprocess.run(argv, check=True, capture_output=True, text=True).stdout

    def sign_in(self, address: str, password: str) -> imaplib.IMAP4:
        """An open session; raises imaplib.IMAP4.error with the server's words when it is refused."""
        session = imaplib.IMAP4("127.0.0.1", self.port, timeout=20)
        session.login(f'"{address}"', password)  # imaplib quotes the password only
        return session

    def accepts(self, address: str, password: str) -> bool:
        try:
            self.sign_in(address, password).logout()
        except imaplib.IMAP4.error as error:
            assert "AUTHENTICATIONFAILED" in str(error), f"{error}\n{self.log()}"
            return False
        return True

"""Changes qmail's control files under vpopmail's own locks, compiles them, and signals qmail-send.

Only here does the helper act as root. Lock files, temporary names, modes and the order of lines are
vpopmail's.
"""

import os
import signal
import subprocess
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from mailhost import files, qmail
from mailhost.config import Config
from mailhost.errors import HelperError
from mailhost.locks import FileLock

MODE = 0o644
# The order in which locks are taken, by everybody.
ORDER = ("assign", "rcpthosts", "morercpthosts", "virtualdomains", "locals")


class ControlFiles:
    """qmail's files, locked as long as the object is entered. `names` are those that will be changed."""

    def __init__(self, config: Config, names: Iterable[str]) -> None:
        self.config = config
        self.names = set(names)
        self._locks: dict[str, FileLock] = {}

    def __enter__(self) -> "ControlFiles":
        try:
            for name in ORDER:
                if name in self.names:
                    self._lock(name)
                    if name == "rcpthosts" and self.more_needed():
                        self.names.add("morercpthosts")
        except BaseException:
            self._release()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._release()

    def _lock(self, name: str) -> None:
        path = self.path(name)
        path.parent.mkdir(mode=0o755, exist_ok=True)
        lock = FileLock(f"{path}.lock", self.config.lock_timeout, what=f"qmail's file {name}")
        self._locks[name] = lock.acquire()
        _clear(path)

    def _release(self) -> None:
        for name in reversed(list(self._locks)):
            self._locks.pop(name).release()

    def path(self, name: str) -> Path:
        """Where a file is."""
        return self.config.qmail_home / ("users" if name == "assign" else "control") / name

    def read(self, name: str) -> bytes | None:
        """The content, or None when the file does not exist."""
        found = files.read(str(self.path(name)), None)
        return found[0] if found else None

    def more_needed(self) -> bool:
        """True when a new domain goes to morercpthosts: rcpthosts has its fifty lines."""
        return qmail.count_lines(self.read("rcpthosts") or b"") >= self.config.rcpthosts_limit

    def change(self, name: str, edit: Callable[[bytes], bytes], create: bool = True) -> bool:
        """Rewrite a file when `edit` changes it; True when it did.

        A missing one is made (empty when nothing is added).
        """
        before = self.read(name)
        after = edit(before or b"")
        if before == after or (before is None and not create):
            return False
        path = self.path(name)
        with files.directory(os.path.realpath(path.parent)) as parent:
            owner = files.Owner(os.geteuid(), os.getegid())
            files.write(name, parent, after, owner, MODE, f"{name}.{os.getpid()}")
        return before is not None or bool(after)

    def put(self, name: str, data: bytes) -> None:
        """Write a file's former content back."""
        self.change(name, lambda _: data)

    def compile_assign(self) -> None:
        """Run qmail-newu where it exists; raise `io` when it fails."""
        _run(self.config, "qmail-newu")

    def compile_morercpthosts(self) -> None:
        """Run qmail-newmrh, or remove file and cdb when no line is left."""
        if (self.read("morercpthosts") or b"").strip():
            _run(self.config, "qmail-newmrh")
            return
        for path in (self.path("morercpthosts"), self.path("morercpthosts.cdb")):
            with suppress(FileNotFoundError):
                os.unlink(path)

    def _in_morercpthosts_cdb(self, domains: Iterable[str]) -> set[str]:
        """Those of the names that qmail-smtpd finds there; a damaged one says nothing about anybody."""
        found = files.read(str(self.path("morercpthosts.cdb")), None)
        try:
            return {n for n in domains if found and qmail.read_cdb(found[0], qmail.encode(n)) is not None}
        except qmail.BadCdb:
            return set()

    def finish_morercpthosts(self, domains: Iterable[str], accepted: bool) -> None:
        """Compile where the cdb is wrong about a name: the writer of the text was stopped before that."""
        names = set(domains)
        if self._in_morercpthosts_cdb(names) != (names if accepted else set()):
            self.compile_morercpthosts()

    def recompile_assign(self, wanted: dict[str, qmail.AssignLine | None]) -> None:
        """Compile after taking back a change.

        A failure is none when users/cdb never learned of the change.
        """
        try:
            self.compile_assign()
        except HelperError:
            for domain, line in wanted.items():
                self.check_compiled(domain, line)

    def recompile_morercpthosts(self, domain: str) -> None:
        """The same for morercpthosts, where `domain` must not be any more."""
        try:
            self.compile_morercpthosts()
        except HelperError:
            if self._in_morercpthosts_cdb([domain]):
                raise

    def check_compiled(self, domain: str, line: qmail.AssignLine | None) -> None:
        """Raise `io` unless users/cdb says about `domain` what the line says (None: nothing).

        No cdb program, no check.
        """
        if not _exists(self.config, "qmail-newu"):
            return
        found = files.read(str(self.config.qmail_home / "users" / "cdb"), None)
        key = qmail.encode(f"!{domain}-")
        try:
            value = qmail.read_cdb(found[0], key) if found else None
        except qmail.BadCdb as error:
            raise HelperError("io", f"qmail's users/cdb is damaged: {error}.") from error
        wanted = qmail.cdb_entry(line)[1].split(b"\0")[:4] if line else None
        if (value.split(b"\0")[:4] if value is not None else None) != wanted:
            raise HelperError(
                "io", f"qmail-newu ran, but users/cdb does not say the right thing about {domain}."
            )


def _clear(path: Path) -> None:
    """Remove what a killed process, ours or vpopmail's, left of writing this file: it is written under the
    lock only."""
    for name in os.listdir(path.parent):
        if name.startswith(f"{path.name}.") and name.rpartition(".")[2].isdecimal():
            with suppress(OSError):
                os.unlink(path.parent / name)


def _exists(config: Config, program: str) -> bool:
    return os.access(config.qmail_home / "bin" / program, os.X_OK)


def _run(config: Config, program: str) -> None:
    """Run one of qmail's compilers; where it is not installed there is nothing to compile for."""
    path = str(config.qmail_home / "bin" / program)
    if not _exists(config, program):
        return
    try:
        done = subprocess.run(  # noqa: S603 (a fixed program below the configured home, without arguments)
            [path],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd="/",
            env={"PATH": "/usr/bin:/bin"},
            timeout=config.program_timeout,
            start_new_session=True,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise HelperError(
            "io", f"{program} did not end within {config.program_timeout:g} seconds."
        ) from error
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip()[:300]
        raise HelperError(
            "io", f"{program} failed: {said or 'exit status ' + str(done.returncode)}.", {"program": program}
        )


def _qmail_send(config: Config) -> list[int]:
    """The processes whose program is this qmail's qmail-send."""
    wanted = os.path.realpath(config.qmail_home / "bin" / "qmail-send")
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            with suppress(OSError):
                # After an upgrade the running program's file is gone, and the kernel says so behind the name.
                if os.readlink(f"/proc/{name}/exe").removesuffix(" (deleted)") == wanted:
                    found.append(int(name))
    return found


def hang_up(config: Config) -> list[str]:
    """Make qmail-send read virtualdomains and locals again; return warnings for people."""
    wanted = os.path.realpath(config.qmail_home / "bin" / "qmail-send")
    signalled = 0
    for pid in _qmail_send(config):
        with suppress(OSError):
            fd = os.pidfd_open(pid)
            try:
                # Asked again once the descriptor is ours: the number may have gone to another process
                # meanwhile.
                if os.readlink(f"/proc/{pid}/exe").removesuffix(" (deleted)") == wanted:
                    signal.pidfd_send_signal(fd, signal.SIGHUP)
                    signalled += 1
            finally:
                os.close(fd)
    if signalled:
        return []
    return ["qmail-send was not found running; it reads the new domains when it starts."]

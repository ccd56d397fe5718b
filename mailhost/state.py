"""What the helper remembers: results by entry for a day, directories of disconnected domains, removals,
locks per domain.

All of it lies in the helper's own state directory and is never needed for correctness after a day; nothing
secret is in it.
"""

import hashlib
import json
import os
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from mailhost.errors import refused
from mailhost.locks import FileLock
from mailhost.qmail import AssignLine

DAY = 24 * 60 * 60
HOUR = 60 * 60
REMEMBERED_DOMAINS = 30 * DAY  # a deletion that recovery finishes later still finds its directory


def _digest(request: str) -> str:
    return hashlib.sha256(request.encode()).hexdigest()


class State:
    """The state directory of one helper. Made 0700 when it is not there."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in ("", "locks", "results", "domains"):
            path = root / name
            if not path.is_dir():
                path.mkdir(mode=0o700, parents=True, exist_ok=True)

    def lock_domain(self, real: str, timeout: float) -> FileLock:
        """The lock every change of a real domain holds until it ends."""
        path = self.root / "locks" / f"{real}.lock"
        return FileLock(str(path), timeout, what=f"the domain {real}")

    def _write(self, path: Path, value: Any) -> None:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{os.getpid()}.{time.monotonic_ns()}")
        try:
            with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                json.dump(value, file)
            os.rename(temporary, path)
        except OSError:
            with suppress(OSError):
                os.unlink(temporary)
            raise

    def _read(self, path: Path) -> Any:
        try:
            with open(path) as file:
                return json.load(file)
        except (FileNotFoundError, ValueError):
            return None

    # Results by entry

    def _result_path(self, entry: str, subject: str) -> Path:
        return self.root / "results" / entry / hashlib.sha256(subject.encode()).hexdigest()[:32]

    def recall(self, entry: str, subject: str, request: str) -> dict[str, Any] | None:
        """The result of the same request under the same entry within a day, unless its inverse came after
        it.
        """
        stored = self._read(self._result_path(entry, subject))
        if stored and stored["request"] == _digest(request) and time.time() - stored["time"] < DAY:
            result: dict[str, Any] = stored["result"]
            return result
        return None

    def remember(self, entry: str, subject: str, request: str, result: Mapping[str, Any]) -> None:
        """Keep a result. One per subject: a later, different request about it replaces the former. Of the
        request itself nothing is kept: the rows of deleted accounts are in it, with their hashes.
        """
        self._write(
            self._result_path(entry, subject),
            {"request": _digest(request), "time": time.time(), "result": dict(result)},
        )

    def forget(self, entry: str, subject: str) -> None:
        """Drop a result that is no longer true, as far as the disk lets us."""
        with suppress(OSError):
            os.unlink(self._result_path(entry, subject))

    # Domains that are no longer in the assign file

    def remember_domain(self, entry: str, line: AssignLine) -> None:
        """Keep where a real domain's directory is, for what the same entry does after disconnecting it."""
        self._write(
            self.root / "domains" / entry / line.domain, [line.real, line.uid, line.gid, line.directory]
        )

    def recall_domain(self, entry: str, domain: str) -> AssignLine | None:
        """The remembered line of a domain that this entry disconnected."""
        stored = self._read(self.root / "domains" / entry / domain) if entry else None
        return AssignLine(domain, *stored) if stored else None

    # Local names that became domains

    def remember_local(self, entry: str, domain: str) -> None:
        """Note that the entry is about to take a name out of qmail's locals."""
        if entry:
            self.remember(entry, f"locals {domain}", "", {})

    def was_local(self, entry: str, domain: str) -> bool:
        """Did the entry find the name in qmail's locals? Who takes its change back puts the name back."""
        return bool(entry) and self.recall(entry, f"locals {domain}", "") is not None

    # Removals in the last hour

    def reserve_removals(self, entry: str, subjects: Iterable[str], allowed: int, timeout: float) -> None:
        """Count removals, each subject of an entry once.

        Raise `refused` beyond `allowed` in an hour (0: unbounded).
        """
        if allowed <= 0:
            return
        path = self.root / "removals"
        with FileLock(f"{path}.lock", timeout, what="the count of removals"):
            since = time.time() - HOUR
            counted = {key: at for key, at in (self._read(path) or {}).items() if at > since}
            new = {f"{entry} {subject}" for subject in subjects} - set(counted)
            if len(counted) + len(new) > allowed:
                raise refused(f"The mail host allows {allowed} removals per hour, and they are used up.")
            self._write(path, counted | dict.fromkeys(new, time.time()))

    # Trash directories ever used, for the timer that empties them

    def note_trash(self, path: str) -> None:
        """Remember that a trash directory exists."""
        known = self.root / "trash-directories"
        if path not in self.trash_directories():
            with open(
                os.open(known, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600), "a"
            ) as file:
                file.write(path + "\n")

    def trash_directories(self) -> list[str]:
        """All trash directories ever used, each once."""
        try:
            with open(self.root / "trash-directories") as file:
                return list(dict.fromkeys(file.read().splitlines()))
        except FileNotFoundError:
            return []

    def tidy(self) -> None:
        """Drop what is older than it may be used; called once a process and hourly."""
        for name, age in (("results", DAY), ("domains", REMEMBERED_DOMAINS)):
            for entry in os.scandir(self.root / name):
                with suppress(OSError):
                    if entry.stat().st_mtime < time.time() - age:
                        for file in os.scandir(entry.path):
                            os.unlink(file.path)
                        os.rmdir(entry.path)

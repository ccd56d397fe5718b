"""An examination from beginning to end, and the report of the last one: kept in the panel's state, so that
pages show it at once and an interrupted one can go on."""

import json
import os
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from server import doctor
from server.findings import Finding

MOST = 1000  # findings that are kept; all are counted
SAVED_EVERY = 20.0  # seconds


@dataclass
class Report:
    """`after` is the last domain examined; `complete` when all were. `sampled`: of so many mailboxes the mail
    was counted. Times are Unix seconds.
    """

    begun: float = 0.0
    ended: float = 0.0
    complete: bool = False
    after: str = ""
    total: int = 0
    safe: int = 0
    sampled: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    findings: list[dict[str, Any]] = field(default_factory=list)

    @property
    def time(self) -> datetime:
        return datetime.fromtimestamp(self.ended, UTC)

    def add(self, finding: Finding) -> None:
        self.total += 1
        self.safe += finding.safe
        self.kinds = dict(Counter(self.kinds) + Counter([finding.kind]))
        if len(self.findings) < MOST:
            self.findings.append(finding.as_dict())

    def mark(self) -> tuple[int, int, int, int, dict[str, int]]:
        """How far it is, to come `back` to."""
        return self.total, self.safe, self.sampled, len(self.findings), self.kinds

    def back(self, mark: tuple[int, int, int, int, dict[str, int]]) -> None:
        """Without what was found since: whoever goes on later finds it again."""
        self.total, self.safe, self.sampled, shown, self.kinds = mark
        del self.findings[shown:]

    def drop(self, key: str) -> None:
        """A finding that was repaired."""
        for one in [one for one in self.findings if one["id"] == key]:
            self.findings.remove(one)
            self.total, self.safe = self.total - 1, self.safe - one["safe"]
            self.kinds[one["kind"]] -= 1

    def save(self) -> None:
        """Raises OSError."""
        path = _path()
        temporary = path.with_name(f"{path.name}.{os.getpid()}")
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(asdict(self), file)
        os.replace(temporary, path)


def _path() -> Path:
    path: Path = settings.VQWEB_STATE / "doctor.json"
    return path


def last() -> Report | None:
    """The last report, or None when there is none that can be read."""
    try:
        return Report(**json.loads(_path().read_text()))
    except (OSError, ValueError, TypeError):
        return None


def run(
    *,
    resume: bool = False,
    seconds: float | None = None,
    progress: doctor.Progress = lambda step: None,
    each: Callable[[Finding], bool] = lambda finding: True,
) -> Report:
    """Examine, and keep the report, also of the part that was done when it is interrupted.

    `each` gets every finding and says whether it still stands. `seconds` is a time after which to stop
    between two domains.
    """
    former = last() if resume else None
    report = former if former and not former.complete and former.after else Report(begun=time.time())
    sample = doctor.sample_of(int(report.begun))
    sampled, started = report.sampled, time.monotonic()
    saved, current, mark = started, "", report.mark()

    def step(now: doctor.Step) -> None:
        nonlocal current, saved, mark
        report.after, current = current or report.after, now.name if now.is_domain else ""
        report.sampled = sampled + sample.counted
        mark = report.mark()
        if seconds is not None and time.monotonic() - started > seconds and report.after:
            raise _OutOfTime
        if time.monotonic() - saved > SAVED_EVERY:
            report.ended, saved = time.time(), time.monotonic()
            report.save()
        progress(now)

    try:
        for finding in doctor.examine(step, report.after, sample):
            if each(finding):
                report.add(finding)
        report.complete, report.sampled = True, sampled + sample.counted
    except _OutOfTime:
        pass
    finally:
        if not report.complete:
            report.back(mark)
        report.ended = time.time()
        report.save()
    return report


class _OutOfTime(Exception):
    """The time allowed for an examination is over."""

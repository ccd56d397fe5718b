"""Preparing the report: every account of every domain is looked at once, in bounded memory.

Rows come a thousand at a time, with their last sign-ins and what maildirsize says. Mailboxes without a sound
one are counted as long as the command may; it begins at another domain each time, so that over many nights
most of them are.
"""

from __future__ import annotations

import fcntl
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.overview.models import DomainFigures, Listed, Report
from vpopmail import filters, helper, usage
from vpopmail.assigned import domains
from vpopmail.engines.base import Refused
from vpopmail.filters import Row

COUNTED = (
    *("over-80", "over-95", "over-100", "never", "idle-90", "idle-365"),
    *("restricted", "disabled", "administrator", "weak"),
)
# Of those with numbers the widest is listed: with their values it tells the others.
LISTED = ("over-80", "never", "idle-90", "restricted", "disabled", "administrator", "weak")
BATCH = 500  # rows written in one transaction
AT_ONCE = 100  # mailboxes that are counted by one call of the helper
ONE_CALL = 20.0  # seconds it may take

_FILTERS = [one for key in COUNTED if (one := filters.find(key))]
Progress = Callable[[int, int, str], None]


@dataclass
class Figures:
    """What adds up of accounts."""

    accounts: int = 0
    bytes: int = 0
    messages: int = 0
    unknown: int = 0
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, account: Row, holding: Sequence[str]) -> None:
        self.accounts += 1
        self.counts.update(holding)
        if account.usage is None:
            self.unknown += 1
        else:
            self.bytes += account.usage.bytes
            self.messages += account.usage.messages

    def include(self, other: Figures) -> None:
        self.accounts += other.accounts
        self.bytes += other.bytes
        self.messages += other.messages
        self.unknown += other.unknown
        self.counts += other.counts

    def values(self) -> dict[str, object]:
        return {
            "accounts": self.accounts,
            "bytes": self.bytes,
            "messages": self.messages,
            "unknown": self.unknown,
            "counts": dict(self.counts),
        }


class Budget:
    """The seconds that the counting of mailboxes may take in all."""

    def __init__(self, seconds: float) -> None:
        self.left = seconds

    def count(self, accounts: Sequence[Row]) -> None:
        """Count those whose usage nothing tells, while there is time."""
        lacking = [account for account in accounts if account.usage is None]
        for start in range(0, len(lacking), AT_ONCE):
            if self.left <= 0:
                return
            some, begun = lacking[start : start + AT_ONCE], time.monotonic()
            found = usage.of_accounts(some, seconds=min(self.left, ONE_CALL))
            for account in some:
                account.usage = found.get(account.address)
            self.left -= time.monotonic() - begun


class Writer:
    """Rows of the report, written some hundreds at a time: each transaction waits for the disk."""

    def __init__(self) -> None:
        self.rows: list[Listed | DomainFigures] = []

    def add(self, rows: Iterable[Listed | DomainFigures]) -> None:
        for row in rows:
            self.rows.append(row)
            if len(self.rows) >= BATCH:
                self.flush()

    def flush(self) -> None:
        with transaction.atomic():
            Listed.objects.bulk_create(row for row in self.rows if isinstance(row, Listed))
            DomainFigures.objects.bulk_create(row for row in self.rows if isinstance(row, DomainFigures))
        self.rows = []


@contextmanager
def alone() -> Iterator[None]:
    """One at a time. Raises Refused."""
    path = settings.VQWEB_STATE / "account-reports.lock"
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise Refused(_("The report is being prepared by another process already.")) from error
    finally:
        os.close(fd)


def prepare(*, seconds: float = 0.0, progress: Progress = lambda done, total, name: None) -> Report:
    """Prepare the report and take the former one away.

    `seconds`: how long the counting of mailboxes without a sound maildirsize may take in all. Raises
    VpopmailError; then the former report stays.
    """
    helper.call("ping")  # without it no mailbox is known, and the former report is the better one
    with alone():
        _remove(Report.objects.filter(ended_at=None))
        report = Report.objects.create(begun_at=timezone.now())
        names = _turned(domains().real_domains)
        total, budget, writer = Figures(), Budget(seconds), Writer()
        for number, name in enumerate(names):
            progress(number, len(names), name)
            _of_domain(report, name, total, budget, writer)
        writer.flush()
        report.domains, report.ended_at = len(names), timezone.now()
        for column, value in total.values().items():
            setattr(report, column, value)
        report.save()
        _remove(Report.objects.exclude(pk=report.pk))
        return report


def _turned(names: Sequence[str]) -> list[str]:
    """The names, beginning at any of them: the time for counting does not always go to the same."""
    start = random.randrange(len(names)) if names else 0  # noqa: S311
    return [*names[start:], *names[:start]]


def _of_domain(report: Report, domain: str, total: Figures, budget: Budget, writer: Writer) -> None:
    figures, after = Figures(), ""
    while accounts := filters.walk(domain, after):
        for needs in (filters.SIGN_INS, filters.USAGE):
            filters.complete(accounts, needs)
        budget.count(accounts)
        writer.add(row for account in accounts for row in _listed(report, account, figures))
        after = accounts[-1].name
        if len(accounts) < filters.CHUNK:
            break
    writer.add([DomainFigures(report=report, domain=domain, **figures.values())])
    total.include(figures)


def _listed(report: Report, account: Row, figures: Figures) -> Iterator[Listed]:
    """Count an account; a row for each kind that it is of."""
    holding = [one for one in _FILTERS if one.holds(account)]
    figures.add(account, [one.key for one in holding])
    for one in holding:
        if one.key in LISTED:
            yield Listed(
                report=report,
                kind=kind_of(one.key),
                value=one.value(account),
                domain=account.domain,
                name=account.name,
            )


def kind_of(key: str) -> str:
    """The word of a filter without its number."""
    return key.partition("-")[0]


def _remove(reports: QuerySet[Report]) -> None:
    """A bit at a time: nobody waits for a lock."""
    for report in reports:
        for rows in (report.listed, report.of_domains):
            while keys := list(rows.values_list("pk", flat=True)[:BATCH]):
                rows.filter(pk__in=keys).delete()
        report.delete()

"""What pages ask of the report: the figures, and a page of the accounts that a filter holds for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q, QuerySet

from accounts.find import rows_of
from accounts.overview.models import DomainFigures, Listed, Report
from accounts.overview.prepare import LISTED, kind_of
from vpopmail.filters import DAY, Filter
from vpopmail.listing import Found
from vpopmail.models import Account
from web.paging import PAGE_SIZE, KeysetPage


@dataclass(frozen=True, slots=True)
class Overview:
    """Figures of all domains or of some; `at` is how old they are, None where no report was prepared yet."""

    at: datetime | None = None
    bytes: int = 0
    unknown: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def nearly_full(self) -> int:
        return self.counts.get("over-80", 0)


def latest() -> Report | None:
    """The last report that is complete."""
    return Report.objects.filter(ended_at__isnull=False).order_by("-pk").first()


def overview(own: Collection[str] | None) -> Overview:
    """Figures of these real domains; None: of all."""
    report = latest()
    if report is None:
        return Overview()
    if own is None:
        return Overview(report.ended_at, report.bytes, report.unknown, report.counts)
    found = list(DomainFigures.objects.filter(report=report, domain__in=own))
    counts: Counter[str] = Counter()
    for one in found:
        counts.update(one.counts)
    return Overview(report.ended_at, sum(one.bytes for one in found), sum(f.unknown for f in found), counts)


def is_reported(chosen: Filter) -> bool:
    """Does the report tell for whom it holds?"""
    widest = {kind_of(key): _number(key) for key in LISTED}
    kind = kind_of(chosen.key)
    return kind in widest and _number(chosen.key) >= widest[kind]


def page(chosen: Filter, after: str, own: Collection[str] | None) -> KeysetPage[Account]:
    """A page of the accounts of these real domains (None: of all), the most urgent first, as their rows are
    now; those that are gone since are left out.

    `after` is the key of the last one listed (Listed.pk).
    """
    report = latest()
    if report is None:
        return KeysetPage([])
    found = list(_listed(report, chosen, after, own)[: PAGE_SIZE + 1])
    more, found = len(found) > PAGE_SIZE, found[:PAGE_SIZE]
    accounts = rows_of([Found(row.name, row.domain) for row in found])
    return KeysetPage(accounts, str(found[-1].pk) if more else "", after)


def _listed(
    report: Report, chosen: Filter, after: str, own: Collection[str] | None
) -> QuerySet[Listed, Listed]:
    kind, number = kind_of(chosen.key), _number(chosen.key)
    rows = Listed.objects.filter(report=report, kind=kind)
    if own is not None:
        rows = rows.filter(domain__in=own)
    if kind == "over":
        rows = rows.filter(value__lte=-number)
    elif kind == "idle":
        rows = rows.filter(value__lte=int(report.begun_at.timestamp()) - number * DAY)
    last = Listed.objects.filter(report=report, pk=int(after)).first() if _is_key(after) else None
    if last is not None:
        rows = rows.filter(value__gte=last.value).filter(_behind(last))
    return rows.order_by("value", "domain", "name")


def _behind(last: Listed) -> Q:
    in_order = Q(domain__gt=last.domain) | Q(domain=last.domain, name__gt=last.name)
    return Q(value__gt=last.value) | Q(value=last.value) & in_order


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


def _number(key: str) -> int:
    return int(key.partition("-")[2] or 0)

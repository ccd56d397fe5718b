"""First and last day of a vacation: what the panel keeps beside the answer that lies on the mail host.

`autorespond` and `qmail-autoresponder` know of no days. So the panel puts the line in at midnight before the
first day, and takes it out at midnight after the last one, by the owner's own calendar
(`manage.py vacations_due`, every few minutes by a timer).
"""

import hashlib
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Vacation
from audit.models import Entry
from vpopmail.engines.base import Refused
from vpopmail.models import Account

LATE = timedelta(minutes=20)  # after that the timer does not run as it should
FORGOTTEN = timedelta(days=90)  # after which the days of an account that is gone are no longer kept
FARTHEST = timedelta(days=2 * 366)
State = Vacation.State


@cache
def zones() -> list[str]:
    """The names people may choose: `Europe/Rome`, …, UTC."""
    return ["UTC", *sorted(name for name in available_timezones() if "/" in name and name[0:4] != "Etc/")]


def zone_of(name: str) -> ZoneInfo:
    """Raises Refused for a name that is no time zone."""
    if name not in zones() and name != settings.TIME_ZONE:
        raise Refused(_("There is no time zone %(name)s.") % {"name": name}, field="time_zone")
    return ZoneInfo(name)


def today_in(name: str, now: datetime | None = None) -> date:
    """The day that the owner's calendar shows."""
    return (now or timezone.now()).astimezone(zone_of(name)).date()


def midnight(day: date, name: str) -> datetime:
    """The moment at which the day begins there."""
    return datetime.combine(day, time.min, tzinfo=zone_of(name)).astimezone(UTC)


def check_days(first: date | None, last: date | None, name: str, now: datetime | None = None) -> None:
    """Raises Refused, with the field in it, for days that make no sense."""
    today = today_in(name, now)
    if last and last < (first or today):
        if first and last < first:
            raise Refused(_("The last day comes before the first one."), field="last_day")
        raise Refused(_("The last day is over already."), field="last_day")
    if last and last < today:
        raise Refused(_("The last day is over already."), field="last_day")
    for day, field in ((first, "first_day"), (last, "last_day")):
        if day and day > today + FARTHEST:
            raise Refused(_("That is more than two years ahead."), field=field)


def row_of(account: Account) -> Vacation | None:
    """What the panel keeps for an account, if anything."""
    return Vacation.objects.filter(domain=account.domain, name=account.name, gone_at=None).first()


def is_later(row: Vacation, now: datetime | None = None) -> bool:
    """Does the first day lie ahead?"""
    return bool(row.first_day and row.first_day > today_in(row.time_zone, now))


def set_due(row: Vacation, now: datetime | None = None) -> None:
    """The moment of the next step: putting the line in, or taking it out."""
    if row.state == State.PLANNED:
        at = midnight(row.first_day, row.time_zone) if row.first_day else (now or timezone.now())
        row.due_at = at
    elif row.state == State.ON and row.last_day:
        row.due_at = midnight(row.last_day + timedelta(days=1), row.time_zone)
    else:
        row.due_at = None


def overdue(now: datetime | None = None) -> QuerySet[Vacation]:
    """Steps that should have been done a while ago: the timer does not run. Those that have a problem of
    their own are told on their own pages."""
    before = (now or timezone.now()) - LATE
    return Vacation.objects.filter(due_at__lt=before, problem="", gone_at=None)


def is_late(row: Vacation | None) -> bool:
    return bool(row and row.due_at and not row.problem and row.due_at < timezone.now() - LATE)


def digest(data: str) -> str:
    """Tells one message from another; "" for none."""
    return hashlib.sha256(data.encode("latin-1")).hexdigest() if data else ""


# --- accounts come and go ---


def after_change(entry: Entry) -> None:
    """One of settings.FOLLOWERS. The days of a deleted account wait for its coming back from the trash; an
    account that is made anew begins without."""
    if entry.action not in ("vdeluser", "vadduser", "vdeldomain", "vadddomain", "restore"):
        return
    rows = _rows_of(entry)
    if entry.action in ("vdeluser", "vdeldomain"):
        rows.filter(gone_at=None).update(gone_at=timezone.now())
    elif entry.action == "restore":
        rows.update(gone_at=None)
    else:
        rows.delete()


def _rows_of(entry: Entry) -> QuerySet[Vacation]:
    """Of the account, or of all of the domain that the entry is about."""
    name, at, domain = entry.target.rpartition("@")
    if at:
        return Vacation.objects.filter(domain=entry.domain or domain, name=name)
    added = entry.changes.get("accounts")
    rows = Vacation.objects.filter(domain=entry.target)
    if entry.action == "vadduser" and isinstance(added, list) and len(added) == 2:
        return rows.filter(name__in=[str(one) for one in added[1] or ()])
    return rows

"""The rows of `dir_control`: read, advanced and written back in one UPDATE that asks for the old value."""

from collections.abc import Callable

from django.db import IntegrityError
from django.utils.translation import gettext as _

from vpopmail.database import quoted
from vpopmail.engines.base import Unavailable
from vpopmail.engines.native import placement, sql
from vpopmail.engines.native.placement import COLUMNS, Counter
from vpopmail.engines.native.work import Work

TABLE = "dir_control"
ATTEMPTS = 50


def take(job: Work, name: str, count: int, *, filled: int = 0) -> list[str]:
    """Count `filled` additions that took a free slot, then `count` others; the directories of those
    others."""
    directories: list[str] = []

    def advance(counter: Counter) -> Counter:
        directories.clear()
        for _slot in range(filled):
            counter = counter.filled()
        for _addition in range(count):
            counter = counter.added()
            directories.append(counter.the_dir)
        return counter

    before, after = _change(job, name, advance, filled + count)
    job.takes_back_rows(TABLE, lambda: restore(name, before, after, filled + count))
    return directories


def begin(job: Work, name: str) -> None:
    """The counter of a domain that is new: whatever an earlier life left is replaced; its first account is
    counted."""
    before, after = _change(job, name, lambda _former: Counter().added(), 1)
    job.takes_back_rows(TABLE, lambda: restore(name, before, after, 1))


def count_again(job: Work, name: str, count: int = 1) -> None:
    """Count what came back to its former place: the counter does not move on."""
    before, after = _change(job, name, lambda counter: counter.returned(count), count)
    job.takes_back_rows(TABLE, lambda: restore(name, before, after, count))


def give(job: Work, name: str, count: int = 1) -> None:
    """Count deletions. A counter that is not there stays so, as with vpopmail."""
    if not sql.select(TABLE, ["domain"], {"domain": name}):
        return
    before, after = _change(job, name, lambda counter: counter.removed(count), -count)
    job.takes_back_rows(TABLE, lambda: restore(name, before, after, -count))


def drop(job: Work, name: str) -> None:
    """Delete a domain's counter."""
    found = sql.select(TABLE, ["domain", *COLUMNS], {"domain": name})
    if sql.delete(TABLE, {"domain": name}):
        job.takes_back_rows(TABLE, lambda: sql.put_back(TABLE, found))


def _change(
    job: Work, name: str, change: Callable[[Counter], Counter], count: int
) -> tuple[sql.Row | None, Counter]:
    """Write what `change` makes of the counter; vpopmail's programs may write it meanwhile. The former row
    and the new state."""
    for _attempt in range(ATTEMPTS):
        found = sql.select(TABLE, COLUMNS, {"domain": name}, lock=True)
        before = found[0] if found else None
        after = change(placement.from_row(tuple(before.values()) if before else None))
        values = dict(zip(COLUMNS, placement.to_row(after), strict=True))
        job.note("counter", name=name, before=before, after=values, count=count)
        if _write(name, before, after):
            return before, after
    raise Unavailable(_("Another program keeps changing the counter of this domain. Try again."))


def _write(name: str, before: sql.Row | None, after: Counter) -> bool:
    values = dict(zip(COLUMNS, placement.to_row(after), strict=True))
    if before is not None:
        changed = {column: value for column, value in values.items() if before[column] != value}
        return not changed or sql.update(TABLE, changed, {"domain": name, **before}) == 1
    try:
        return bool(sql.insert(TABLE, [{"domain": name, **values}]))
    except IntegrityError:
        return False  # somebody else has made the row meanwhile


def restore(name: str, before: sql.Row | None, after: Counter, count: int) -> None:
    """Bring back the former row, or, when others have counted since, only take back the number."""
    found = sql.select(TABLE, COLUMNS, {"domain": name})
    if (found[0] if found else None) == before:
        return  # it was never changed
    now = dict(zip(COLUMNS, placement.to_row(after), strict=True))
    if before is None:
        if sql.delete(TABLE, {"domain": name, **now}):
            return
    elif sql.update(TABLE, before, {"domain": name, **now}):
        return
    column = quoted("cur_users")
    where = f"{quoted('domain')} = %s AND {column} >= %s"
    statement = f"UPDATE {quoted(TABLE)} SET {column} = {column} - %s WHERE {where}"  # noqa: S608
    sql.execute(statement, [count, name, count])


def finish(name: str, before: sql.Row | None, after: Counter) -> None:
    """Write a noted change that may have been written already."""
    found = sql.select(TABLE, COLUMNS, {"domain": name})
    if (found[0] if found else None) == before:
        _write(name, before, after)


def take_back_noted(name: str, before: sql.Row | None, after: Counter) -> None:
    """Bring back the former row where the noted change stands: it is going to be made again."""
    found = sql.select(TABLE, COLUMNS, {"domain": name})
    if found and found[0] == dict(zip(COLUMNS, placement.to_row(after), strict=True)):
        restore(name, before, after, 0)

"""vmoddomlimits: a domain's limits in SQL, by column name, or in its `.qmailadmin-limits`
(vmoddomlimits.c, vlimits.c)."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from mailhost import limitsedit, limitsfile
from vpopmail import helper
from vpopmail import limits as stored
from vpopmail.engines.base import Changed, Outcome, Refused
from vpopmail.engines.native import sql
from vpopmail.engines.native.users import delete_rows, real_domain
from vpopmail.engines.native.work import Work, work
from vpopmail.schema import ensure_table, schema

TABLE = stored.TABLE


def change(domain: str, changes: Mapping[str, int], expected: Mapping[str, int], entry: str) -> Outcome:
    """Write the named limits; the others keep the domain's value, or take the default's when it has none
    of its own. Changed is raised where a value of `expected` no longer holds."""
    unknown = sorted(set(changes) - set(limitsfile.COLUMNS))
    if unknown:
        raise Refused(_("There is no limit %(name)s.") % {"name": unknown[0]}, field=unknown[0])
    real = real_domain(domain).name
    if schema().limits == "sql":
        ensure_table(TABLE)
        with work(real, entry=entry) as job, job.rows():
            job.note("limits", domain=real, values=dict(changes))
            _change_row(job, real, changes, expected)
            return job.outcome()
    with work(real, entry=entry) as job:
        job.note("limits", domain=real, values=dict(changes))
        _change_file(job, real, changes, expected)
        return job.outcome()


def delete(domain: str, expected: Mapping[str, int], entry: str) -> Outcome:
    """Delete a domain's own limits; nothing happens when it has none."""
    real = real_domain(domain).name
    with work(real, entry=entry) as job:
        job.note("limits_gone", domain=real)
        if schema().limits == "sql":
            with job.rows():
                if expected and (former := _read_row(real)) is not None:
                    _check_expected(former, expected)
                delete_rows(job, TABLE, {"domain": real})
        else:
            own = helper.call("read_limits", domain=real)
            if own["exists"]:
                _check_expected(limitsfile.parse(own["text"]), expected)
                job.call("remove_limits", domain=real, expect=own["fingerprint"])
        return job.outcome()


def change_default(
    changes: Mapping[str, int | None], expected: Mapping[str, object] | None, entry: str
) -> Outcome:
    """Edit vlimits.default in its place."""
    with work(entry=entry) as job:
        found = stored.defaults()
        if (found.fingerprint or {}) != (expected or {}):
            raise _changed()
        text = limitsedit.edit(found.text, changes)
        job.note("default_limits", text=text)
        job.call("write_default_limits", text=text, expect=found.fingerprint)
        return job.outcome()


def quota_of_new_domain(domain: str) -> str:
    """The same for a domain that has no directory yet, and so no file of its own."""
    found = stored.read(domain) if schema().limits == "sql" else stored.default()
    return found.default_quota


def _check_expected(stands: Mapping[str, int | None], expected: Mapping[str, int]) -> None:
    if any(column in stands and int(stands[column] or 0) != seen for column, seen in expected.items()):
        raise _changed()


def _changed() -> Changed:
    return Changed(_("The limits were changed by somebody else meanwhile. Nothing was overwritten."))


def _read_row(domain: str) -> sql.Row | None:
    found = sql.select(TABLE, stored.columns(), {"domain": domain}, lock=True)
    return found[0] if found else None


def _change_row(job: Work, domain: str, changes: Mapping[str, int], expected: Mapping[str, int]) -> None:
    columns = stored.columns()
    for name in changes:
        if name not in columns:
            raise Refused(_("The table of limits has no column %(name)s.") % {"name": name}, field=name)
    former = _read_row(domain)
    _check_expected(stored.default().values if former is None else former, expected)
    if former is None:
        values = {**stored.default().values, **changes}
        job.takes_back_rows(TABLE, lambda: sql.delete(TABLE, {"domain": domain}))
        sql.insert(TABLE, [{"domain": domain, **{name: values[name] for name in columns}}])
        return
    old = {name: former[name] for name in changes}
    if old and sql.update(TABLE, changes, {"domain": domain, **old}) != 1:
        raise _changed()
    job.takes_back_rows(TABLE, lambda: sql.update(TABLE, old, {"domain": domain, **changes}))


def _change_file(job: Work, domain: str, changes: Mapping[str, int], expected: Mapping[str, int]) -> None:
    own = job.call("read_limits", domain=domain)
    values = limitsfile.parse(own["text"]) if own["exists"] else stored.default().values
    _check_expected(values, expected)
    text = limitsfile.write({**values, **changes})
    job.call("write_limits", domain=domain, text=text, expect=own["fingerprint"])

"""vipmap: rows of ip_alias_map, each compared with what the person saw (vmysql.c, vadd_ip_map)."""

from django.db import IntegrityError
from django.utils.translation import gettext as _

from vpopmail import ip_map
from vpopmail.engines.base import Changed, NotFound, Outcome, Refused
from vpopmail.engines.native import sql
from vpopmail.engines.native.work import work
from vpopmail.ip_map import TABLE
from vpopmail.schema import ensure_table

Row = dict[str, str]


def add(ip: str, domain: str, replaces: str, entry: str) -> Outcome:
    """A new row, or another domain in the one that says `replaces`."""
    if not ip_map.exists():
        raise Refused(_("This vpopmail was built without a map of IP addresses."), field="ip")
    ensure_table(TABLE)
    row, former = {"ip_addr": ip, "domain": domain}, {"ip_addr": ip, "domain": replaces}
    with work(entry=entry) as job:
        job.note("ip_map", ip=ip, to=domain)
        with job.rows():
            if replaces:
                if sql.update(TABLE, {"domain": domain}, former) != 1:
                    raise _changed(ip)
                job.takes_back_rows(TABLE, lambda: sql.update(TABLE, {"domain": replaces}, row))
            else:
                _insert(row)
                job.takes_back_rows(TABLE, lambda: sql.delete(TABLE, row))
        return job.outcome()


def _insert(row: Row) -> None:
    try:
        sql.insert(TABLE, [row])
    except IntegrityError as error:
        raise _changed(row["ip_addr"]) from error


def delete(ip: str, domain: str, entry: str) -> Outcome:
    """Only the row that says this domain."""
    row = {"ip_addr": ip, "domain": domain}
    with work(entry=entry) as job:
        job.note("ip_map", ip=ip, to=None)
        with job.rows():
            if ip_map.domain_of(ip) is None:
                raise NotFound(_("%(ip)s stands for no domain.") % {"ip": ip}, field="ip")
            if sql.delete(TABLE, row) != 1:
                raise _changed(ip)
            job.takes_back_rows(TABLE, lambda: sql.put_back(TABLE, [row]))
        return job.outcome()


def _changed(ip: str) -> Changed:
    return Changed(
        _("What %(ip)s stands for was changed by somebody else meanwhile. Nothing was overwritten.")
        % {"ip": ip},
        field="ip",
    )

"""Automatic answers: a message file, and the lines that have a program send it.

Two steps, in the order in which no moment has a line without its message. Each has its inverse; stopped
between them, recovery takes the first one back.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from vpopmail import robots
from vpopmail.engines.base import AnswerChange, Changed, Outcome
from vpopmail.engines.native import aliases, sql
from vpopmail.engines.native.users import Users, own_box, real_domain
from vpopmail.engines.native.work import Work, work
from vpopmail.schema import ensure_table, schema

Where = dict[str, Any]  # domain, name, hash, program: what the helper calls a message


def vacation(domain: str, name: str, change: AnswerChange, entry: str) -> Outcome:
    """See Engine.vacation."""
    real = real_domain(domain)
    with work(real.name, entry=entry) as job:
        with job.rows():
            row = Users.of(real.name).read(name)
        box = {"domain": real.name, **own_box(real, row)}
        where: Where = {**box, "program": change.program}
        former = job.call("read_mailbox_dotqmail", **box) if change.lines is not None else {"lines": []}
        _note(job, where, change, former["lines"], "vacation")
        lines = partial(_write_own_file, job, box, change, former)
        _in_order(job, where, change, lines)
        return job.outcome()


def autoresponder(domain: str, name: str, change: AnswerChange, bound: bool, entry: str) -> Outcome:
    """See Engine.autoresponder."""
    real = real_domain(domain).name
    if change.store == "sql":
        ensure_table(aliases.TABLE)
    with work(real, entry=entry) as job:
        former = lines_of(job, real, name, change.store)
        if change.seen_lines is not None and former != list(change.seen_lines):
            raise Changed(_("The autoresponder was changed by somebody else meanwhile."))
        if bound and change.lines and not former:
            robots.check_autoresponders(real)
        where: Where = {"domain": real, "name": name, "hash": None, "program": change.program}
        _note(job, where, change, former, change.store)
        _in_order(job, where, change, partial(set_lines, job, real, name, change.store, change.lines or ()))
        return job.outcome()


def _note(job: Work, where: Where, change: AnswerChange, former: Sequence[str], store: str) -> None:
    found = job.call("read_answer", **where)
    lines = None if change.lines is None else list(change.lines)
    data = found["data"] if found["exists"] else None
    texts = {"data": change.data, "former": data, "lines": lines, "former_lines": list(former)}
    job.note("answer", where=where, store=store, domain=where["domain"], **texts)


def _in_order(job: Work, where: Where, change: AnswerChange, lines: Any) -> None:
    """The message before its line is there, and the line gone before its message."""
    if change.data is None:
        if change.lines is not None:
            lines()
        set_message(job, where, None, change.seen)
        return
    set_message(job, where, change.data, change.seen)
    if change.lines is not None:
        lines()


def set_message(job: Work, where: Where, data: str | None, seen: dict[str, Any] | None) -> None:
    """Write or remove the message, with the inverse."""
    former = job.call("read_answer", **where)
    if data is None:
        job.call("remove_answer", **where, expect=seen)
        if former["exists"] and former["readable"]:
            job.takes_back(_("the message"), "write_answer", **where, data=former["data"], expect=None)
        return
    written = job.call("write_answer", **where, data=data, expect=seen)["fingerprint"]
    if former["exists"]:
        back = {"data": former["data"], "expect": written}
        job.takes_back(_("the message"), "write_answer", **where, **back)
    else:
        job.takes_back(_("the message"), "remove_answer", **where, expect=written)


def _write_own_file(job: Work, box: Where, change: AnswerChange, former: dict[str, Any]) -> None:
    """The account's own `.qmail`: the last step, or one whose inverse is needed after it."""
    lines, expect = list(change.lines or ()), change.seen_file
    if not lines:
        job.call("remove_mailbox_dotqmail", **box, expect=expect)
        now = None
    else:
        now = job.call("write_mailbox_dotqmail", **box, lines=lines, expect=expect)["fingerprint"]
    if former["lines"]:
        job.takes_back(".qmail", "write_mailbox_dotqmail", **box, lines=former["lines"], expect=now)
    elif now:
        job.takes_back(".qmail", "remove_mailbox_dotqmail", **box, expect=now)


# --- the lines of an autoresponder ---


def lines_of(job: Work, domain: str, name: str, store: str) -> list[str]:
    """The lines of an alias, in the table or in its file."""
    if store == "sql":
        return [row["valias_line"] for row in aliases.read_rows(domain, name)]
    return list(aliases.read_file(job, domain, name)["lines"])


def set_lines(job: Work, domain: str, name: str, store: str, wanted: Sequence[str]) -> None:
    """Make them just these, leaving alone what stays."""
    if store == "sql":
        with job.rows():
            _set_rows(job, domain, name, wanted)
        return
    file = aliases.read_file(job, domain, name)
    if list(wanted) == file["lines"]:
        return
    where = {"domain": domain, "name": name}
    if not wanted:
        job.call("remove_dotqmail", **where, expect=file["fingerprint"])
        job.takes_back(f".qmail-{name}", "write_dotqmail", **where, lines=file["lines"], expect=None)
        return
    written = job.call("write_dotqmail", **where, lines=list(wanted), expect=file["fingerprint"])
    if file["exists"]:
        back = {"lines": file["lines"], "expect": written["fingerprint"]}
        job.takes_back(f".qmail-{name}", "write_dotqmail", **where, **back)
    else:
        job.takes_back(f".qmail-{name}", "remove_dotqmail", **where, expect=written["fingerprint"])


def _set_rows(job: Work, domain: str, name: str, wanted: Sequence[str]) -> None:
    rows = aliases.read_rows(domain, name)
    leaving = [row for row in rows if row["valias_line"] not in wanted]
    for row in leaving:
        if sql.delete(aliases.TABLE, row) < 1:
            raise Changed(_("The autoresponder was changed by somebody else meanwhile."))
    job.takes_back_rows(aliases.TABLE, lambda: sql.put_back(aliases.TABLE, leaving))
    there = {row["valias_line"] for row in rows}
    made = [_new_row(domain, name, line) for line in dict.fromkeys(wanted) if line not in there]
    job.takes_back_rows(aliases.TABLE, lambda: [sql.delete(aliases.TABLE, row) for row in made])
    for row in made:
        sql.insert(aliases.TABLE, [row])


def _new_row(domain: str, name: str, line: str) -> sql.Row:
    row: sql.Row = {"alias": name, "domain": domain, "valias_line": line}
    if schema().has_column(aliases.TABLE, "valias_type"):
        row["valias_type"] = 0 if line.startswith("|") else 1  # vmysql.c, valias_insert
    return row

"""Aliases of one domain that lead in a circle or to nowhere, and names that mean two things."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from server.findings import Finding
from vpopmail import aliases, helper, recipients, rules
from vpopmail.aliases import Alias, AliasLine
from vpopmail.assigned import AssignedDomain
from vpopmail.database import quoted, rows
from vpopmail.engines.base import NotFound, Refused, VpopmailError
from vpopmail.models import accounts_of
from vpopmail.repairs import Mend, Repair
from vpopmail.schema import schema

BATCH = 100  # aliases
_DELIVERS = re.compile(r"deliver|dovecot|maildrop|procmail")  # programs that may put mail into the mailbox


def of_domain(domain: AssignedDomain) -> Iterator[Finding]:
    """A domain whose directory is not there has no files to look at."""
    after = ""
    while True:
        try:
            page = aliases.aliases_of(domain.name, after, BATCH)
        except NotFound:
            return
        yield from _of_aliases(domain, page.rows)
        after = page.next_after
        if not after:
            break
    if schema().aliases == "sql":
        yield from _files_beside_rows(domain)


def _of_aliases(domain: AssignedDomain, found: Sequence[Alias]) -> Iterator[Finding]:
    lines = [line for alias in found for line in alias.lines if line.kind == "forward"]
    if lines:
        yield from _judged(lines)
    yield from _hidden_accounts(domain, {alias.name: alias.lines for alias in found})


def _files_beside_rows(domain: AssignedDomain) -> Iterator[Finding]:
    """Where aliases are rows, mailing lists are files, and a file wins over rows of its name."""
    after, more = "", True
    while more:
        try:
            answer = helper.call("list_dotqmail", domain=domain.name, after=after, limit=500)
        except VpopmailError:
            return
        files, more = answer["files"], answer["more"]
        if not files:
            return
        names = [str(file["name"]) for file in files]
        yield from (_twice(domain, name, count) for name, count in _rows_of(domain.name, names))
        yield from _hidden_accounts(domain, {file["name"]: _lines(domain, file) for file in files})
        after = names[-1]


def _lines(domain: AssignedDomain, file: dict[str, Any]) -> tuple[AliasLine, ...]:
    return tuple(aliases.line_of(file["name"], domain.name, line) for line in file["lines"])


def _rows_of(domain: str, names: list[str]) -> list[tuple[str, int]]:
    if not schema().has_table(aliases.TABLE):
        return []
    places = ", ".join(["%s"] * len(names))
    statement = (
        f"SELECT alias, COUNT(*) FROM {quoted(aliases.TABLE)} "  # noqa: S608
        f"WHERE domain = %s AND alias IN ({places}) GROUP BY alias"
    )
    return [(str(name), int(count)) for name, count in rows(statement, [domain, *names])]


def _twice(domain: AssignedDomain, name: str, count: int) -> Finding:
    address = f"{name}@{domain.name}"
    return Finding(
        "alias-twice",
        address,
        _("%(address)s is a file and has rows: the file wins, and the rows do nothing.")
        % {"address": address},
        _("%(file)s, %(count)d rows") % {"file": f"{domain.directory}/.qmail-{name}", "count": count},
        _("Delete the rows; they are kept in the trash. Look first which of both was meant."),
        Repair(Mend.HIDDEN_ROWS, domain.name, name),
    )


def _hidden_accounts(domain: AssignedDomain, found: dict[str, tuple[AliasLine, ...]]) -> Iterator[Finding]:
    """Accounts whose mail goes into a list or a program of their name and never into their mailbox.

    What forwards it to somebody is meant to be so.
    """
    names = [name for name, lines in found.items() if name.isascii() and not any(map(_reaches, lines))]
    if not names:
        return
    for name in accounts_of(domain.name).filter(name__in=names).values_list("name", flat=True):
        address = f"{name}@{domain.name}"
        yield Finding(
            "account-hidden",
            address,
            _("%(address)s is an account and a list or program besides: its mailbox gets no mail.")
            % {"address": address},
            " · ".join(line.line for line in found.get(str(name), ())[:3]),
            _("By hand: delete one of the two, or add a line that delivers into the mailbox."),
        )


def _reaches(line: AliasLine) -> bool:
    return line.kind in ("forward", "maildir", "mbox") or bool(_DELIVERS.search(line.line))


def _judged(lines: Sequence[AliasLine]) -> Iterator[Finding]:
    accounts, named, nowhere = recipients.existing([line.destination for line in lines])
    nowhere -= recipients.caught(nowhere).keys()
    for line in lines:
        address = line.destination
        if address in nowhere and "-" not in address.rpartition("@")[0]:  # extensions are not judged
            yield _finding(
                "alias-nowhere",
                line,
                _("%(alias)s leads to %(address)s, which is neither an account nor an alias."),
                _("Remove the line, which is kept in the trash; or make the address it leads to."),
                Repair(Mend.ALIAS_LINE, line.domain, line.alias, line.line),
            )
        elif address in named or (address in accounts and address.lower() == line.address.lower()):
            try:
                rules.check_not_circular(line.domain, line.alias, line.line)
            except Refused:
                yield _finding(
                    "alias-circle",
                    line,
                    _("%(alias)s leads back to itself through %(address)s."),
                    _("By hand: remove one line of the circle on the alias’s page."),
                )


def _finding(kind: str, line: AliasLine, text: str, plan: str, repair: Repair | None = None) -> Finding:
    subject, words = (
        f"{line.address} {line.destination}",
        {"alias": line.address, "address": line.destination},
    )
    return Finding(kind, subject, text % words, line.line, plan, repair)

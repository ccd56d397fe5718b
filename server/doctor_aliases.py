"""Aliases of one domain that lead in a circle or to nowhere."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from server.findings import Finding
from vpopmail import aliases, recipients, rules
from vpopmail.aliases import AliasLine
from vpopmail.assigned import AssignedDomain
from vpopmail.engines.base import NotFound, Refused

BATCH = 100  # aliases


def of_domain(domain: AssignedDomain) -> Iterator[Finding]:
    """A domain whose directory is not there has no files to look at."""
    after = ""
    while True:
        try:
            page = aliases.aliases_of(domain.name, after, BATCH)
        except NotFound:
            return
        lines = [line for alias in page.rows for line in alias.lines if line.kind == "forward"]
        if lines:
            yield from _judged(lines)
        after = page.next_after
        if not after:
            return


def _judged(lines: Sequence[AliasLine]) -> Iterator[Finding]:
    accounts, named, nowhere = recipients.existing([line.destination for line in lines])
    for line in lines:
        address = line.destination
        if address in nowhere and "-" not in address.rpartition("@")[0]:  # extensions are not judged
            yield _finding(
                "alias-nowhere",
                line,
                _("%(alias)s leads to %(address)s, which is neither an account nor an alias."),
            )
        elif address in named or (address in accounts and address.lower() == line.address.lower()):
            try:
                rules.check_not_circular(line.domain, line.alias, line.line)
            except Refused:
                yield _finding("alias-circle", line, _("%(alias)s leads back to itself through %(address)s."))


def _finding(kind: str, line: AliasLine, text: str) -> Finding:
    return Finding(
        kind,
        f"{line.address} {line.destination}",
        text % {"alias": line.address, "address": line.destination},
        line.line,
        _("Remove the line on the alias’s page, or make the address it leads to."),
    )

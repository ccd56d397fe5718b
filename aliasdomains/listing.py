"""Alias domains in order of their names, from the assign file in memory."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import islice

from vpopmail.assigned import Assigned, AssignedDomain
from web.matching import is_match
from web.paging import PAGE_SIZE, KeysetPage, cut


def _name(domain: AssignedDomain) -> str:
    return domain.name


def _found(domains: Sequence[AssignedDomain], start: int, text: str) -> Iterator[AssignedDomain]:
    for position in range(start, len(domains)):
        domain = domains[position]
        if not text or is_match(domain.name, text) or is_match(domain.real, text):
            yield domain


def alias_page(
    domains: Sequence[AssignedDomain], *, text: str = "", after: str = "", size: int = PAGE_SIZE
) -> KeysetPage[AssignedDomain]:
    """A page of alias domains whose own or real name contains `text`; scanning ends with the page."""
    start = bisect_right(domains, after, key=_name) if after else 0
    rows = list(islice(_found(domains, start, text), size + 1))
    return cut(rows, after, key=_name, size=size)


def aliases_of(assigned: Assigned, real: str) -> list[AssignedDomain]:
    """The alias domains of one domain."""
    return [domain for name in assigned.aliases_of(real) if (domain := assigned.get(name))]

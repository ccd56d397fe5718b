"""The domain list: real domains in order of their names, found by any of their names, a page at a time.

Everything comes from the assign file in memory; no database is asked about a domain that is not shown.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from vpopmail import listing
from vpopmail.assigned import Assigned, AssignedDomain
from web.matching import is_match
from web.paging import PAGE_SIZE, KeysetPage, cut

FOLDED_AFTER = 3
MOST_MATCHED = 10  # alias domains of one domain that a search shows unfolded
LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"
LETTERS_FROM = 2 * PAGE_SIZE  # domains; a shorter list needs no letters


@dataclass(slots=True)
class DomainRow:
    """A domain of the list; its alias domains that are shown (what a search found first), and those `folded`.

    `accounts` is vpopmail's counter, about right; None where it has none.
    """

    domain: AssignedDomain
    alias_domains: Sequence[str] = ()
    folded: Sequence[str] = ()
    accounts: int | None = None

    @property
    def alias_count(self) -> int:
        return len(self.alias_domains) + len(self.folded)


def _found(assigned: Assigned, names: Sequence[str], text: str) -> Iterator[str]:
    if not text:
        yield from names
        return
    by_alias = {alias.real for alias in assigned.alias_domains if is_match(alias.name, text)}
    for name in names:
        if name in by_alias or is_match(name, text):
            yield name


def _with_aliases(assigned: Assigned) -> Sequence[str]:
    return sorted({alias.real for alias in assigned.alias_domains} & set(assigned.real_domains))


def _stretch(names: Sequence[str], letter: str, after: str) -> Sequence[str]:
    """The names that begin with `letter` and come after `after`; both may be ""."""
    start = bisect_left(names, max(letter, f"{after}\0" if after else ""))
    end = bisect_left(names, letter + "\x7f") if letter else len(names)
    return names[start:end]


def domain_page(
    assigned: Assigned,
    *,
    text: str = "",
    letter: str = "",
    aliased: bool = False,
    after: str = "",
    size: int = PAGE_SIZE,
    own: Collection[str] | None = None,
) -> KeysetPage[DomainRow]:
    """A page of real domains found by any of their names; scanning ends with the page.

    `aliased`: those that have alias domains only. `own`: those of these names only.
    """
    known = _with_aliases(assigned) if aliased else assigned.real_domains
    names = _stretch(known if own is None else sorted(set(own) & set(known)), letter, after)
    rows = [_row(assigned, name, text) for name in islice(_found(assigned, names, text), size + 1)]
    return cut(rows, after, key=lambda row: row.domain.name, size=size)


def _row(assigned: Assigned, name: str, text: str) -> DomainRow:
    domain = assigned.get(name)
    assert domain is not None  # noqa: S101 - the name comes from the same list
    aliases = assigned.aliases_of(name)
    matched = [alias for alias in aliases if text and is_match(alias, text)]
    first = set(matched)
    ordered = matched + [alias for alias in aliases if alias not in first]
    shown = max(FOLDED_AFTER, min(len(matched), MOST_MATCHED))
    return DomainRow(domain, ordered[:shown], ordered[shown:])


def with_counts(page: KeysetPage[DomainRow]) -> KeysetPage[DomainRow]:
    """The page with about how many accounts each domain has: one query for those shown."""
    counts = listing.count_about([row.domain.name for row in page.rows])
    for row in page.rows:
        row.accounts = counts.get(row.domain.name)
    return page


def letters(names: Sequence[str]) -> list[str]:
    """The first letters that occur in a long sorted list; none when it is short."""
    if len(names) <= LETTERS_FROM:
        return []
    return [letter for letter in LETTERS if _stretch(names, letter, "")]

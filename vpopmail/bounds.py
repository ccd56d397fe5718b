"""How many accounts and aliases a domain's limits allow, and whether one more would still fit.

vpopmail's own programs don't look at these limits at all, only qmailadmin does: it counts names (a name with
a forward is one forward, however many lines it has), -1 is unlimited, and 0 is none at all. Pages and
services ask before a change; the engine asks again under the domain's lock, so that two callers at once
cannot exceed a limit together.
"""

from collections.abc import Iterable, Iterator, Sequence

from django.utils.translation import ngettext

from mailhost.dotqmail import parse_line
from vpopmail import limits, lists
from vpopmail.alias_kinds import AUTORESPONDER, LIST, kind_of
from vpopmail.aliases import aliases_of, get_alias
from vpopmail.engines.base import Refused
from vpopmail.models import accounts_of

_PAGE = 500
MOST_COUNTED = 1000  # names of aliases, for a page that says how many there are


def over_accounts(domain: str, more: int = 1) -> str:
    """Why a real domain may not have `more` accounts, in a sentence; "" when it may."""
    most = limits.read(domain).values["maxpopaccounts"]
    if most < 0 or accounts_of(domain)[: most + 1].count() + more <= most:
        return ""
    message = ngettext(
        "%(domain)s may have %(most)d account, and would now have more.",
        "%(domain)s may have %(most)d accounts, and would now have more.",
        most,
    )
    return message % {"domain": domain, "most": most}


def over_aliases(domain: str, alias: str, lines: Sequence[str]) -> str:
    """Why the alias may not have just these lines, in a sentence; "" when it may.

    A name that is new, or that becomes a forward or stops being one, counts as one more of what it becomes.
    """
    column = counted_as(lines)
    if not lines or not column or column == counted_as([line.line for line in get_alias(domain, alias)]):
        return ""
    return _over_names(domain, column)


def counted_as(lines: Sequence[str]) -> str:
    """The limit that an alias with these lines counts for, as qmailadmin counts: a forward, or another alias;
    "" for none, and for autoresponders and mailing lists, which have limits of their own.
    """
    lines = [line.strip() for line in lines]
    if not lines or kind_of(lines) in (AUTORESPONDER, LIST):
        return ""
    return "maxforwards" if is_forward(lines) else "maxaliases"


def is_forward(lines: Iterable[str]) -> bool:
    """Does an alias with these lines send mail on to an address? qmailadmin then calls it a forward."""
    return any(parse_line(line.strip()).kind == "forward" for line in lines)


def _over_names(domain: str, column: str) -> str:
    most = limits.read(domain).values[column]
    if most < 0 or not _are_as_many(domain, most, column):
        return ""
    if column == "maxforwards":
        message = ngettext(
            "%(domain)s may have %(most)d forward, and would now have more.",
            "%(domain)s may have %(most)d forwards, and would now have more.",
            most,
        )
    else:
        message = ngettext(
            "%(domain)s may have %(most)d alias, and would now have more.",
            "%(domain)s may have %(most)d aliases, and would now have more.",
            most,
        )
    return message % {"domain": domain, "most": most}


def _are_as_many(domain: str, most: int, column: str) -> bool:
    """Has the domain `most` names of that kind? Stops counting there."""
    count = 0
    for lines in _aliases(domain):
        if count >= most:
            break
        count += counted_as(lines) == column
    return count >= most


def _aliases(domain: str) -> Iterator[list[str]]:
    """The lines of each alias name of a domain."""
    after = ""
    while True:
        page = aliases_of(domain, after=after, limit=_PAGE)
        for alias in page.rows:
            yield [line.line for line in alias.lines]
        if not page.next_after:
            return
        after = page.next_after


def names_used(domain: str) -> dict[str, int]:
    """How many names of each kind a domain has, by the limit's column; all together up to MOST_COUNTED."""
    counts = {"maxforwards": 0, "maxaliases": 0}
    for lines in _aliases(domain):
        if column := counted_as(lines):
            counts[column] += 1
        if sum(counts.values()) >= MOST_COUNTED:
            break
    return counts


def over_lists(domain: str) -> str:
    """Why a real domain may not have one more mailing list, in a sentence; "" when it may."""
    most = limits.read(domain).values["maxmailinglists"]
    if most < 0 or lists.count(domain, most) < most:
        return ""
    message = ngettext(
        "%(domain)s may have %(most)d mailing list, and would now have more.",
        "%(domain)s may have %(most)d mailing lists, and would now have more.",
        most,
    )
    return message % {"domain": domain, "most": most}


def check_lists(domain: str) -> None:
    """Raises Refused when the limits don't allow one more mailing list."""
    if sentence := over_lists(domain):
        raise Refused(sentence, field="name")


def check_accounts(domain: str, more: int = 1) -> None:
    """Raises Refused when the limits don't allow `more` accounts."""
    if sentence := over_accounts(domain, more):
        raise Refused(sentence, field="name")


def check_aliases(domain: str, alias: str, lines: Sequence[str]) -> None:
    """Raises Refused when the limits don't allow the alias to have just these lines."""
    if sentence := over_aliases(domain, alias, lines):
        raise Refused(sentence, field="name")

"""How much of its limits a domain uses: each count stops at a bound."""

from collections.abc import Mapping

from django.utils.translation import ngettext

from vpopmail import bounds, listing, lists, robots
from vpopmail.listing import Count

MOST_COUNTED = bounds.MOST_COUNTED


def used(domain: str) -> dict[str, Count]:
    """What a real domain has now, by the column of the limit."""
    names = bounds.names_used(domain)
    more = sum(names.values()) >= MOST_COUNTED
    robots_found = len(robots.names_of(domain, limit=MOST_COUNTED + 1))
    return {
        "maxpopaccounts": listing.bounded_count(domain),
        "maxforwards": Count(names["maxforwards"], more=more),
        "maxaliases": Count(names["maxaliases"], more=more),
        "maxautoresponders": _bounded(robots_found),
        "maxmailinglists": _bounded(lists.count(domain, MOST_COUNTED + 1)),
    }


def _bounded(number: int) -> Count:
    return Count(min(number, MOST_COUNTED), more=number > MOST_COUNTED)


def over(domain: str, values: Mapping[str, int], known: Mapping[str, Count] | None = None) -> list[str]:
    """A sentence for each of these limits that is below what the domain has already: that is allowed, and
    takes nothing away. `known` is what it has, where that was counted."""
    counts = {column: value for column, value in values.items() if column in SENTENCES and value >= 0}
    if not counts:
        return []
    now = dict(known or used(domain))
    if "maxpopaccounts" in counts and now["maxpopaccounts"].about:  # vpopmail's counter may have drifted
        now["maxpopaccounts"] = listing.bounded_count(domain, exact=True)
    return [
        SENTENCES[column](now[column].number) % {"now": now[column], "most": most}
        for column, most in counts.items()
        if now[column].number > most
    ]


def _accounts(number: int) -> str:
    return ngettext(
        "There is %(now)s account already and %(most)d allowed: it stays, and no other can be added.",
        "There are %(now)s accounts already and %(most)d allowed: all stay, and no other can be added.",
        number,
    )


def _aliases(number: int) -> str:
    return ngettext(
        "There is %(now)s alias already and %(most)d allowed: it stays, and no other can be added.",
        "There are %(now)s aliases already and %(most)d allowed: all stay, and no other can be added.",
        number,
    )


def _forwards(number: int) -> str:
    return ngettext(
        "There is %(now)s forward already and %(most)d allowed: it stays, and no other can be added.",
        "There are %(now)s forwards already and %(most)d allowed: all stay, and no other can be added.",
        number,
    )


def _autoresponders(number: int) -> str:
    return ngettext(
        "There is %(now)s autoresponder already and %(most)d allowed: it stays, and no other can be added.",
        "There are %(now)s autoresponders already and %(most)d allowed: all stay, and no other can be added.",
        number,
    )


def _lists(number: int) -> str:
    return ngettext(
        "There is %(now)s mailing list already and %(most)d allowed: it stays, and no other can be added.",
        "There are %(now)s mailing lists already and %(most)d allowed: all stay, and no other can be added.",
        number,
    )


SENTENCES = {
    "maxpopaccounts": _accounts,
    "maxaliases": _aliases,
    "maxforwards": _forwards,
    "maxautoresponders": _autoresponders,
    "maxmailinglists": _lists,
}

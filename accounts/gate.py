"""How the limits of a domain bind: people below administrator are refused, administrators and the command
line are warned.

vpopmail's own programs don't look at these limits at all, only qmailadmin does (it counts names: a name with
a forward is one forward, however many lines it has).
"""

from collections.abc import Iterator

from django.utils.translation import ngettext

from audit.log import Actor
from vpopmail import limits
from vpopmail.aliases import AliasLine, aliases_of
from vpopmail.engines.base import Refused
from vpopmail.models import accounts_of
from web.access import may

_PAGE = 500


def may_exceed(actor: Actor) -> bool:
    """The command line, and whoever holds the right for all domains (a postmaster holds it for some)."""
    return actor is None or may(actor, "vpopmail.add_account")


def _judge(actor: Actor, message: str, field: str) -> list[str]:
    if not may_exceed(actor):
        raise Refused(message, field=field)
    return [message]


def _bound(domain: str, column: str) -> int:
    """The limit, -1 for none."""
    return limits.read(domain).values[column]


def accounts(actor: Actor, domain: str, more: int = 1) -> list[str]:
    """Warnings about adding `more` accounts to a real domain; raises Refused for people whom the limits
    bind."""
    most = _bound(domain, "maxpopaccounts")
    if most < 0 or accounts_of(domain)[: most + 1].count() + more <= most:
        return []
    message = ngettext(
        "%(domain)s may have %(most)d account, and would now have more.",
        "%(domain)s may have %(most)d accounts, and would now have more.",
        most,
    )
    return _judge(actor, message % {"domain": domain, "most": most}, "name")


def _aliases(domain: str) -> Iterator[list[AliasLine]]:
    """The lines of each alias name of a domain."""
    after = ""
    while True:
        page = aliases_of(domain, after=after, limit=_PAGE)
        for alias in page.rows:
            yield list(alias.lines)
        if not page.next_after:
            return
        after = page.next_after


def _is_forward(lines: list[AliasLine]) -> bool:
    return any(line.kind == "forward" for line in lines)


def alias_name(actor: Actor, domain: str, *, forward: bool) -> list[str]:
    """Warnings about one more alias name in a real domain, which is a forward or delivers otherwise."""
    most = _bound(domain, "maxforwards" if forward else "maxaliases")
    if most < 0:
        return []
    count = 0
    for lines in _aliases(domain):
        count += _is_forward(lines) == forward
        if count >= most:
            break
    if count < most:
        return []
    if forward:
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
    return _judge(actor, message % {"domain": domain, "most": most}, "name")

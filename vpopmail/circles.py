"""Where mail goes on to from an address of this server, and whether it comes back.

In the order of delivery: an alias of the name, an alias for many names (`PREFIX-default`), an account with
its own forwarding, mail for unknown addresses. An alias domain's addresses are the real domain's.
"""

from collections.abc import Iterable

from vpopmail import aliases, delivery, forwarding
from vpopmail.assigned import domains
from vpopmail.engines.base import Refused
from vpopmail.models import find_account
from vpopmail.recipients import patterns

MOST_STEPS = 100  # addresses followed


def comes_back(start: str, onward: Iterable[str]) -> bool:
    """Does mail that goes on to these addresses reach `start` again? It follows MOST_STEPS addresses."""
    begin = _local(start)
    seen = {begin}
    waiting = list(onward)
    while waiting and len(seen) <= MOST_STEPS:
        key = _local(waiting.pop())
        if key == begin:
            return True
        if key is not None and key not in seen:
            seen.add(key)
            waiting += onward_from(*key)
    return False


def _local(address: str) -> tuple[str, str] | None:
    """Name and real domain of an address of this server."""
    name, _at, domain = address.lower().rpartition("@")
    real = domains().real(domain)
    return None if real is None or not name else (name, real.name)


def onward_from(name: str, domain: str) -> list[str]:
    """The addresses that mail to an address of a real domain is sent on to."""
    for alias in (name, *patterns(name)):
        if lines := aliases.get_alias(domain, alias):
            return aliases.destinations_of(aliases.used(lines))
    account = find_account(domain, name)
    if account is not None:
        return list(forwarding.read(account).destinations)
    return _unknown(name, domain)


def _unknown(name: str, domain: str) -> list[str]:
    try:
        to = delivery.read(domain).unknown
    except Refused:
        return []
    if "@" not in to:
        return []
    return [f"{name}{to}" if to.startswith("@") else to]

"""Which deliveries a domain may have for addresses that are nobody's: they lead somewhere, and not back."""

from django.utils.translation import gettext as _

from vpopmail import aliases
from vpopmail.assigned import AssignedDomain, domains
from vpopmail.circles import MOST_STEPS, onward_from
from vpopmail.engines.base import Refused
from vpopmail.models import find_account
from vpopmail.recipients import patterns

_STRANGER = "nobody.of.that.name"  # stands for any name that nobody has


def check_target(real: AssignedDomain, unknown: str) -> None:
    """Refuse an address of this server that does not exist, another domain that is the same one, and what
    comes back to an unknown address of this domain. Raises Refused with the field `account`, `address` or
    `other`.
    """
    if unknown in ("bounce", "delete"):
        return
    name, _at, at = unknown.rpartition("@")
    there = domains().real(at)
    if there is None:
        return  # elsewhere in the world
    if there.name == real.name and not name:
        raise Refused(_("%(domain)s is this domain itself.") % {"domain": at}, field="other")
    if name and not exists(there.name, name):
        what = "account" if there.name == real.name else "address"
        raise Refused(_("There is no %(address)s on this server.") % {"address": unknown}, field=what)
    if comes_back(real.name, unknown):
        raise Refused(
            _("That would send mail for unknown addresses of %(domain)s in a circle.")
            % {"domain": real.name},
            field="address" if name else "other",
        )


def exists(domain: str, name: str) -> bool:
    """Is there an account or an alias of that name, or an alias for many names that takes it?"""
    if find_account(domain, name) is not None:
        return True
    return any(aliases.is_taken(domain, alias) for alias in (name, *patterns(name)))


def comes_back(domain: str, unknown: str) -> bool:
    """Does mail that goes there reach an unknown address of the domain again? By aliases, forwardings of
    accounts, and the deliveries of other domains here."""
    waiting, seen = [unknown if unknown[0] != "@" else _STRANGER + unknown], set[tuple[str, str]]()
    while waiting and len(seen) <= MOST_STEPS:
        name, _at, at = waiting.pop().lower().rpartition("@")
        real = domains().real(at)
        if real is None or (name, real.name) in seen:
            continue
        seen.add((name, real.name))
        if real.name == domain and not exists(domain, name):
            return True
        waiting += onward_from(name, real.name)
    return False

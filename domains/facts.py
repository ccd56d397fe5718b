"""What a domain's page says beside its accounts: its state, how many accounts, what a new one gets."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from vpopmail import assigned, limits, listing
from vpopmail import quota as quotas
from vpopmail.assigned import AssignedDomain
from web.states import SERVICES, State


@dataclass(frozen=True, slots=True)
class Facts:
    """`most_accounts` is the limit of accounts, None for no limit."""

    states: Sequence[State]
    accounts: listing.Count
    most_accounts: int | None
    alias_domains: int
    default_quota: str


def facts_of(domain: AssignedDomain) -> Facts:
    found = limits.read(domain.real)
    most = found["maxpopaccounts"]
    return Facts(
        [_state(found.flags)],
        listing.bounded_count(domain.real),
        most if most >= 0 else None,
        len(assigned.domains().aliases_of(domain.real)),
        quotas.describe(found.default_quota),
    )


def _state(flags: int) -> State:
    """Which services the domain's limits close for all its accounts that don't override them."""
    closed = [name for bit, name in SERVICES if flags & bit]
    if not closed:
        return State(_("Active"), "good", "circle-check")
    if len(closed) == len(SERVICES):
        return State(_("Disabled"), "bad", "circle-x", _("No account of this domain can sign in."))
    services = ", ".join(closed)
    return State(
        _("Restricted"), "partial", "circle-half-2", _("Closed: %(services)s.") % {"services": services}
    )

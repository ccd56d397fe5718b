"""Who may forward what: how many addresses, where the domain allows no forwards, and never in a circle."""

from collections.abc import Sequence

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import gate
from accounts.models import User
from accounts.roles import is_own
from audit.log import Actor
from vpopmail import circles, limits
from vpopmail.engines.base import Refused
from vpopmail.models import Account


def check(actor: Actor, account: Account, before: Sequence[str], after: Sequence[str]) -> list[str]:
    """Warnings about an account whose mail goes on to `after` instead of `before`. Raises Refused.

    Administrators and the command line are warned where a bound is exceeded.
    """
    gate.change(actor, account)
    if isinstance(actor, User) and not is_own(actor, account):
        gate.forwards_mask(actor, account.domain, bool(before), bool(after))
    new = [address for address in after if address not in before]
    if not new:
        return []
    check_no_circle(account, after)
    sentence = _over(account.domain, len(after))
    if sentence and gate.is_bound(actor):
        raise Refused(sentence, field="destinations")
    return [sentence] if sentence else []


def check_no_circle(account: Account, addresses: Sequence[str]) -> None:
    """Refuse addresses whose mail comes back: vpopmail bounces it as looping."""
    for address in addresses:
        if circles.comes_back(account.address, [address]):
            raise Refused(
                _("%(address)s leads back to this account, so mail would go in a circle.")
                % {"address": address},
                field="destinations",
            )


def most(domain: str) -> int:
    """To how many addresses an account of the domain forwards at most.

    The domain's limit of forwards counts names of aliases, as qmailadmin does; where it is 0 nobody forwards.
    """
    return 0 if limits.read(domain).values["maxforwards"] == 0 else settings.FORWARDING_DESTINATIONS


def _over(domain: str, count: int) -> str:
    """Why an account of the domain may not forward to so many addresses, in a sentence; "" when it may."""
    bound = most(domain)
    if count <= bound:
        return ""
    if not bound:
        return _("Accounts of %(domain)s may not forward their mail.") % {"domain": domain}
    message = ngettext(
        "An account forwards to %(most)d address at most.",
        "An account forwards to %(most)d addresses at most.",
        bound,
    )
    return message % {"most": bound}

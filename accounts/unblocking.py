"""Letting somebody try again at once, who waits because of too many wrong passwords: one person, or all who
come from one network.
"""

import ipaddress

from django.utils.translation import gettext as _

from accounts import proof, throttle
from accounts.models import User
from accounts.second_factor.models import AuthenticatorApp
from audit.log import Actor, audit
from vpopmail.assigned import domains
from vpopmail.engines.base import Refused

ACTION = "unblock"
SHORTEST = {4: 24, 6: 64}  # prefixes of the networks that attempts are counted for


def unblock(*, actor: Actor, target: str) -> tuple[str, bool]:
    """`target` is an address or a user name, or an IP address or network (/24, for IPv6 /64 at least).

    Returns what it was understood as, and whether anything was counted against it. Only then is there an
    entry in the journal. Raises Refused.
    """
    network = _network(target.strip())
    return (network, _open_network(actor, network)) if network else _open_person(actor, target)


def _network(text: str) -> str:
    """The network that attempts from there count for; "" for what is none. Raises Refused for a wider one."""
    try:
        given = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return ""
    if given.prefixlen < SHORTEST[given.version]:
        raise Refused(
            _("%(network)s is too wide: attempts are counted for networks of /24, in IPv6 of /64.")
            % {"network": text},
        )
    return throttle.network_of(str(given.network_address))


def _open_network(actor: Actor, network: str) -> bool:
    rows = throttle.counted(network=network)
    if not rows.exists():
        return False
    with audit(actor, ACTION, network, changes={"blocked": [throttle.is_closed(rows), False]}):
        throttle.open_again(rows)
    return True


def _open_person(actor: Actor, target: str) -> tuple[str, bool]:
    """Waiting for the next code of an authenticator app ends with it."""
    who = proof.who_of(target)
    if not who:
        raise Refused(_("Give an address, a user name, or a network."))
    rows = throttle.counted(who)
    apps = AuthenticatorApp.objects.exclude(throttling_failure_count=0).filter(
        user__in=User.objects.filter(username__iexact=who, ended_at=None)
    )
    if not rows.exists() and not apps.exists():
        return who, False
    real = domains().real(who.rpartition("@")[2])
    waits = throttle.is_closed(rows) or any(app.seconds_to_wait for app in apps)
    with audit(actor, ACTION, who, domain=real.name if real else "", changes={"blocked": [waits, False]}):
        throttle.open_again(rows)
        apps.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    return who, True

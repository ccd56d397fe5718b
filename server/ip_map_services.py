"""Changes of the map of IP addresses, each one entry of the journal."""

from django.utils.translation import gettext as _

from audit.change import command_line, perform
from audit.log import Actor
from vpopmail import assigned, ip_map
from vpopmail.engines import get_engine
from vpopmail.engines.base import NotFound, Outcome, Refused


def add_ip_map(*, actor: Actor, ip: str, domain: str, replaces: str | None = None) -> Outcome:
    """Let an IP address of this server stand for a domain or alias domain.

    `replaces` is the domain that the person saw it stand for, "" for none; None: whatever it is, as vipmap
    does. Raises VpopmailError; what stands already is left alone without an entry.
    """
    ip, domain = ip_map.check_ip(ip), domain.lower()
    if domain not in assigned.domains():
        raise NotFound(_("There is no domain %(name)s.") % {"name": domain}, field="domain")
    now = ip_map.domain_of(ip)
    if now == domain:
        return Outcome()
    seen = now or "" if replaces is None else replaces
    return perform(
        actor,
        "vipmap",
        ip,
        lambda entry: get_engine().vipmap_add(ip, domain, replaces=seen, entry=entry),
        domain=_real(domain),
        changes={"domain": [seen or None, domain]},
        command=command_line("vipmap", ["-a"], ip, domain),
    )


def delete_ip_map(*, actor: Actor, ip: str, domain: str) -> Outcome:
    """Let an IP address stand for no domain any more. `domain` is what it must stand for now, "" in a row
    without one. Raises VpopmailError."""
    ip = ip.strip()
    if not ip:
        raise Refused(_("An IP address is needed."), field="ip")
    return perform(
        actor,
        "vipmap",
        ip[:39],
        lambda entry: get_engine().vipmap_delete(ip, domain, entry=entry),
        domain=_real(domain),
        changes={"domain": [domain, None]},
        command=command_line("vipmap", ["-d"], ip, domain),
    )


def _real(domain: str) -> str:
    found = assigned.domains().real(domain)
    return found.name if found else ""

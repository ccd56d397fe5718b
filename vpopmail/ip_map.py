"""Which domain people belong to who sign in without one, by the server's IP address that they connect to: the
table `ip_alias_map` of a vpopmail built with --enable-ip-alias-domains (vipmap)."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from vpopmail.database import quoted, reading, rows
from vpopmail.engines.base import Refused
from vpopmail.schema import schema

TABLE = "ip_alias_map"
OPTION = "IP_ALIAS_DOMAINS"


@dataclass(frozen=True, slots=True)
class Mapping:
    """An IP address of this server and the domain that it stands for."""

    ip: str
    domain: str


@dataclass(frozen=True, slots=True)
class MappingPage:
    rows: Sequence[Mapping]
    next_after: str = ""


def exists() -> bool:
    """Is the table there, or was vpopmail built to make it? A domain's own table may have the name."""
    columns = set(schema().columns(TABLE))
    return {"ip_addr", "domain"} <= columns or (not columns and OPTION in schema().options)


def check_ip(text: str) -> str:
    """The address as vpopmail compares it. Raises Refused for what is none, or does not fit in the table."""
    try:
        ip = str(ipaddress.ip_address(text.strip()))
    except ValueError as error:
        raise Refused(
            _("%(text)s is not an IP address, such as 192.0.2.7 or 2001:db8::7.") % {"text": text[:50]},
            field="ip",
        ) from error
    if "%" in ip or len(ip) > schema().width(TABLE, "ip_addr", 39):
        raise Refused(_("The table of this vpopmail has no room for this address."), field="ip")
    return ip


def page(after: str = "", limit: int = 50) -> MappingPage:
    """Addresses in the order of their texts, after `after`."""
    return reading(_page, after, limit)


def _page(after: str, limit: int) -> MappingPage:
    if "ip_addr" not in schema().columns(TABLE) or not after.isascii():
        return MappingPage([])
    found = rows(
        f"SELECT ip_addr, domain FROM {quoted(TABLE)} WHERE ip_addr > %s "  # noqa: S608
        f"ORDER BY ip_addr LIMIT {limit + 1:d}",
        [after],
    )
    mappings = [Mapping(str(ip), str(domain or "")) for ip, domain in found[:limit]]
    return MappingPage(mappings, mappings[-1].ip if len(found) > limit else "")


def domain_of(ip: str) -> str | None:
    """The domain of an address, or None where it stands for none."""
    return reading(_domain_of, ip)


def _domain_of(ip: str) -> str | None:
    if "ip_addr" not in schema().columns(TABLE) or not ip.isascii():
        return None
    found = rows(f"SELECT domain FROM {quoted(TABLE)} WHERE ip_addr = %s", [ip])  # noqa: S608
    return str(found[0][0] or "") if found else None

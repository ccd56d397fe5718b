"""Whose word is believed about where a request came from.

`X-Forwarded-For` and `X-Forwarded-Proto` can be sent by anybody. They count only when the connection itself
comes from an address in TRUSTED_PROXIES; everywhere else they are dropped before anything reads them. What
follows reads `REMOTE_ADDR`, which is then the person's own address: the journal, the list of sessions, the
limits on guessing.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

Address = IPv4Address | IPv6Address
SOCKET = "unix"  # a proxy that speaks to gunicorn through a socket file has no address
# Nothing of the panel reads the others; dropped, nothing ever will by mistake.
_HEADERS = ("FOR", "PROTO", "HOST", "PORT", "SERVER", "PREFIX")


@dataclass(frozen=True, slots=True)
class Proxies:
    """The addresses and networks of TRUSTED_PROXIES, and whether socket files count."""

    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    socket: bool = False

    @classmethod
    def parse(cls, text: str) -> "Proxies":
        """From addresses, networks and the word `unix`, joined by commas; ValueError names the wrong one."""
        words = [word.strip() for word in text.split(",") if word.strip()]
        return cls(tuple(ip_network(word) for word in words if word != SOCKET), SOCKET in words)

    def __bool__(self) -> bool:
        return self.socket or bool(self.networks)

    def trusts(self, address: Address) -> bool:
        return any(address in network for network in self.networks)

    def trusts_peer(self, text: str) -> bool:
        """Whether the other end of the connection is a proxy; `text` is empty for a socket file."""
        if not text:
            return self.socket
        address = parse_address(text)
        return address is not None and self.trusts(address)

    def client(self, peer: str, forwarded: Iterable[str]) -> str:
        """The address of the person: from the right of `X-Forwarded-For` the first that is no proxy of ours.

        What lies further left was said by the person, and is not read. Where a proxy passed on something
        that is no address, the address of that proxy is the best that is known.
        """
        nearest = peer
        for word in reversed(list(forwarded)):
            address = parse_address(word)
            if address is None:
                break
            nearest = str(address)
            if not self.trusts(address):
                break
        return nearest


def parse_address(text: str) -> Address | None:
    """An address as proxies write it, with or without a port; IPv4 inside IPv6 is IPv4. None: it is none."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        if address.scope_id:
            return None
        return address.ipv4_mapped or address
    return address


class ProxyMiddleware:
    """Stands before every other: `REMOTE_ADDR` is the person's address afterwards, as one spelling."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        settle(request.META, settings.TRUSTED_PROXIES)
        return self.get_response(request)


def settle(meta: dict[str, Any], proxies: Proxies) -> None:
    """Put the person's address where all look for it, and drop the headers that are not to be believed."""
    peer = str(meta.get("REMOTE_ADDR") or "")
    forwarded = str(meta.get("HTTP_X_FORWARDED_FOR") or "")
    trusted = proxies.trusts_peer(peer)
    for name in _HEADERS:
        if not (trusted and name == "PROTO"):
            meta.pop(f"HTTP_X_FORWARDED_{name}", None)
    for name in ("HTTP_FORWARDED", "HTTP_X_REAL_IP"):
        meta.pop(name, None)
    address = parse_address(peer)
    meta["REMOTE_ADDR"] = str(address) if address is not None else peer
    if trusted and forwarded:
        meta["REMOTE_ADDR"] = proxies.client(meta["REMOTE_ADDR"], forwarded.split(","))

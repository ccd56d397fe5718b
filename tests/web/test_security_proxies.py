"""Who is believed about where a request came from: the proxies that are configured, and nobody else."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from audit.models import Entry
from tests.panel import Panel, Visitor
from tests.served import panel, static_files  # noqa: F401
from tests.store import Store
from vqweb import settings as own_settings
from vqweb.proxies import Proxies, parse_address, settle

PROXIES = Proxies.parse("127.0.0.1, 10.0.0.0/8, 2001:db8:1::/48")


def client_of(peer: str, forwarded: str | None = None, proxies: Proxies = PROXIES) -> str:
    meta = {"REMOTE_ADDR": peer}
    if forwarded is not None:
        meta["HTTP_X_FORWARDED_FOR"] = forwarded
    settle(meta, proxies)
    assert "HTTP_X_FORWARDED_FOR" not in meta
    return meta["REMOTE_ADDR"]


def test_whoever_is_no_proxy_speaks_for_himself() -> None:
    assert client_of("198.51.100.7") == "198.51.100.7"
    assert client_of("198.51.100.7", "203.0.113.9") == "198.51.100.7"
    assert client_of("127.0.0.1", "203.0.113.9", Proxies()) == "127.0.0.1"
    assert client_of("", "203.0.113.9") == ""


def test_a_proxy_speaks_for_its_client() -> None:
    assert client_of("127.0.0.1", "203.0.113.9") == "203.0.113.9"
    assert client_of("10.1.2.3", "2001:DB8:0:0::9") == "2001:db8::9"
    assert client_of("::ffff:127.0.0.1", "203.0.113.9") == "203.0.113.9"
    assert client_of("", "203.0.113.9", Proxies.parse("unix")) == "203.0.113.9"
    assert client_of("127.0.0.1") == "127.0.0.1"


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        ("127.0.0.1, 203.0.113.9", "203.0.113.9"),  # said by the person
        ("198.51.100.1, 203.0.113.9, 10.9.9.9", "203.0.113.9"),
        ("198.51.100.1,203.0.113.9 , 2001:db8:1::5,10.9.9.9", "203.0.113.9"),
        ("10.1.1.1, 10.9.9.9", "10.1.1.1"),  # somebody behind the proxies' own network
        ("203.0.113.9:4711", "203.0.113.9"),
        ("[2001:db8::9]:4711", "2001:db8::9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("198.51.100.1, unknown", "127.0.0.1"),
        ("198.51.100.1, <img src=x>, 10.9.9.9", "10.9.9.9"),
        ("198.51.100.1, fe80::1%<img src=x>", "127.0.0.1"),
        ("", "127.0.0.1"),
        (",,", "127.0.0.1"),
    ],
)
def test_chains_are_read_from_the_right(forwarded: str, client: str) -> None:
    assert client_of("127.0.0.1", forwarded) == client


@pytest.mark.parametrize("text", ["", "1.2.3", "a.b.c.d", "1.2.3.4, 5.6.7.8", "[::1", "::1]", "1" * 4000])
def test_what_is_no_address(text: str) -> None:
    found = parse_address(text)
    assert found is None or text == "[::1"


def test_other_headers_of_proxies_never_arrive() -> None:
    names = ("X_FORWARDED_HOST", "X_FORWARDED_PORT", "X_FORWARDED_SERVER", "X_REAL_IP", "FORWARDED")
    for peer in ("127.0.0.1", "198.51.100.7"):
        meta = {"REMOTE_ADDR": peer, **{f"HTTP_{name}": "203.0.113.9" for name in names}}
        settle(meta, PROXIES)
        assert meta == {"REMOTE_ADDR": peer}


def test_https_is_believed_from_a_proxy_only() -> None:
    for peer, believed in (("127.0.0.1", True), ("198.51.100.7", False)):
        meta = {"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_PROTO": "https"}
        settle(meta, PROXIES)
        assert ("HTTP_X_FORWARDED_PROTO" in meta) is believed


@pytest.mark.parametrize("wrong", ["proxy.example.com", "10.0.0.1/8", "127.0.0.1;10.0.0.1", "*"])
def test_settings_that_make_no_sense_are_named(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setattr(own_settings, "_environ", {"TRUSTED_PROXIES": wrong})
    with pytest.raises(ImproperlyConfigured, match="TRUSTED_PROXIES"):
        own_settings._proxies()


def test_the_former_setting_is_not_obeyed_in_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_settings, "_environ", {"BEHIND_PROXY": "on"})
    with pytest.raises(ImproperlyConfigured, match="TRUSTED_PROXIES=127.0.0.1"):
        own_settings._proxies()


@pytest.mark.stores("sqlite")
def test_plain_http_is_led_to_https_unless_the_proxy_says_otherwise(
    configured: Callable[..., None], store: Store, client: Client
) -> None:
    configured(HTTPS="on", TRUSTED_PROXIES="192.0.2.1")

    def ask(**extra: Any) -> int:
        return client.get("/sign-in/", **extra).status_code

    assert ask(REMOTE_ADDR="192.0.2.1") == 301
    assert ask(REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_PROTO="https") == 200
    assert ask(REMOTE_ADDR="192.0.2.2", HTTP_X_FORWARDED_PROTO="https") == 301


@pytest.mark.stores("sqlite")
def test_the_journal_has_the_address_of_the_person(
    configured: Callable[..., None], store: Store, signed_in: Client
) -> None:
    configured(TRUSTED_PROXIES="192.0.2.1")
    for peer, address in (("192.0.2.1", "203.0.113.9"), ("192.0.2.2", "192.0.2.2")):
        domain = f"from-{peer.replace('.', '-')}.example"
        fields = {"domain": domain, "password": "Tulip-Harbour-42", "unknown": "bounce"}
        answer = signed_in.post(
            "/domains/add/", fields, REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR="198.51.100.1, 203.0.113.9"
        )
        assert answer.status_code in (200, 302)
        assert Entry.objects.get(target=domain).address == address


def status_of(visitor: Visitor, **headers: str) -> int:
    visitor.connection.request("GET", "/sign-in/", headers=headers)
    answer = visitor.connection.getresponse()
    answer.read()
    return answer.status


@pytest.mark.stores("sqlite")
def test_gunicorn_believes_nobody_of_itself(store: Store, admin: Any, static_files: Any) -> None:  # noqa: F811
    """Its own default would take any word of this machine for the proxy's."""
    (store.state / "static").symlink_to(static_files)
    environ = {**store.environ, "HTTPS": "on"}
    for proxies, status in (("192.0.2.1", 301), ("127.0.0.1", 200)):
        served = Panel({**environ, "TRUSTED_PROXIES": proxies}, store.root / "gunicorn.log").start()
        try:
            assert status_of(served.visitor(), **{"X-Forwarded-Proto": "https"}) == status
            assert status_of(served.visitor(), **{"X_Forwarded_Proto": "https"}) == 301
            assert status_of(served.visitor()) == 301
        finally:
            served.stop()

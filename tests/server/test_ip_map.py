"""The map of IP addresses: pages and `manage.py vipmap`, and another writer between view and save."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client

from aliasdomains import services as aliasdomains
from audit.models import Entry
from domains import services as domains
from server import ip_map_services as services
from tests.commands.base import done, run
from tests.pages import error_of
from tests.store import Store
from tests.vpopmail.sign_in_log import execute, make
from vpopmail import ip_map, schema
from vpopmail.engines.base import Changed, NotFound, Refused

IP = "192.0.2.7"
PASSWORD = "Correct-Horse-7"


@pytest.fixture
def example(store: Store, admin: Any) -> Store:
    for domain in ("example.com", "other.org"):
        domains.add_domain(actor=admin, domain=domain, password=PASSWORD)
    aliasdomains.add_alias_domain(actor=admin, real="example.com", alias="example.net")
    return store


def lines() -> dict[str, str]:
    return {one.ip: one.domain for one in ip_map.page().rows}


def entries() -> int:
    return Entry.objects.filter(action="vipmap").count()


def test_an_address_is_added_changed_and_deleted(example: Store, signed_in: Client) -> None:
    """The table is made as vpopmail makes it."""
    assert "No address stands for a domain" in signed_in.get("/server/ip-map/").content.decode()
    answer = signed_in.post("/server/ip-map/add/", {"ip": IP, "domain": "Example.com", "seen": ""})
    assert answer["Location"] == "/server/ip-map/" and lines() == {IP: "example.com"}
    assert set(schema.schema().columns("ip_alias_map")) == {"ip_addr", "domain"}
    answer = signed_in.post(
        f"/server/ip-map/{IP}/", {"ip": IP, "domain": "example.net", "seen": "example.com"}
    )
    assert answer.status_code == 302 and lines() == {IP: "example.net"}
    assert "example.net" in signed_in.get(f"/server/ip-map/{IP}/delete/").content.decode()
    answer = signed_in.post(f"/server/ip-map/{IP}/delete/", {"domain": "example.net"})
    assert answer.status_code == 302 and lines() == {}
    told = [
        (one.state, one.target, one.domain, one.changes)
        for one in Entry.objects.filter(action="vipmap").order_by("id")
    ]
    assert [changes for *_rest, changes in told] == [
        {"domain": [None, "example.com"]},
        {"domain": ["example.com", "example.net"]},
        {"domain": ["example.net", None]},
    ]
    assert {one[:3] for one in told} == {("ok", IP, "example.com")}
    assert signed_in.get(f"/server/ip-map/{IP}/").status_code == 404


def test_saving_without_a_change_changes_nothing(example: Store, signed_in: Client) -> None:
    services.add_ip_map(actor=None, ip=IP, domain="example.com")
    form = signed_in.get(f"/server/ip-map/{IP}/").context["form"]
    signed_in.post(f"/server/ip-map/{IP}/", form.initial)
    services.add_ip_map(actor=None, ip=IP, domain="example.com")
    assert entries() == 1 and lines() == {IP: "example.com"}


@pytest.mark.parametrize("path", ["", "delete/"])
def test_the_second_writer_is_told(example: Store, signed_in: Client, path: str) -> None:
    services.add_ip_map(actor=None, ip=IP, domain="example.com")
    signed_in.get(f"/server/ip-map/{IP}/{path}")
    execute("UPDATE ip_alias_map SET domain = 'other.org'")
    data = {"ip": IP, "domain": "example.com" if path else "example.net", "seen": "example.com"}
    answer = signed_in.post(f"/server/ip-map/{IP}/{path}", data)
    assert "changed by somebody else meanwhile" in answer.content.decode()
    assert lines() == {IP: "other.org"}
    if not path:
        assert "It is now: other.org" in answer.content.decode()
        assert answer.context["form"]["seen"].value() == "other.org"


def test_two_add_the_same_address(example: Store, signed_in: Client) -> None:
    signed_in.get("/server/ip-map/add/")
    done("vipmap", "-a", IP, "other.org")
    answer = signed_in.post("/server/ip-map/add/", {"ip": IP, "domain": "example.com", "seen": ""})
    assert "changed by somebody else" in error_of(answer, "ip")
    assert lines() == {IP: "other.org"}


def test_bad_input(example: Store, signed_in: Client) -> None:
    def refused(ip: str, domain: str, field: str) -> str:
        answer = signed_in.post("/server/ip-map/add/", {"ip": ip, "domain": domain, "seen": ""})
        return error_of(answer, field)

    for ip in ("300.1.1.1", "example.com", "192.0.2.7/24", "192.0.2.7\n", "<b>", "fe80::1%eth0"):
        if ip.strip() != IP:
            refused(ip, "example.com", "ip")
    assert "no domain nowhere.example" in refused(IP, "nowhere.example", "domain")
    assert entries() == 0
    signed_in.post("/server/ip-map/add/", {"ip": "2001:DB8:0::7", "domain": "example.com", "seen": ""})
    assert lines() == {"2001:db8::7": "example.com"}


def test_who_may(example: Store, allow: Callable[..., Client]) -> None:
    services.add_ip_map(actor=None, ip=IP, domain="example.com")
    viewer = allow("view_domain")
    page = viewer.get("/server/ip-map/").content.decode()
    assert IP in page and "/delete/" not in page
    for path in ("add/", f"{IP}/", f"{IP}/delete/"):
        assert viewer.post(f"/server/ip-map/{path}", {}).status_code == 403
    assert allow("view_account").get("/server/ip-map/").status_code == 403


def test_the_command(example: Store) -> None:
    assert done("vipmap").out == ""
    done("vipmap", "-a", IP, "example.com")
    done("vipmap", "-a", "192.0.2.8", "EXAMPLE.net")
    assert done("vipmap", "-p").out == f"{IP} example.com\n192.0.2.8 example.net\n"
    done("vipmap", "-a", IP, "other.org")  # as vipmap's REPLACE does
    assert done("vipmap", "--json").json["map"] == {IP: "other.org", "192.0.2.8": "example.net"}
    assert "changed by somebody else" in run("vipmap", "-d", IP, "example.com").err
    done("vipmap", "-d", IP, "other.org")
    assert run("vipmap", "-d", IP, "other.org").status == 3
    assert run("vipmap", "-a", IP).status == 1 and run("vipmap", IP, "other.org").status == 1
    assert "not an IP address" in run("vipmap", "-a", "x", "example.com").err
    assert "no domain" in run("vipmap", "-a", IP, "nowhere.example").err


def test_a_row_of_a_domain_that_is_gone_can_be_deleted(example: Store, signed_in: Client) -> None:
    make(example, "ip_alias_map")
    execute("INSERT INTO ip_alias_map (ip_addr, domain) VALUES ('10.0.0.1', 'gone.example')")
    execute("INSERT INTO ip_alias_map (ip_addr, domain) VALUES ('10.0.0.2', '')")
    assert lines() == {"10.0.0.1": "gone.example", "10.0.0.2": ""}
    for ip, domain in lines().items():
        answer = signed_in.post(f"/server/ip-map/{ip}/delete/", {"domain": domain})
        assert answer.status_code == 302, answer.content.decode()
    assert lines() == {}


@pytest.mark.stores("many")
def test_a_vpopmail_without_it(example: Store, signed_in: Client) -> None:
    header = example.home / "include" / "vpopmail_config.h"
    header.write_text(header.read_text().replace("#define IP_ALIAS_DOMAINS 1\n", ""))
    schema.reset()
    assert not ip_map.exists()
    with pytest.raises(Refused, match="built without"):
        services.add_ip_map(actor=None, ip=IP, domain="example.com")
    assert "Not part of this vpopmail" in signed_in.get("/server/ip-map/").content.decode()
    assert not schema.schema().has_table("ip_alias_map")


@pytest.mark.stores("perdomain")
def test_a_domain_s_own_table_of_that_name_is_left_alone(example: Store) -> None:
    execute("CREATE TABLE ip_alias_map (pw_name varchar(64) PRIMARY KEY)")
    schema.reset()
    assert not ip_map.exists() and lines() == {} and ip_map.domain_of(IP) is None
    with pytest.raises(Refused):
        services.add_ip_map(actor=None, ip=IP, domain="example.com")


def test_the_engine_compares_with_what_was_seen(example: Store) -> None:
    from vpopmail.engines import get_engine

    engine = get_engine()
    engine.vipmap_add(IP, "example.com")
    with pytest.raises(Changed):
        engine.vipmap_add(IP, "other.org")
    with pytest.raises(Changed):
        engine.vipmap_add(IP, "other.org", replaces="example.net")
    with pytest.raises(NotFound):
        engine.vipmap_delete("192.0.2.8", "example.com")
    with pytest.raises(IntegrityError):
        execute("INSERT INTO ip_alias_map (ip_addr, domain) VALUES (%s, 'x')", [IP])
    assert lines() == {IP: "example.com"}


def test_changes_are_taken_back(example: Store) -> None:
    done("vipmap", "-a", IP, "example.com")
    done("vipmap", "-a", IP, "other.org")
    done("vipmap", "-d", IP, "other.org")
    added, changed, deleted = (
        Entry.objects.filter(action="vipmap").order_by("id").values_list("key", flat=True)
    )
    assert "changed again since" in run("revert", changed).err
    done("revert", deleted)
    assert lines() == {IP: "other.org"}
    done("revert", changed)
    assert lines() == {IP: "example.com"}
    done("revert", added)
    assert lines() == {}
    assert "changed again since" in run("revert", added).err

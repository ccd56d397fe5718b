"""Where mail goes on to, and whether it comes back: aliases, alias domains, forwarding, catch-alls."""

import os
from typing import Any

import pytest

from accounts import services
from aliasdomains import services as alias_services
from domains import services as domain_services
from tests.engines.cast import MD5
from tests.store import GID, UID, Store
from vpopmail import circles, recipients
from vpopmail.engines.base import Refused

pytestmark = pytest.mark.stores("sqlite", "many")


@pytest.fixture
def server(store: Store) -> Store:
    for name in ("example.com", "other.example"):
        domain_services.add_domain(actor=None, domain=name, password_hash=MD5)
    services.add_account(actor=None, domain="example.com", name="anna", password_hash=MD5)
    alias_services.add_alias_domain(actor=None, real="example.com", alias="alias.example")
    return store


def add(alias: str, line: str, domain: str = "example.com") -> Any:
    return services.add_alias(actor=None, domain=domain, alias=alias, line=line)


def write(path: Any, text: str) -> None:
    path.write_text(text)
    path.chmod(0o600)
    if os.geteuid() == 0:
        os.chown(path, UID, GID)


def test_through_an_alias_domain_and_another_domain(server: Store) -> None:
    add("one", "&two@other.example")
    add("two", "&three@alias.example", "other.example")
    with pytest.raises(Refused, match="circle"):
        add("three", "&one@example.com")
    with pytest.raises(Refused, match="circle"):
        add("itself", "&Itself@ALIAS.example")


def test_through_an_account_that_forwards(server: Store) -> None:
    write(server.directory("example.com") / "anna" / ".qmail", "&sales@alias.example\n")
    with pytest.raises(Refused, match="circle"):
        add("sales", "&anna@example.com")
    add("info", "&anna@example.com")
    assert circles.comes_back("anna@example.com", ["sales@example.com", "info@example.com"])


def test_an_alias_comes_before_the_account_of_its_name(server: Store) -> None:
    write(server.directory("example.com") / "anna" / ".qmail", "&sales@example.com\n")
    services.add_alias(
        actor=None, domain="example.com", alias="anna", line="&x@far.example", beside_account=True
    )
    add("sales", "&anna@example.com")


def test_through_mail_for_unknown_addresses(server: Store) -> None:
    default = server.directory("other.example") / ".qmail-default"
    write(default, f"| {server.home}/bin/vdelivermail '' sales@example.com\n")
    with pytest.raises(Refused, match="circle"):
        add("sales", "&nobody@other.example")
    add("sales", "&postmaster@other.example")
    write(default, f"| {server.home}/bin/vdelivermail '' $EXT@example.com\n")
    with pytest.raises(Refused, match="circle"):
        add("info", "&info@other.example")


def test_through_an_alias_for_many_names(server: Store) -> None:
    add("team-default", "&sales@example.com")
    with pytest.raises(Refused, match="circle"):
        add("sales", "&team-south@example.com")


def test_a_file_comes_before_rows_of_its_name(server: Store) -> None:
    add("list", "&sales@example.com")
    write(server.directory("example.com") / ".qmail-list", "&away@far.example\n")
    add("sales", "&list@example.com")


def test_circles_that_are_there_already_end(server: Store) -> None:
    write(server.directory("example.com") / ".qmail-a", "&b@example.com\n")
    write(server.directory("example.com") / ".qmail-b", "&a@example.com\n")
    assert not circles.comes_back("c@example.com", ["a@example.com"])


def test_who_gets_mail_that_no_name_takes(server: Store) -> None:
    add("team-default", "&anna@example.com")
    asked = ["team-a@example.com", "none@example.com", "none@other.example", "x@far.example"]
    _accounts, named, nowhere = recipients.existing(asked)
    assert named == set() and nowhere == set(asked[:3])
    assert recipients.caught(nowhere) == {"team-a@example.com": "pattern"}
    write(server.directory("other.example") / ".qmail-default", "|/usr/bin/own-program\n")
    assert recipients.caught(nowhere)["none@other.example"] == "unknown"


@pytest.mark.stores("sqlite")
def test_an_extension_of_an_account(server: Store) -> None:
    header = server.home / "include" / "vpopmail_config.h"
    header.write_text(header.read_text() + "\n#define QMAIL_EXT 1\n")
    from vpopmail import schema

    schema.reset()
    assert recipients.caught(["anna-x@example.com", "bob-x@example.com"]) == {
        "anna-x@example.com": "extension"
    }

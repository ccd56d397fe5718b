import time
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.accounts.base import ACCOUNTS, PASSWORD, check_looking, check_rights
from tests.store import Store

URL = f"{ACCOUNTS}anna/"


def last_auth(store: Store, name: str, address: str, when: int) -> None:
    from vpopmail.models import LastAuth

    LastAuth.objects.filter(user=name, domain="example.com").delete()
    LastAuth(user=name, domain="example.com", remote_ip=address, timestamp=when).save(force_insert=True)


def test_it_works(example: Store, signed_in: Client, add_alias: Callable[..., None]) -> None:
    from vpopmail.schema import ensure_table

    ensure_table("lastauth")
    last_auth(example, "anna", "192.0.2.7", int(time.time()) - 7200)
    add_alias("info", "anna@example.com")
    add_alias("chef", "&anna@example.com")
    page = check_looking(example, URL, signed_in)
    for text in (
        "anna@<wbr>",
        'value="Anna"',
        'value="2 GB"',
        str(example.directory("example.com") / "anna"),
        "2\xa0hours ago",
        "192.0.2.7",
        "Active",
        '<a href="/domains/example.com/aliases/info/">',
        '<a href="/domains/example.com/aliases/chef/">',
        f'href="{URL}delete/"',
        "manage.py vuserinfo anna@example.com",
        "Account added",
    ):
        assert text.replace("@<wbr>", "") in page, text
    assert PASSWORD not in page
    assert "$6$" not in page


def test_never_signed_in(example: Store, signed_in: Client) -> None:
    from vpopmail.schema import ensure_table

    ensure_table("lastauth")
    last_auth(example, "anna", "0.0.0.0", int(time.time()))  # noqa: S104  # made, as vpopmail records it
    assert "Never signed in" in signed_in.get(URL).content.decode()


@pytest.mark.stores("sqlite")
def test_states_are_words(example: Store, signed_in: Client, admin: Any) -> None:
    from accounts import services

    for flags, word in ((0x80E, "Disabled"), (0x8, "Restricted"), (0x1000, "Administrator")):
        services.change_account(
            actor=admin, domain="example.com", name="anna", set_flags=flags, clear_flags=0x180E & ~flags
        )
        assert word in signed_in.get(URL).content.decode()


def test_what_the_domain_takes_away(example: Store, signed_in: Client, admin: Any) -> None:
    from domains import services

    services.change_limits(actor=admin, domain="example.com", changes={"disable_pop": 1})
    shown = {s["name"]: (s["open"], s["by_domain"]) for s in signed_in.get(URL).context["services"]}
    assert shown == {
        "IMAP": (True, False),
        "POP": (False, True),
        "SMTP": (True, False),
        "Webmail": (True, False),
    }


def test_at_most_nine_queries(example: Store, signed_in: Client, queries: Callable[..., int]) -> None:
    from vpopmail.schema import ensure_table

    for table in ("valias", "lastauth", "limits"):
        ensure_table(table)
    signed_in.get(URL)
    assert queries(signed_in, URL) <= 9


def test_by_an_alias_domain(example: Store, signed_in: Client, admin: Any) -> None:
    from aliasdomains import services

    services.add_alias_domain(actor=admin, real="example.com", alias="example.net")
    assert signed_in.get("/domains/example.net/accounts/anna/")["Location"] == URL


def test_unknown(example: Store, signed_in: Client) -> None:
    for path in ("accounts/nobody/", "accounts/ännä/", "accounts/annä/", "accounts/an%25/", "accounts/-a/"):
        response = signed_in.get(f"/domains/example.com/{path}")
        assert response.status_code == 404, path
    assert signed_in.get("/domains/other.com/accounts/anna/").status_code == 404


@pytest.mark.stores("sqlite")
def test_rights(example: Store, person: Client, allow: Callable[..., Client]) -> None:
    check_rights(URL, person)
    page = allow("view_domain", "view_account").get(URL)
    assert page.status_code == 200
    text = page.content.decode()
    assert "<form" not in text.split('<main id="main"')[1]
    assert "delete/" not in text
    assert "Latest changes" not in text  # that needs a right of its own


@pytest.mark.stores("sqlite")
def test_one_password_field(example: Store, signed_in: Client) -> None:
    page = signed_in.get(URL).content.decode()
    assert page.count('name="password"') == 1


@pytest.mark.stores("sqlite")
def test_markup_is_escaped(example: Store, signed_in: Client, admin: Any) -> None:
    from accounts import services

    services.change_account(actor=admin, domain="example.com", name="anna", gecos="<script>x</script>")
    for url in (URL, "/domains/example.com/", "/accounts/?q=anna"):
        assert "<script>x" not in signed_in.get(url).content.decode()


@pytest.mark.stores("sqlite")
def test_commands_are_quoted(example: Store, signed_in: Client, admin: Any) -> None:
    from accounts import services

    services.add_account(actor=admin, domain="example.com", name="o'neil", password=PASSWORD)
    page = signed_in.get(f"{ACCOUNTS}o'neil/").content.decode()
    assert "manage.py vuserinfo &#x27;o&#x27;&quot;&#x27;&quot;&#x27;neil@example.com&#x27;" in page
    services.change_account(actor=admin, domain="example.com", name="anna", set_flags=0xA)
    assert "manage.py vmoduser -x -p -i anna@example.com" in signed_in.get(f"{URL}flags/").content.decode()

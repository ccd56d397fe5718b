"""How full mailboxes are: on the list, on the account's page, on the owner's; by filters."""

import os
import time
from pathlib import Path
from typing import Any

import pytest
from django.test import Client, override_settings

from accounts import services
from tests.accounts.base import ACCOUNTS, DOMAIN, PASSWORD, check_looking
from tests.commands.base import done
from tests.store import GID, UID, Store
from tests.vpopmail.people import execute
from vpopmail import schema, usage

URL = f"/domains/{DOMAIN}/"


def told(store: Store, name: str, text: str, at: float = 0) -> Path:
    """A maildirsize as deliveries left it."""
    path = store.directory(DOMAIN) / name / "Maildir" / "maildirsize"
    path.write_text(text)
    if os.geteuid() == 0:
        os.chown(path, UID, GID)
    os.utime(path, (at or time.time(),) * 2)
    usage.reset()
    return path


def add(admin: Any, name: str, quota: str) -> None:
    services.add_account(actor=admin, domain=DOMAIN, name=name, password=PASSWORD, quota=quota)


def test_the_list_says_it_as_bar_and_words(example: Store, admin: Any, signed_in: Client) -> None:
    add(admin, "full", "1000S,10C")
    add(admin, "free", "NOQUOTA")
    told(example, "anna", "2147483648S\n1503238554 1234\n")
    told(example, "full", "1000S,10C\n1100 5\n")
    page = check_looking(example, URL, signed_in)
    assert '<progress value="70" max="100" aria-label="Used">' in page
    assert '<b>70 %</b> <span class="figure">1.4 GB of 2 GB</span>' in page
    assert "1,503,238,554 bytes, 1,234 messages; as of " in page
    assert "usage usage-full" in page and "<b>110 %</b>" in page and "Over quota" in page
    assert "1.1 KB, 5 messages of 1000 bytes, 10 messages" in page
    assert page.count("<progress") == 2, "no bar where there is no quota"


def test_no_mailbox_is_walked_for_a_page(
    example: Store, signed_in: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mailhost import maildir

    (example.directory(DOMAIN) / "anna/Maildir/maildirsize").unlink()
    for name in ("count", "measure", "names_in", "folders"):
        monkeypatch.setattr(maildir, name, lambda *args, **more: pytest.fail("walked"))
    for url in (URL, f"{ACCOUNTS}anna/", "/accounts/?q=anna@example.com"):
        page = signed_in.get(url).content.decode()
        assert "anna" in page and "<progress" not in page, url
    assert "It is counted when the next mail arrives" in signed_in.get(f"{ACCOUNTS}anna/").content.decode()


def test_the_account_page_says_how_old_it_is(example: Store, signed_in: Client) -> None:
    told(example, "anna", "2147483648S\n1073741824 12\n", time.time() - 3 * 3600)
    page = check_looking(example, f"{ACCOUNTS}anna/", signed_in)
    assert "1 GB of 2 GB" in page and "<b>50 %</b>" in page
    assert "12 messages." in page and "3\xa0hours ago" in page
    assert (
        "A mailbox without a quota is not counted" in signed_in.get(f"{ACCOUNTS}postmaster/").content.decode()
    )


@pytest.mark.stores("sqlite", "many")
def test_search_shows_it_too(example: Store, signed_in: Client) -> None:
    told(example, "anna", "2147483648S\n1073741824 12\n")
    assert "<b>50 %</b>" in signed_in.get("/accounts/?q=anna@example.com").content.decode()


@pytest.mark.stores("sqlite")
def test_what_was_read_is_believed_for_a_minute(
    example: Store, signed_in: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = told(example, "anna", "2147483648S\n1073741824 12\n")
    assert "<b>50 %</b>" in signed_in.get(URL).content.decode()
    path.write_text("2147483648S\n0 0\n")
    now = time.monotonic()
    monkeypatch.setattr(usage.time, "monotonic", lambda: now + 30)
    assert "<b>50 %</b>" in signed_in.get(URL).content.decode()
    monkeypatch.setattr(usage.time, "monotonic", lambda: now + 300)
    assert "<b>0 %</b>" in signed_in.get(URL).content.decode()


def test_a_helper_out_of_reach_leaves_the_list(
    example: Store, signed_in: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vpopmail import helper
    from vpopmail.engines.base import Unavailable

    told(example, "anna", "2147483648S\n1073741824 12\n")
    call = helper.call

    def fail(verb: str, **args: Any) -> Any:
        if verb == "read_usage":
            raise Unavailable("gone")
        return call(verb, **args)

    monkeypatch.setattr(helper, "call", fail)
    page = signed_in.get(URL).content.decode()
    assert "2 GB" in page and "<progress" not in page


@pytest.mark.stores("many", "perdomain")
def test_dovecots_own_table_comes_first(example: Store, signed_in: Client) -> None:
    execute("CREATE TABLE quota (username varchar(100) PRIMARY KEY, bytes bigint, messages int)")
    execute("INSERT INTO quota VALUES ('anna@example.com', 1932735284, 7)")
    told(example, "anna", "2147483648S\n0 0\n")
    with override_settings(DOVECOT_QUOTA_TABLE="quota"):
        schema.reset()
        page = signed_in.get(f"{ACCOUNTS}anna/").content.decode()
        granted = done("grants").out
    assert "<b>90 %</b>" in page and "7 messages." in page
    assert "GRANT SELECT ON" in granted or example.kind == "perdomain", "the panel's own SQL account reads it"
    usage.reset()
    assert "<b>0 %</b>" in signed_in.get(f"{ACCOUNTS}anna/").content.decode()


def test_ones_own_page(example: Store) -> None:
    told(example, "anna", "2147483648S\n1073741824 12\n")
    owner = Client()
    owner.post("/sign-in/", {"username": "anna@example.com", "password": PASSWORD})
    page = owner.get("/me/").content.decode()
    assert "1 GB of 2 GB" in page and "<b>50 %</b>" in page and "12 messages." in page


def shown(client: Client, **query: str) -> list[str]:
    return [account.name for account in client.get(URL, query).context["accounts"]]


def test_filters(example: Store, admin: Any, signed_in: Client) -> None:
    add(admin, "full", "1000S")
    told(example, "full", "1000S\n1100 5\n")
    services.change_account(actor=admin, domain=DOMAIN, name="anna", set_flags=0x2)
    page = check_looking(example, f"{URL}?filter=over-80", signed_in)
    assert 'href="/domains/example.com/accounts/full/"' in page and "accounts/anna/" not in page
    assert '<a href="?filter=over-80" aria-current="true">Over 80 %</a>' in page
    assert shown(signed_in, filter="restricted") == ["anna"]
    assert shown(signed_in, filter="administrator") == ["postmaster"]
    assert shown(signed_in, filter="never") == ["anna", "full", "postmaster"]
    assert shown(signed_in, filter="never", q="ann") == ["anna"]
    assert shown(signed_in, filter="<b>") == ["anna", "full", "postmaster"], "no filter of that name"
    assert "There is no account here that “Disabled” holds for" in check_looking(
        example, f"{URL}?filter=disabled", signed_in
    )


@pytest.mark.stores("sqlite")
def test_where_a_request_stops_looking(
    example: Store, admin: Any, signed_in: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vpopmail import filters

    monkeypatch.setattr(filters, "CHUNK", 1)
    monkeypatch.setattr(filters, "MOST_SEEN", 1)
    page = check_looking(example, f"{URL}?filter=administrator", signed_in)
    assert "The first 1 accounts from here on were looked at" in page
    assert "filter=administrator&amp;after=anna" in page
    assert shown(signed_in, filter="administrator", after="anna") == ["postmaster"]


def test_another_domains_accounts_are_not_counted(example: Store, admin: Any, signed_in: Client) -> None:
    from domains import services as domain_services

    domain_services.add_domain(actor=admin, domain="other.example", password=PASSWORD)
    assert shown(signed_in, filter="administrator") == ["postmaster"]

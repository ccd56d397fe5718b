import os
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from audit.models import Entry
from domains import services as domain_services
from tests.accounts.base import (
    ACCOUNTS,
    PASSWORD,
    check_looking,
    check_rights,
    error_of,
    last_entry,
    row,
    state_of,
)
from tests.store import GID, UID, Store
from vpopmail.engines.base import Unavailable
from vpopmail.passwords import verify

URL = f"{ACCOUNTS}add/"


def typed(**values: Any) -> dict[str, Any]:
    return {
        "name": "bert",
        "gecos": "Bert Böhm",
        "password": PASSWORD,
        "quota": "500 MB",
        "services": ["imap", "pop", "smtp", "webmail"],
        **values,
    }


def give_to_domain(store: Store, name: str) -> None:
    """Files made by the test belong to the domain, as vpopmail's would."""
    top = store.directory("example.com") / name
    for path in (top, *top.rglob("*")):
        os.chown(path, UID, GID)


def test_it_works(example: Store, signed_in: Client) -> None:
    response = signed_in.post(URL, typed())
    assert response["Location"] == f"{ACCOUNTS}bert/"
    made = row(example, "bert")
    assert made["pw_gecos"] == "Bert Böhm"
    assert made["pw_shell"] == "524288000S"
    assert made["pw_gid"] == 0
    assert verify(PASSWORD, made["pw_passwd"])
    assert (example.directory("example.com") / "bert" / "Maildir" / "new").is_dir()
    page = signed_in.get(response["Location"]).content.decode()
    assert "was added" in page
    assert f'<a href="{ACCOUNTS}bert/">bert@example.com</a>' in page
    assert PASSWORD not in page
    entry = last_entry()
    assert (entry.action, entry.target, entry.state, entry.via) == (
        "vadduser",
        "bert@example.com",
        "ok",
        "page",
    )
    assert PASSWORD not in str(entry.changes) + entry.command


def test_the_default_quota_is_shown_and_used(example: Store, signed_in: Client, admin: Any) -> None:
    domain_services.change_limits(actor=admin, domain="example.com", changes={"defaultquota": 52428800})
    assert "50 MB" in signed_in.get(URL).content.decode()
    signed_in.post(URL, typed(quota=""))
    assert row(example, "bert")["pw_shell"] == "52428800S"


def test_services_not_ticked_are_taken_away(example: Store, signed_in: Client) -> None:
    signed_in.post(URL, typed(services=["imap", "smtp"]))
    assert row(example, "bert")["pw_gid"] == 0x2 | 0x4


def test_upper_case_is_lowered(example: Store, signed_in: Client) -> None:
    signed_in.post(URL, typed(name="BERT"))
    assert row(example, "bert")["pw_name"] == "bert"


def test_an_account_called_add_has_a_page(example: Store, signed_in: Client) -> None:
    response = signed_in.post(URL, typed(name="add"))
    page = signed_in.get(response["Location"])
    assert page.status_code == 200
    assert page.context["account"].name == "add"


@pytest.mark.stores("sqlite")
def test_generated_when_left_empty_and_shown_once(example: Store, signed_in: Client) -> None:
    response = signed_in.post(URL, typed(password=""))
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    secret = response.context["secret"]
    page = response.content.decode()
    assert page.count(f">{secret}<") == 1
    assert f'data-copy="{secret}"' in page
    assert verify(secret, row(example, "bert")["pw_passwd"])
    for url in (f"{ACCOUNTS}bert/", URL, "/activity/"):
        assert secret not in signed_in.get(url).content.decode()
    assert secret not in str(list(Entry.objects.values()))


@pytest.mark.stores("sqlite")
def test_generated_in_the_browser_is_shown_once(example: Store, signed_in: Client) -> None:
    response = signed_in.post(URL, typed(generated="on"))
    assert response.context["secret"] == PASSWORD


@pytest.mark.stores("sqlite")
def test_another_keeps_the_settings(example: Store, signed_in: Client) -> None:
    response = signed_in.post(URL, typed(services=["imap"], another="1"))
    assert response["Location"].startswith(URL)
    page = signed_in.get(response["Location"])
    form = page.context["form"]
    assert form["quota"].value() == "500 MB"
    assert form["services"].value() == ["imap"]
    assert not form["name"].value()
    assert not form["gecos"].value()
    assert PASSWORD not in page.content.decode()
    response = signed_in.post(URL, typed(name="carl", password="", services=["imap"]))
    assert signed_in.get(response.context["another"]).context["form"]["services"].value() == ["imap"]


BAD = [
    ("name", "", "required"),
    ("name", "x", "at least 2"),
    ("name", "n" * 65, "at most 64"),
    ("name", "n" * 33, "32"),
    ("name", "-bert", "hyphen"),
    ("name", "..", "mail server"),
    ("name", "a/b", "made of"),
    ("name", "be rt", "made of"),
    ("name", 'be"rt', "made of"),
    ("name", "be\x07rt", "made of"),
    ("name", "bért", "made of"),
    ("name", "bert@example.com", "before the @"),
    ("name", ".qmail-bert", "mail server"),
    ("name", "anna", "exists already"),
    ("name", "ANNA", "exists already"),
    ("name", "postmaster", "exists already"),
    ("gecos", "a:b", "colon"),
    ("gecos", "g" * 65, "64"),
    ("gecos", "日本", "Western European"),
    ("gecos", "a\x01b", "control"),
    ("quota", "rubbish", "not a quota"),
    ("quota", "-5 MB", "not a quota"),
    ("quota", "0", "NOQUOTA"),
    ("quota", "2 XB", "not a quota"),
    ("password", "p" * 129, "128"),
    ("password", "line\x0bbreak", "control"),
]


def test_bad_input(example: Store, signed_in: Client) -> None:
    before = state_of(example)
    for field, value, words in BAD:
        response = signed_in.post(URL, typed(**{field: value}))
        assert words in error_of(response, field), (field, value)
        assert response.context["form"][field].value() == value
        kept = response.content.decode()
        for name in {"gecos", "quota"} - {field}:
            assert f'value="{typed()[name]}"' in kept
    assert state_of(example) == before


def test_two_gigabytes(example: Store, signed_in: Client) -> None:
    signed_in.post(URL, typed(quota="2G"))
    assert row(example, "bert")["pw_shell"] == "2147483648S"


@pytest.mark.stores("sqlite")
def test_the_sites_own_policy(example: Store, signed_in: Client) -> None:
    (example.home / "etc" / "password_strength.conf").write_text("Policy = At least twelve.\nLength >= 12\n")
    before = state_of(example)
    error_of(signed_in.post(URL, typed(password="short")), "password")
    assert state_of(example) == before


def test_beside_an_alias(example: Store, signed_in: Client, add_alias: Callable[..., None]) -> None:
    add_alias("bert", "anna@example.com")
    assert 'name="beside_alias"' not in signed_in.get(URL).content.decode()
    before = state_of(example)
    response = signed_in.post(URL, typed())
    assert "alias" in error_of(response, "name")
    assert 'name="beside_alias"' in response.content.decode()
    assert state_of(example) == before
    response = signed_in.post(URL, typed(beside_alias="on"))
    assert response.status_code == 302
    assert row(example, "bert")
    assert "an alias of the same name" in signed_in.get(response["Location"]).content.decode()


def test_beside_a_dotqmail_file(example: Store, signed_in: Client) -> None:
    (example.directory("example.com") / ".qmail-bert").write_text("&anna@example.com\n")
    response = signed_in.post(URL, typed())
    assert "alias" in error_of(response, "name")
    assert 'name="beside_alias"' in response.content.decode()


def test_under_an_alias_domain(example: Store, signed_in: Client, admin: Any) -> None:
    from aliasdomains import services as aliasdomain_services

    aliasdomain_services.add_alias_domain(actor=admin, real="example.com", alias="example.net")
    response = signed_in.post("/domains/example.net/accounts/add/", typed())
    assert response["Location"] == f"{ACCOUNTS}bert/"
    assert row(example, "bert")


@pytest.mark.stores("sqlite")
def test_engine_fails(example: Store, signed_in: Client, broken_engine: Callable[..., None]) -> None:
    before = state_of(example)
    broken_engine("vadduser", Unavailable("The disk is full.", field="quota"))
    response = signed_in.post(URL, typed())
    assert response.status_code == 503
    assert error_of(response, "quota") == "The disk is full."
    assert 'value="bert"' in response.content.decode()
    assert last_entry().state == "failed"
    assert state_of(example) == {**before, "entries": before["entries"] + 1}


@pytest.mark.stores("sqlite")
def test_nothing_else_in_the_form_speaks_of_passwords(example: Store, signed_in: Client) -> None:
    page = signed_in.get(URL).content.decode()
    form = page[page.index('class="form sheet"') : page.index("</form>", page.index('class="form sheet"'))]
    assert form.lower().count('name="password') == 1
    assert form.count("<label") - form.count(">Password<") - form.count("Password\n") >= 4


def test_rights(example: Store, person: Client, allow: Callable[..., Client], signed_in: Client) -> None:
    check_rights(URL, person)
    seeing = allow("view_domain", "view_account")
    assert seeing.get(URL).status_code == 403
    assert seeing.post(URL, typed()).status_code == 403
    adding = allow("view_domain", "view_account", "add_account")
    assert adding.post(URL, typed()).status_code == 302


@pytest.mark.stores("sqlite")
def test_unknown_domain(example: Store, signed_in: Client) -> None:
    assert signed_in.get("/domains/other.com/accounts/add/").status_code == 404
    assert signed_in.post("/domains/other.com/accounts/add/", typed()).status_code == 404


@pytest.mark.stores("sqlite")
def test_looking_changes_nothing(example: Store, signed_in: Client) -> None:
    assert "manage.py vadduser" in check_looking(example, URL, signed_in)


@pytest.mark.stores("sqlite")
def test_an_empty_post_is_refused(example: Store, signed_in: Client) -> None:
    before = state_of(example)
    error_of(signed_in.post(URL), "name")
    assert state_of(example) == before


def test_a_directory_with_mail_is_never_taken_over(example: Store, signed_in: Client) -> None:
    """It is said, and parked first when the administrator chooses so."""
    left = example.directory("example.com") / "bert" / "Maildir" / "new"
    left.mkdir(parents=True)
    (left / "1.a.b").write_text("From: x\n\nkept\n")
    give_to_domain(example, "bert")
    assert 'name="park_existing"' not in signed_in.get(URL).content.decode()
    before = state_of(example)
    response = signed_in.post(URL, typed())
    assert "directory" in error_of(response, "name")
    assert 'name="park_existing"' in response.content.decode()
    assert state_of(example) == {**before, "entries": before["entries"] + 1}
    assert last_entry().state == "failed"
    response = signed_in.post(URL, typed(park_existing="on"))
    assert response.status_code == 302
    assert row(example, "bert")
    assert not list(left.iterdir())
    kept = list((example.home / "domains" / ".vqweb-trash").glob("*/*/Maildir/new/1.a.b"))
    assert [path.read_text() for path in kept] == ["From: x\n\nkept\n"]
    assert "--park-existing" in last_entry().command

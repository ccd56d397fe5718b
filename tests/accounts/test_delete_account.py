from collections.abc import Callable

import pytest
from django.test import Client

from tests.accounts.base import (
    ACCOUNTS,
    alias_rows,
    check_looking,
    check_rights,
    error_of,
    last_entry,
    state_of,
)
from tests.store import Store
from vpopmail.engines.base import Unavailable

URL = f"{ACCOUNTS}anna/delete/"


def names(store: Store) -> list[str]:
    return [row["pw_name"] for row in store.accounts("example.com")]


def test_it_works(example: Store, signed_in: Client) -> None:
    mailbox = example.directory("example.com") / "anna"
    (mailbox / "Maildir" / "new" / "1.mail").write_text("Subject: x\n\nhello\n")
    page = check_looking(example, URL, signed_in)
    for text in (
        str(mailbox),
        "1 message",
        "is kept until",
        "Keep the account",
        "manage.py vdeluser anna@example.com",
    ):
        assert text in page, text
    assert page.index("Keep the account") < page.index("Delete account</button>")
    response = signed_in.post(URL)
    assert response["Location"] == "/domains/example.com/"
    assert names(example) == ["postmaster"]
    assert not mailbox.exists()
    assert len(list((example.home / "domains").rglob("1.mail"))) == 1
    page = signed_in.get(response["Location"]).content.decode()
    assert "anna@example.com was deleted." in page
    assert "kept until" in page
    assert (last_entry().action, last_entry().state) == ("vdeluser", "ok")


@pytest.mark.parametrize(("choice", "left"), [("keep", 1), ("delete", 0), ("", 1)])
def test_the_alias_of_the_same_name(
    example: Store, signed_in: Client, add_alias: Callable[..., None], choice: str, left: int
) -> None:
    add_alias("anna", "bob@elsewhere.example", beside_account=True)
    assert "an alias of the same name" in signed_in.get(URL).content.decode()
    page = signed_in.post(URL, {"aliases": choice}, follow=True).content.decode()
    assert names(example) == ["postmaster"]
    assert len(alias_rows(example)) == left
    assert ("is still there" in page) == bool(left)


@pytest.mark.stores("sqlite")
def test_no_question_without_an_alias(example: Store, signed_in: Client) -> None:
    assert 'name="aliases"' not in signed_in.get(URL).content.decode()


@pytest.mark.stores("sqlite")
def test_aliases_that_will_lead_nowhere_are_named(
    example: Store, signed_in: Client, add_alias: Callable[..., None]
) -> None:
    add_alias("info", "anna@example.com")
    assert '<a href="/domains/example.com/aliases/info/">' in signed_in.get(URL).content.decode()


@pytest.mark.stores("sqlite")
def test_the_postmaster_is_warned_of(example: Store, signed_in: Client) -> None:
    assert "the domain&#x27;s postmaster" not in signed_in.get(URL).content.decode()
    page = signed_in.get(f"{ACCOUNTS}postmaster/delete/").content.decode()
    assert "domain's postmaster" in page
    assert "Every domain must have one" in page


@pytest.mark.stores("sqlite")
def test_a_line_into_the_mailbox_is_warned_of(
    example: Store, signed_in: Client, add_alias: Callable[..., None]
) -> None:
    add_alias("anna", f"{example.directory('example.com')}/anna/Maildir/", beside_account=True)
    assert "remove that line first" in signed_in.get(URL).content.decode()


@pytest.mark.stores("sqlite")
def test_a_mailbox_elsewhere_stays(example: Store, signed_in: Client) -> None:
    from vpopmail.models import Account

    elsewhere = example.root / "elsewhere" / "anna"
    (elsewhere / "Maildir").mkdir(parents=True)
    Account.objects.filter(key="anna@example.com").update(dir=str(elsewhere))
    page = signed_in.get(URL).content.decode()
    assert "left where it is" in page
    assert "erased at once" not in page
    assert "Elsewhere" in signed_in.get(f"{ACCOUNTS}anna/").content.decode()
    signed_in.post(URL)
    assert names(example) == ["postmaster"]
    assert elsewhere.is_dir()


@pytest.mark.stores("sqlite")
def test_bad_input(example: Store, signed_in: Client) -> None:
    before = state_of(example)
    error_of_choice = signed_in.post(URL, {"aliases": "burn"})
    assert error_of_choice.status_code == 200
    assert error_of_choice.context["form"].errors["aliases"]
    assert state_of(example) == before


@pytest.mark.stores("sqlite")
def test_engine_fails(example: Store, signed_in: Client, broken_engine: Callable[..., None]) -> None:
    before = state_of(example)
    broken_engine("vdeluser", Unavailable("The disk refuses."))
    response = signed_in.post(URL)
    assert response.status_code == 503
    assert error_of(response, "__all__") == "The disk refuses."
    assert last_entry().state == "failed"
    assert state_of(example) == {**before, "entries": before["entries"] + 1}


def test_rights(example: Store, person: Client, allow: Callable[..., Client]) -> None:
    check_rights(URL, person)
    changing = allow("view_domain", "view_account", "change_account")
    assert changing.get(URL).status_code == 403
    assert changing.post(URL).status_code == 403
    assert "anna" in names(example)


@pytest.mark.stores("sqlite")
def test_unknown(example: Store, signed_in: Client) -> None:
    assert signed_in.get(f"{ACCOUNTS}nobody/delete/").status_code == 404
    assert signed_in.post(f"{ACCOUNTS}nobody/delete/").status_code == 404
    assert signed_in.put(URL).status_code == 405

"""Where one's own mail goes: the owner's card and page."""

from typing import Any

import pytest
from django.test import Client

from accounts import services
from domains.services import change_limits
from tests.accounts.base import DOMAIN, PASSWORD, error_of, last_entry
from tests.accounts.test_change_forwarding import BOB, file_of, kept, put
from tests.store import Store

URL = "/me/forwarding/"


@pytest.fixture
def anna(example: Store) -> Client:
    client = Client()
    assert client.post("/sign-in/", {"username": f"anna@{DOMAIN}", "password": PASSWORD}).status_code == 302
    return client


def _post(client: Client, **values: Any) -> Any:
    seen = client.get(URL).context["form"]["seen"].value()
    return client.post(URL, {"mode": "forward", "destinations": BOB, "seen": seen} | values)


def test_an_owner_forwards_its_mail(example: Store, anna: Client) -> None:
    assert "goes into the mailbox" in anna.get("/me/").content.decode()
    assert _post(anna, keep_copy="on")["Location"] == "/me/"
    assert file_of(example).read_text().splitlines() == [f"&{BOB}", *kept(example)]
    entry = last_entry()
    assert (entry.action, entry.actor_name, entry.domain) == ("dotqmail", f"anna@{DOMAIN}", DOMAIN)
    page = anna.get("/me/").content.decode()
    assert "Keeps a copy and forwards to:" in page and "bob<wbr>@elsewhere.<wbr>example" in page
    assert "/domains/" not in page and "manage.py" not in anna.get(URL).content.decode()
    assert _post(anna, mode="mailbox").status_code == 302 and not file_of(example).exists()


@pytest.mark.stores("sqlite")
def test_what_binds_an_owner(example: Store, anna: Client, admin: Any) -> None:
    for text in ("|/bin/sh", "/etc/mail/", f"anna@{DOMAIN}", " ".join(f"a{n}@b.example" for n in range(6))):
        assert error_of(_post(anna, destinations=text), "destinations"), text
    change_limits(actor=admin, domain=DOMAIN, changes={"maxforwards": 0})
    assert "may not forward" in error_of(_post(anna), "destinations")
    assert not file_of(example).exists()
    # Nobody is kept from getting their mail back, nor from throwing it away.
    put(example, f"&{BOB}", "|/usr/bin/prog")
    assert _post(anna, mode="mailbox").status_code == 302
    assert file_of(example).read_text().splitlines() == ["|/usr/bin/prog", *kept(example)]


@pytest.mark.stores("sqlite")
def test_one_s_own_only(example: Store, anna: Client, admin: Any) -> None:
    services.add_account(actor=admin, domain=DOMAIN, name="carol", password=PASSWORD)
    for name in ("anna", "carol"):
        assert anna.post(f"/domains/{DOMAIN}/accounts/{name}/forwarding/", {}).status_code == 404
    assert Client().get(URL)["Location"].startswith("/sign-in/")


@pytest.mark.stores("sqlite")
def test_the_second_writer_is_told(example: Store, anna: Client) -> None:
    form = anna.get(URL).context["form"]
    put(example, "&somebody@else.example")
    answer = anna.post(URL, {"mode": "forward", "destinations": BOB, "seen": form["seen"].value() or ""})
    assert "changed by somebody else" in answer.content.decode()
    assert file_of(example).read_text() == "&somebody@else.example\n"

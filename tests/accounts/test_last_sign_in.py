"""What pages say of an account's last sign-in: when and from where, never, or not recorded."""

import time

import pytest
from django.test import Client

from tests.accounts.base import ACCOUNTS, DOMAIN
from tests.store import Store
from tests.vpopmail.people import accounts
from tests.vpopmail.sign_in_log import execute
from vpopmail import schema

LONG = "a-name-with-more-than-thirty-two-letters"


def words(client: Client, name: str = "anna") -> tuple[str, str]:
    """Of the list and of the account's page."""
    found = client.get(f"/domains/{DOMAIN}/").content.decode().split(f'/accounts/{name}/"', 1)[1]
    row = found.split("</tr>", 1)[0]
    page = client.get(f"{ACCOUNTS}{name}/").content.decode()
    known = ("Never signed in", "Not recorded", "203.0.113.9")
    return (
        next(text for text in known if text in row),
        next(text for text in known if text in page.split("Last sign-in", 1)[1].split("</dd>", 1)[0]),
    )


@pytest.mark.stores("sqlite", "many", "perdomain", "old")
def test_three_answers(example: Store, signed_in: Client) -> None:
    never, not_recorded = ("Never signed in",) * 2, ("Not recorded",) * 2
    assert words(signed_in) == never, "made, as vpopmail marks it"
    execute("DELETE FROM lastauth")
    assert words(signed_in) == never, "no sign-in made a row"
    quote = "`" if example.kind != "sqlite" else '"'
    execute(
        f"INSERT INTO lastauth ({quote}user{quote}, domain, remote_ip, {quote}timestamp{quote}) "
        "VALUES ('anna', %s, '203.0.113.9', %s)",
        [DOMAIN, int(time.time())],
    )
    assert words(signed_in) == ("203.0.113.9",) * 2
    execute("DROP TABLE lastauth")
    schema.reset()
    assert words(signed_in) == not_recorded


@pytest.mark.stores("many")
def test_a_name_that_the_table_has_no_room_for(example: Store, signed_in: Client) -> None:
    accounts(example, DOMAIN, [LONG])  # vpopmail makes it, and no row for it
    assert words(signed_in, LONG) == ("Not recorded",) * 2


@pytest.mark.stores("many")
def test_a_build_that_keeps_none(example: Store, signed_in: Client) -> None:
    header = example.home / "include" / "vpopmail_config.h"
    header.write_text(header.read_text().replace("#define ENABLE_AUTH_LOGGING 1\n", ""))
    execute("DELETE FROM lastauth")
    schema.reset()
    assert words(signed_in) == ("Not recorded",) * 2

"""The page of flags says what counts: the account's bits, the domain's, and which of them do."""

from typing import Any

import pytest
from django.test import Client

from accounts import services
from domains import services as domain_services
from tests.accounts.base import ACCOUNTS, DOMAIN, check_looking
from tests.store import Store
from vpopmail import flags
from vpopmail.engines import get_engine

URL = f"{ACCOUNTS}anna/flags/"


def words(client: Client) -> dict[str, str]:
    return {str(effect.label): effect.words for effect in client.get(URL).context["form"].effects()}


def test_by_the_account_by_the_domain_and_overridden(example: Store, signed_in: Client, admin: Any) -> None:
    assert "everything is open" in check_looking(example, URL, signed_in)
    domain_services.change_limits(actor=None, domain=DOMAIN, changes={"disable_pop": 1, "disable_imap": 1})
    services.change_account(actor=None, domain=DOMAIN, name="anna", set_flags=flags.NO_IMAP | 0x10)
    assert words(signed_in) == {
        "No POP": "Set by the domain's limits, for everybody.",
        "No IMAP": "Set here, and by the domain.",
        "Incoming mail is bounced": "Set here.",
    }
    page = signed_in.get(URL).content.decode()
    assert page.count("it counts, whatever is chosen here") == 2
    services.change_account(actor=None, domain=DOMAIN, name="anna", set_flags=flags.OVERRIDE_LIMITS)
    assert "it does not count" in words(signed_in)["No POP"]
    assert words(signed_in)["No IMAP"] == "Set here, and by the domain."
    assert signed_in.get(URL).content.decode().count("but not for this account") == 2


@pytest.mark.stores("sqlite")
def test_a_lock_is_named(example: Store, signed_in: Client) -> None:
    services.disable_account(actor=None, domain=DOMAIN, name="anna")
    assert "whatever its flags say" in signed_in.get(URL).content.decode()


@pytest.mark.stores("sqlite")
def test_every_bit_alone_is_set_and_cleared_and_nothing_else(example: Store, signed_in: Client) -> None:
    unknown = 0x4010_0000
    get_engine().vmoduser(DOMAIN, "anna", set_flags=unknown)
    for flag in flags.FLAGS:
        box = {f"flag_{flag.bit:x}": "on"}
        assert signed_in.post(URL, {"seen": str(unknown), **box}).status_code == 302
        assert services.find_account(DOMAIN, "anna").gid == unknown | flag.bit
        assert signed_in.post(URL, {"seen": str(unknown | flag.bit)}).status_code == 302
        assert services.find_account(DOMAIN, "anna").gid == unknown

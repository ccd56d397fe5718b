"""Is this mail account allowed in now: found by any spelling of its address, with a usable password and at
least one service."""

from __future__ import annotations

from django.utils.crypto import salted_hmac

from mailhost.names import BadName
from vpopmail import assigned, closed, flags, passwords
from vpopmail.database import reachable, rows
from vpopmail.models import Account
from web.fields import domain_to_ascii

LONGEST_ADDRESS = 320  # characters typed; longer ones are nobody's


def canonical(typed: str) -> tuple[str, str]:
    """Name and real domain of an address as typed: capitals, IDN and alias domains do not count. The domain
    is as typed when it is none of this server's.
    """
    name, _at, domain = typed[:LONGEST_ADDRESS].strip().lower().rpartition("@")
    try:
        domain = domain_to_ascii(domain)
    except BadName:
        return name, domain
    found = assigned.domains().real(domain)
    return name, found.name if found else domain


def find(typed: str) -> Account | None:
    """The account behind an address as typed, with the services its domain leaves it (`row`).

    Asks the database even for domains that do not exist: while it is down, all addresses are told so.
    """
    name, domain = canonical(typed)
    if domain not in assigned.domains():
        with reachable():
            rows("SELECT 1")
        return None
    return row(domain, name)


def row(domain: str, name: str) -> Account | None:
    """The account of a real domain, in one query; `.closed` are the services that the domain's limits close
    for it. None also when the domain is gone.
    """
    known = assigned.domains().get(domain)
    if known is None or known.is_alias:
        return None
    with reachable():
        return closed.find_account(domain, name)


def is_allowed(account: Account) -> bool:
    """Neither locked nor without any service (`account` as `row` reads it)."""
    if not account.passwd or account.passwd[0] in "!*":
        return False
    return closed.effective(account) & flags.SERVICES != flags.SERVICES


def password_opens(account: Account, password: str) -> bool:
    """Verified before it is asked whether the account is allowed in at all: both take their time."""
    return passwords.verify(password, account.passwd or "") and is_allowed(account)


def mark_of(account: Account) -> str:
    """What a session keeps of the password it began with: an HMAC of the hash, never the hash."""
    return salted_hmac(
        "accounts.standing", f"{account.address}\0{account.passwd}", algorithm="sha256"
    ).hexdigest()

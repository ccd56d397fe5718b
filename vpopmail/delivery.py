"""What a domain does with mail for addresses that are nobody's, and with mail for those that are somebody's.

The first stands in the domain's `.qmail-default`, the second in qmail's control/defaultdelivery, where
vpopmail was built to look there. What refuses unknown addresses before mail is accepted is looked for in
qmail's files."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from mailhost import delivery as grammar
from mailhost import dotqmail
from vpopmail import helper
from vpopmail.assigned import domains
from vpopmail.engines.base import NotFound, Refused
from vpopmail.forwarding import obeys_default_delivery, printable
from vpopmail.models import find_account


@dataclass(frozen=True, slots=True)
class DomainDelivery:
    """A domain's `.qmail-default` as it stands. `meaning` is the grammar's; `readable` is False for what is
    no plain file of the domain's."""

    domain: str
    lines: tuple[str, ...]
    meaning: grammar.Delivery
    fingerprint: dict[str, Any] | None = None
    readable: bool = True

    @property
    def kind(self) -> str:
        return self.meaning.kind

    @property
    def target(self) -> str:
        return printable(self.meaning.target)

    @property
    def shown(self) -> list[str]:
        """The lines as pages and the journal show them."""
        return [printable(line) for line in self.lines]

    @property
    def seen(self) -> str:
        """Stands for the content in a form, so that the second of two writers is told."""
        return seen_as(self.lines) if self.fingerprint else ""

    @property
    def is_own(self) -> bool:
        """Does a line of vpopmail's decide, so that only its argument need change?"""
        return self.meaning.place is not None

    @property
    def unknown(self) -> str:
        """How services are told the same: `bounce`, `delete`, an address, `@domain`; "" for everything
        else."""
        if self.kind in ("bounce", "delete"):
            return self.kind
        return {"address": self.meaning.target, "domain": f"@{self.meaning.target}"}.get(self.kind, "")


def seen_as(lines: Sequence[str]) -> str:
    return hashlib.sha256(dotqmail.write(lines)).hexdigest()


def read(domain: str) -> DomainDelivery:
    """The delivery of a real domain; one whose directory is gone has none that could be read."""
    try:
        answer = helper.call("read_dotqmail", domain=domain, name=grammar.NAME)
    except NotFound:
        return DomainDelivery(domain, (), grammar.Delivery("missing"), readable=False)
    lines = tuple(answer["lines"])
    meaning = grammar.parse(lines if answer["exists"] else None)
    return DomainDelivery(domain, lines, meaning, answer["fingerprint"], answer["readable"])


def catches(domain: str, name: str) -> bool:
    """Does mail for unknown addresses of the domain go to this account of it?"""
    try:
        found = read(domain)
    except Refused:
        return False
    to, _at, at = found.unknown.rpartition("@")
    if to:
        real = domains().real(at)
        return bool(real and (to.lower(), real.name) == (name, domain))
    account = find_account(domain, name)
    return found.kind == "directory" and bool(account and found.target.rstrip("/") == account.dir.rstrip("/"))


# --- mail for addresses that exist ---


@dataclass(frozen=True, slots=True)
class DefaultDelivery:
    """qmail's control/defaultdelivery for mailboxes without a `.qmail`. `kind`: `off` (this vpopmail does not
    look there), `missing`, `mailbox` (it names vdelivermail, so vpopmail delivers by itself), `lines`, or
    `unreadable`."""

    kind: str
    lines: tuple[str, ...] = ()


def default_delivery() -> DefaultDelivery:
    """What becomes of mail for a mailbox that has no forwarding of its own."""
    if not obeys_default_delivery():
        return DefaultDelivery("off")
    try:
        answer = helper.call("read_control", name="defaultdelivery")
    except Refused:
        return DefaultDelivery("unreadable")
    lines = tuple(printable(line) for line in answer["text"].splitlines())
    if not answer["exists"] or not any(lines):
        return DefaultDelivery("missing")
    return DefaultDelivery("mailbox" if "vdelivermail" in answer["text"] else "lines", lines)


# --- what checks recipients before ---


@dataclass(frozen=True, slots=True)
class RecipientCheck:
    """`kind` is `chkuser`, `vrcptcheck`, `validrcptto`, `none` (looked, and found none) or `unknown`
    (qmail-smtpd is not there to be looked at). `mode` is chkuser's: `always`, `domain`, `off`, or "" where it
    could not be read. `told`: the setting says so."""

    kind: str
    mode: str = ""
    told: bool = False

    def refuses_for(self, kind: str) -> bool | None:
        """Is mail for unknown addresses refused at once, in a domain with this delivery? None: not known."""
        if self.kind in ("vrcptcheck", "validrcptto"):
            return True
        if self.kind == "none" or self.mode == "off":
            return False
        if self.kind == "unknown" or not self.mode:
            return None
        return self.mode == "always" or kind == "bounce"


_MODES = {"ALWAYS": "always", "DOMAIN": "domain"}
CHECKS: dict[str, RecipientCheck] = {
    "chkuser": RecipientCheck("chkuser", told=True),
    "chkuser-always": RecipientCheck("chkuser", "always", told=True),
    "chkuser-domain": RecipientCheck("chkuser", "domain", told=True),
    "vrcptcheck": RecipientCheck("vrcptcheck", told=True),
    "validrcptto": RecipientCheck("validrcptto", told=True),
    "none": RecipientCheck("none", told=True),
}


def recipient_check() -> RecipientCheck:
    """Which check this server has: as the setting says, else as qmail's files tell."""
    if settings.VPOPMAIL_RECIPIENT_CHECK in CHECKS:
        return CHECKS[settings.VPOPMAIL_RECIPIENT_CHECK]
    try:
        found = helper.call("read_recipient_check")
    except Refused:
        return RecipientCheck("unknown")
    if found["chkuser"] and found["chkuser_start"] in _MODES:
        return RecipientCheck("chkuser", _MODES[found["chkuser_start"]])
    others: Sequence[str] = [name for name in ("validrcptto", "vrcptcheck") if found[name]]
    if others:
        return RecipientCheck(others[0])
    if found["chkuser"]:
        return RecipientCheck("chkuser", "" if found["chkuser_start"] is None else "off")
    return RecipientCheck("none" if found["smtpd"] else "unknown")

"""An account's forwarding: reading its own `.qmail`, and the lines that say what is wanted.

Forwarding replaces the delivery into the mailbox, so that keeping a copy needs a line of its own. Which one
depends on the build: without defaultdelivery it is the mailbox's Maildir; with it, what
`control/defaultdelivery` says, so that filters go on working. Only one of the two is ever written, else mail
would arrive twice.

Lines that are not understood stay where they are, in their order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from vpopmail import helper
from vpopmail.engines.base import NotFound, Refused
from vpopmail.forwarding_parts import BLACKHOLE, Forwarding, Part, Place, parse, printable, read_line
from vpopmail.mailboxes import box_of
from vpopmail.models import Account
from vpopmail.schema import schema

__all__ = ["Forwarding", "Part", "Place", "compose", "parse", "place_of", "printable", "read"]


def compose(
    former: Forwarding,
    *,
    destinations: Sequence[str] | None = None,
    keeps_copy: bool | None = None,
    blackhole: bool | None = None,
    vacation: str | None = None,
) -> tuple[str, ...]:
    """The lines that say this, what is not named staying as it was; () when no file is needed.

    The same again gives the same lines. Raises Refused when mail would go nowhere without that being wanted.
    """
    before = _Wanted(former.destinations, former.keeps_copy, former.blackhole, former.vacation)
    wanted = _Wanted(
        before.destinations if destinations is None else tuple(dict.fromkeys(destinations)),
        before.keeps_copy if keeps_copy is None else keeps_copy,
        before.blackhole if blackhole is None else blackhole,
        before.vacation if vacation is None else vacation,
    )
    return former.lines if wanted == before else wanted.lines(former)


@dataclass(frozen=True, slots=True)
class _Wanted:
    destinations: tuple[str, ...]
    keeps_copy: bool
    blackhole: bool
    vacation: str

    def lines(self, former: Forwarding) -> tuple[str, ...]:
        if self.blackhole and (self.destinations or self.keeps_copy):
            raise Refused(_("Mail that is thrown away is neither forwarded nor kept."), field="mode")
        kept = [part for part in _once(former) if self._stays(part)]
        parts = self._with_vacation(self._with_copy(self._with_destinations(kept), former.place), former)
        if self.blackhole and not any(part.kind == "blackhole" for part in parts):
            parts = _before_vacation(parts, [read_line(BLACKHOLE, former.place)])
        self._check(parts, former.place)
        # A file that only says what happens anyway is not needed.
        return () if all(part.kind == "copy" for part in parts) else tuple(part.text for part in parts)

    def _stays(self, part: Part) -> bool:
        return {
            "destination": part.target in self.destinations,
            "copy": self.keeps_copy,
            "blackhole": self.blackhole,
            "vacation": bool(self.vacation),
            "foreign": True,
        }[part.kind]

    def _with_destinations(self, parts: list[Part]) -> list[Part]:
        """New addresses stand after the last one, else before whatever else is ours: a program may end the
        list early."""
        have = {part.target for part in parts if part.kind == "destination"}
        new = [Part(f"&{one}", "destination", one) for one in self.destinations if one not in have]
        last = max((n for n, part in enumerate(parts) if part.kind == "destination"), default=-1) + 1
        if not last:
            last = next((n for n, part in enumerate(parts) if part.kind in ("copy", "vacation")), len(parts))
        return parts[:last] + new + parts[last:]

    def _with_copy(self, parts: list[Part], place: Place) -> list[Part]:
        if not self.keeps_copy or any(part.kind == "copy" or part.delivers for part in parts):
            return parts
        return _before_vacation(parts, [read_line(text, place) for text in place.lines])

    def _with_vacation(self, parts: list[Part], former: Forwarding) -> list[Part]:
        if not self.vacation:
            return parts
        line = read_line(self.vacation, former.place)
        if not any(part.kind == "vacation" for part in parts):
            return [*parts, line]
        return [line if part.kind == "vacation" else part for part in parts]

    def _check(self, parts: Sequence[Part], place: Place) -> None:
        after = Forwarding(place, tuple(parts))
        lost = not after.parts or after.blackhole
        if lost and not self.blackhole:
            raise Refused(
                _("Mail would go nowhere: name an address, keep a copy, or say that mail is thrown away."),
                field="destinations",
            )
        if self.blackhole and not lost:
            raise Refused(
                _("Other lines of this account deliver mail, so that it cannot all be thrown away."),
                field="mode",
            )


def _once(former: Forwarding) -> list[Part]:
    """Each address, copy and vacation once; what is not ours stays as it is."""
    wanted = _one_delivery(former)
    seen: set[str] = set()
    left = []
    for part in former.parts:
        key = {"destination": part.target, "copy": part.text, "vacation": "vacation"}.get(part.kind, "")
        if (key and key in seen) or (part.kind == "copy" and part.text not in wanted):
            continue
        seen.add(key)
        left.append(part)
    return left


def _one_delivery(former: Forwarding) -> frozenset[str]:
    """Of the lines that keep a copy those that keep one: the server's own delivery before the Maildir."""
    copies = [part.text for part in former.parts if part.kind == "copy"]
    usual = former.place.usual
    if usual and usual <= set(copies):
        return usual
    maildir = next((text for text in copies if text not in usual), "")
    return frozenset({maildir} if maildir else copies)


def _before_vacation(parts: list[Part], new: list[Part]) -> list[Part]:
    at = next((n for n, part in enumerate(parts) if part.kind == "vacation"), len(parts))
    return parts[:at] + new + parts[at:]


def usual_lines() -> tuple[str, ...]:
    """What delivers mail of accounts here in place of vpopmail; () when it does that itself."""
    return _default_delivery() if obeys_default_delivery() else ()


def place_of(mailbox: str, usual: tuple[str, ...] | None = None) -> Place:
    """How mail gets into the mailbox of that directory here."""
    usual = usual_lines() if usual is None else usual
    return Place(mailbox, usual or (f"{mailbox}/Maildir/",), frozenset(usual))


def obeys_default_delivery() -> bool:
    """Was vpopmail built with defaultdelivery? Without its header, the columns of valias tell."""
    options = schema().options
    return "DEFAULT_DELIVERY" in options if options else schema().default_delivery


def _default_delivery() -> tuple[str, ...]:
    """The lines of control/defaultdelivery that deliver. Where one names vdelivermail, vpopmail delivers into
    the Maildir itself (vdelivermail.c, check_default_delivery): then there are none."""
    lines = (helper.call("read_control", name="defaultdelivery").get("text") or "").split("\n")
    usual = tuple(line for line in lines if line and not line.startswith("#"))
    return () if any("vdelivermail" in line for line in usual) else usual


def read(account: Account) -> Forwarding:
    """What the account's `.qmail` says now."""
    box, place = box_of(account), place_of(account.dir)
    if box is None:
        return Forwarding(place, readable=False, elsewhere=True)
    try:
        return of_file(helper.call("read_mailbox_dotqmail", domain=account.domain, **box), place)
    except NotFound:
        return Forwarding(place)


def of_file(file: Mapping[str, Any], place: Place) -> Forwarding:
    """What the helper read, with its meaning."""
    return parse(
        file["lines"],
        place,
        fingerprint=file["fingerprint"],
        exists=file["exists"],
        readable=file["readable"],
    )

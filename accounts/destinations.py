"""How alias lines are shown: the kind as a word, and a mark where a local destination does not exist."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from vpopmail.aliases import Alias, AliasLine
from vpopmail.assigned import domains
from vpopmail.recipients import existing

KINDS: dict[str, tuple[str, str | Promise]] = {  # mailhost.dotqmail's word: icon, word
    "forward": ("mail-forward", _("Elsewhere")),
    "program": ("terminal-2", _("Program")),
    "maildir": ("mailbox", _("Mailbox")),
    "mbox": ("file", _("File")),
    "comment": ("eraser", _("Thrown away")),
    "empty": ("mail", _("As usual")),
}
ACCOUNT, ALIAS = ("user", _("Account")), ("arrow-forward", _("Alias"))
Own = Collection[str] | None  # the real domains that a person may know of; None: all
MISSING = ("mail-forward", _("Address"))


@dataclass(frozen=True, slots=True)
class Destination:
    """A line with its kind as a word; `page` names the URL of a local one, `missing`: it should be here."""

    line: AliasLine
    icon: str
    word: str | Promise
    page: str = ""
    missing: bool = False

    @property
    def text(self) -> str:
        return self.line.destination or self.line.line

    @property
    def parts(self) -> list[str]:
        """Domain and name, for the page of a local destination."""
        name, _at, domain = self.line.destination.lower().rpartition("@")
        return [domain, name]


@dataclass(frozen=True, slots=True)
class AliasRow:
    """An alias of the list with its destinations."""

    alias: Alias
    destinations: Sequence[Destination]


def shown(aliases: Sequence[Alias], own: Own) -> list[AliasRow]:
    """Rows of a list; one query judges the destinations of all of them."""
    judged = iter(shown_lines([line for alias in aliases for line in alias.lines], own))
    return [AliasRow(alias, [next(judged) for _line in alias.lines]) for alias in aliases]


def shown_lines(lines: Sequence[AliasLine], own: Own) -> list[Destination]:
    """Whoever may know of the domains `own` alone is not told what exists in others: those look like any
    domain elsewhere."""
    accounts, others, missing = existing(_addresses(lines, own))
    return [_destination(line, accounts, others, missing) for line in lines]


def _addresses(lines: Iterable[AliasLine], own: Own) -> set[str]:
    found = {line.destination for line in lines if line.kind == "forward"}
    return found if own is None else {address for address in found if _is_in(address, own)}


def _is_in(address: str, own: Collection[str]) -> bool:
    real = domains().real(address.lower().rpartition("@")[2])
    return real is not None and real.name in own


def _destination(line: AliasLine, accounts: set[str], others: set[str], missing: set[str]) -> Destination:
    if line.destination in accounts:
        return Destination(line, *ACCOUNT, page="account")
    if line.destination in others:
        return Destination(line, *ALIAS, page="alias")
    if line.destination in missing:
        return Destination(line, *MISSING, missing=True)
    return Destination(line, *KINDS.get(line.kind, KINDS["forward"]))

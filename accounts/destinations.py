"""How alias lines are shown: the kind as a word, and a mark where a local destination does not exist."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from vpopmail.alias_kinds import kind_of, role_of
from vpopmail.aliases import Alias, AliasLine
from vpopmail.assigned import domains
from vpopmail.forwarding_parts import printable
from vpopmail.recipients import caught, existing

KINDS: dict[str, tuple[str, str | Promise]] = {  # vpopmail.alias_kinds' word: icon, word
    "forward": ("mail-forward", _("Elsewhere")),
    "program": ("terminal-2", _("Program")),
    "list": ("users", _("Mailing list")),
    "autoresponder": ("refresh", _("Autoresponder")),
    "delivery": ("mail", _("As usual")),
    "maildir": ("mailbox", _("Mailbox")),
    "mbox": ("file", _("File")),
    "comment": ("info-circle", _("Note")),
    "empty": ("mail", _("As usual")),
    "unreadable": ("lock", _("Not readable")),
}
BLACKHOLE = ("eraser", _("Thrown away"))
ACCOUNT, ALIAS = ("user", _("Account")), ("arrow-forward", _("Alias"))
CAUGHT: dict[str, tuple[str, str | Promise]] = {  # vpopmail.recipients.caught's word
    "pattern": ("arrow-forward", _("Alias for many names")),
    "extension": ("user", _("Account, by the part before the dash")),
    "unknown": ("mail-forward", _("Like mail for unknown addresses")),
}
MISSING = ("mail-forward", _("Address"))
Own = Collection[str] | None  # the real domains that a person may know of; None: all


@dataclass(frozen=True, slots=True)
class Destination:
    """A line with its kind as a word; `page` names the URL of a local one, `missing`: it should be here,
    `idle`: a row that does nothing because there is a file of the name."""

    line: AliasLine
    icon: str
    word: str | Promise
    page: str = ""
    missing: bool = False
    idle: bool = False

    @property
    def text(self) -> str:
        return printable(self.line.destination or self.line.line)

    @property
    def whole(self) -> str:
        """The whole line as people see it, and as a page names it."""
        return printable(self.line.line)

    @property
    def is_program(self) -> bool:
        return self.line.kind == "program"

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
    judge = _Judge([line for alias in aliases for line in alias.lines], own)
    return [AliasRow(alias, judge.alias(alias.lines)) for alias in aliases]


def shown_lines(lines: Sequence[AliasLine], own: Own) -> list[Destination]:
    """The lines of one alias. Whoever may know of the domains `own` alone is not told what exists in others:
    those look like any domain elsewhere."""
    return _Judge(lines, own).alias(lines)


class _Judge:
    """What is known of the destinations of many lines at once."""

    def __init__(self, lines: Sequence[AliasLine], own: Own) -> None:
        self.accounts, self.aliases, self.missing = existing(_addresses(lines, own))
        self.caught = caught(self.missing)

    def alias(self, lines: Sequence[AliasLine]) -> list[Destination]:
        """A comment beside other lines is a note; where there is nothing else, it throws mail away."""
        stores = {line.store for line in lines}
        kinds = {store: kind_of(line.line for line in lines if line.store == store) for store in stores}
        shown = [self._line(line, kinds[line.store] == "blackhole") for line in lines]
        return [replace(one, idle="files" in stores and one.line.store == "sql") for one in shown]

    def _line(self, line: AliasLine, nothing: bool) -> Destination:
        if line.kind == "comment" and nothing:
            return Destination(line, *BLACKHOLE)
        if line.kind != "forward":
            role = line.kind if line.kind == "unreadable" else role_of(line.line.strip())
            return Destination(line, *KINDS[role])
        return self._forward(line)

    def _forward(self, line: AliasLine) -> Destination:
        address = line.destination
        if address in self.accounts:
            return Destination(line, *ACCOUNT, page="account")
        if address in self.aliases:
            return Destination(line, *ALIAS, page="alias")
        if address in self.caught:
            return Destination(line, *CAUGHT[self.caught[address]])
        if address in self.missing:
            return Destination(line, *MISSING, missing=True)
        return Destination(line, *KINDS["forward"])


def _addresses(lines: Iterable[AliasLine], own: Own) -> set[str]:
    found = {line.destination for line in lines if line.kind == "forward"}
    return found if own is None else {address for address in found if _is_in(address, own)}


def _is_in(address: str, own: Collection[str]) -> bool:
    real = domains().real(address.lower().rpartition("@")[2])
    return real is not None and real.name in own

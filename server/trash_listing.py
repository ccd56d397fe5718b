"""What lies in the trash, with what the journal knows of each: who deleted it, and when."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from audit.models import Entry
from vpopmail import trash
from vpopmail.trash import Parked


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the trash. `entry` is None where the journal does not reach back so far."""

    parked: Parked
    entry: Entry | None

    @property
    def is_left_over(self) -> bool:
        """Rows alone, and no deletion: one that failed left them here, or a repair of the doctor's."""
        if self.entry is None or self.parked.parked:
            return False
        return self.entry.state == Entry.State.FAILED or self.entry.action == "doctor"


def with_journal(found: Sequence[Parked]) -> list[Item]:
    entries = {e.key: e for e in Entry.objects.filter(key__in=[one.source for one in found])}
    items = [Item(one, entries.get(one.source)) for one in found]
    return [item for item in items if not item.is_left_over]


def everything() -> Iterator[Item]:
    """The whole trash, in parts."""
    after = ""
    while True:
        page = trash.page(after)
        yield from with_journal(page.rows)
        after = page.next
        if not after:
            return


@dataclass(frozen=True, slots=True)
class Contents:
    """How many rows of each kind the record holds; `more` when it was too long to count."""

    accounts: int = 0
    aliases: int = 0
    alias_domains: tuple[str, ...] = ()
    has_limits: bool = False
    more: bool = False


MOST_ROWS = 20_000


def contents_of(parked: Parked) -> Contents:
    """What the record of an entry would bring back."""
    accounts: set[str] = set()
    aliases: set[str] = set()
    alias_domains: set[str] = set()
    has_limits, more = False, False
    for number, (table, row) in enumerate(trash.record(parked.source)):
        if number >= MOST_ROWS:
            more = True
            break
        if "pw_name" in row:
            accounts.add(str(row["pw_name"]))
        elif table == "valias" or table.startswith(".qmail-"):
            aliases.add(str(row.get("alias", table)))
        elif table == "aliasdomains":
            alias_domains.add(str(row["alias"]))
        has_limits = has_limits or table == "limits"
    return Contents(len(accounts), len(aliases), tuple(sorted(alias_domains)), has_limits, more)

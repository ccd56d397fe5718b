"""What bringing a deleted domain back would do, shown before it is done."""

from collections.abc import Sequence
from dataclasses import dataclass

from vpopmail import assigned, trash
from vpopmail.models import accounts_of
from vpopmail.trash import Parked

MOST_ROWS = 20_000
MOST_SHOWN = 12
_PART = 500


@dataclass(frozen=True, slots=True)
class Names:
    """Some names, and how many there are."""

    count: int = 0
    shown: Sequence[str] = ()

    @classmethod
    def of(cls, names: set[str]) -> "Names":
        return cls(len(names), sorted(names)[:MOST_SHOWN])

    @property
    def more(self) -> int:
        return self.count - len(self.shown)


@dataclass(frozen=True, slots=True)
class DomainPlan:
    """`exists`: there is a domain of the name now, so that it can only be merged or come back under another.

    `back` are the accounts that come back whole, `merged` those that get their old mail. `left` are aliases
    whose names accounts of the new domain have. `real` is the domain whose alias domain has the name, or "".
    `cut`: the record was too long to be read to its end.
    """

    exists: bool
    real: str
    back: Names
    merged: Names
    aliases: Names
    left: Names
    alias_domains: Sequence[str]
    taken: Sequence[str]
    cut: bool

    @property
    def is_free(self) -> bool:
        return not self.exists and not self.real


def plan_of(parked: Parked) -> DomainPlan:
    """The plan for a whole domain in the trash."""
    hashes: dict[str, str] = {}
    aliases: set[str] = set()
    alias_domains: set[str] = set()
    cut = False
    for number, (table, row) in enumerate(trash.record(parked.source)):
        if number >= MOST_ROWS:
            cut = True
            break
        if "pw_name" in row:
            hashes[str(row["pw_name"])] = str(row["pw_passwd"])
        elif table == "valias":
            aliases.add(str(row["alias"]))
        elif table == "aliasdomains":
            alias_domains.add(str(row["alias"]))
    found = assigned.domains().get(parked.domain)
    exists = found is not None and not found.is_alias
    standing = _standing(parked.domain, sorted(hashes)) if exists else {}
    kept = {name for name, password in standing.items() if hashes[name] != password}
    taken = {name for name in alias_domains if _is_taken(name, parked.domain if exists else "")}
    return DomainPlan(
        exists=exists,
        real=found.real if found is not None and found.is_alias else "",
        back=Names.of(set(hashes) - set(standing)),
        merged=Names.of(set(standing)),
        aliases=Names.of(aliases - kept),
        left=Names.of(aliases & kept),
        alias_domains=sorted(alias_domains - taken),
        taken=sorted(taken),
        cut=cut,
    )


def _standing(domain: str, names: Sequence[str]) -> dict[str, str]:
    """Those of the names that are accounts now, with their hashes."""
    found: dict[str, str] = {}
    for start in range(0, len(names), _PART):
        part = accounts_of(domain).filter(name__in=names[start : start + _PART])
        found.update(part.values_list("name", "passwd"))
    return found


def _is_taken(alias: str, domain: str) -> bool:
    found = assigned.domains().get(alias)
    return found is not None and found.real != domain


def accounts_in(parked: Parked, contains: str, limit: int) -> tuple[list[str], bool]:
    """Names of accounts of a whole domain in the trash, in order; and whether there are more than `limit`."""
    names: set[str] = set()
    for _table, row in trash.record(parked.source):
        name = str(row.get("pw_name", ""))
        if name and contains in name:
            names.add(name)
    return sorted(names)[:limit], len(names) > limit

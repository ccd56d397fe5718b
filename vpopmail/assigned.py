"""The domains of this server: qmail's users/assign, read through the helper and parsed once per version of
the file.

No SQL table lists the domains; vpopmail's own lists come from this file (reference/vpopmail.md §0).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mailhost.qmail import parse_assign
from vpopmail import helper
from vpopmail.engines.base import NotFound


@dataclass(frozen=True, slots=True)
class AssignedDomain:
    """A domain (`real == name`) or an alias domain of `real`; `directory` is D, uid and gid own the mail in
    it."""

    name: str
    real: str
    uid: int
    gid: int
    directory: str

    @property
    def is_alias(self) -> bool:
        return self.name != self.real

    def __str__(self) -> str:
        return self.name


class Assigned:
    """All domains and alias domains as one version of the file states them."""

    def __init__(self, text: str = "") -> None:
        self._all: dict[str, AssignedDomain] = {}
        aliases: dict[str, list[str]] = {}
        for line in parse_assign(text):
            if line.domain in self._all:
                continue  # qmail takes the first of two equal lines
            self._all[line.domain] = AssignedDomain(
                line.domain, line.real, line.uid, line.gid, line.directory
            )
            if line.domain != line.real:
                aliases.setdefault(line.real, []).append(line.domain)
        self._aliases = {real: sorted(names) for real, names in aliases.items()}
        self.real_domains: Sequence[str] = sorted(d.name for d in self._all.values() if d.name == d.real)
        self.alias_domains: Sequence[AssignedDomain] = sorted(
            (d for d in self._all.values() if d.name != d.real), key=lambda d: d.name
        )
        self._alias_names = [d.name for d in self.alias_domains]

    def __len__(self) -> int:
        """How many real domains there are."""
        return len(self.real_domains)

    def __iter__(self) -> Iterator[AssignedDomain]:
        return (self._all[name] for name in self.real_domains)

    def __contains__(self, name: object) -> bool:
        return name in self._all

    def get(self, name: str) -> AssignedDomain | None:
        """The domain or alias domain of that name (lower case), or None."""
        return self._all.get(name)

    def real(self, name: str) -> AssignedDomain | None:
        """The real domain behind a domain's or alias domain's name; None when unknown or when its own line is
        missing."""
        found = self._all.get(name)
        return self._all.get(found.real) if found else None

    def aliases_of(self, real: str) -> list[str]:
        """The alias domains of a real domain, sorted."""
        return list(self._aliases.get(real, ()))

    def real_page(self, after: str = "", limit: int = 50, contains: str = "") -> tuple[list[str], bool]:
        """Real domains after `after`, at most `limit`, and whether there are more.

        `contains` also finds a domain by the name of one of its alias domains.
        """
        return _page(
            self.real_domains, after, limit, lambda name: self._matches(name, contains) if contains else True
        )

    def alias_page(
        self, after: str = "", limit: int = 50, contains: str = ""
    ) -> tuple[list[AssignedDomain], bool]:
        """Alias domains after `after` whose own or real name contains `contains`, and whether there are
        more."""
        names, more = _page(
            self._alias_names, after, limit, lambda name: contains in name or contains in self._all[name].real
        )
        return [self._all[name] for name in names], more

    def starting_with(self, prefix: str, limit: int = 20) -> list[AssignedDomain]:
        """Domains and alias domains whose names begin with `prefix`."""
        found = []
        for names in (self.real_domains, self._alias_names):
            start = bisect_left(names, prefix)
            found += [self._all[name] for name in names[start : start + limit] if name.startswith(prefix)]
        return sorted(found, key=lambda domain: domain.name)[:limit]

    def _matches(self, name: str, text: str) -> bool:
        return text in name or any(text in alias for alias in self._aliases.get(name, ()))


def _page(names: Sequence[str], after: str, limit: int, wanted: Any) -> tuple[list[str], bool]:
    found: list[str] = []
    for position in range(bisect_right(names, after) if after else 0, len(names)):
        if wanted(names[position]):
            if len(found) == limit:
                return found, True
            found.append(names[position])
    return found, False


_cached: tuple[dict[str, Any], Assigned] | None = None


def domains() -> Assigned:
    """The domains now. Asks the helper each time, which answers "unchanged" without reading the file.

    Raises Unavailable when the helper cannot be reached; a file that does not exist yet is a server without
    domains.
    """
    global _cached
    known = _cached
    try:
        answer = helper.call("read_assign", known=known[0]) if known else helper.call("read_assign")
    except NotFound:
        return Assigned()
    if known and answer.get("unchanged"):
        return known[1]
    fresh = Assigned(answer.get("text") or "")
    fingerprint = answer.get("fingerprint")
    _cached = (fingerprint, fresh) if fingerprint else None
    return fresh


def reset() -> None:
    """Forget the file, so that it is read again."""
    global _cached
    _cached = None

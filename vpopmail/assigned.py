"""The domains of this server: qmail's users/assign, read through the helper and parsed once per version of
the file.

No SQL table lists the domains; vpopmail's own lists come from this file.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mailhost.qmail import AssignLine, parse_assign
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
        self._lines: dict[str, AssignLine] = {}
        aliases: dict[str, list[str]] = {}
        for line in parse_assign(text):
            if line.domain in self._lines:
                continue  # qmail takes the first of two equal lines
            self._lines[line.domain] = line
            if line.domain != line.real:
                aliases.setdefault(line.real, []).append(line.domain)
        self._aliases = {real: sorted(names) for real, names in aliases.items()}
        self._alias_names = sorted(name for names in aliases.values() for name in names)
        self.real_domains: Sequence[str] = sorted(self._lines.keys() - set(self._alias_names))

    @cached_property
    def alias_domains(self) -> Sequence[AssignedDomain]:
        """All alias domains, sorted by name."""
        return [_domain(self._lines[name]) for name in self._alias_names]

    def __len__(self) -> int:
        """How many real domains there are."""
        return len(self.real_domains)

    def __iter__(self) -> Iterator[AssignedDomain]:
        return (_domain(self._lines[name]) for name in self.real_domains)

    def __contains__(self, name: object) -> bool:
        return name in self._lines

    def get(self, name: str) -> AssignedDomain | None:
        """The domain or alias domain of that name (lower case), or None."""
        found = self._lines.get(name)
        return _domain(found) if found else None

    def real(self, name: str) -> AssignedDomain | None:
        """The real domain behind a name; None when unknown or when its own line is missing."""
        found = self._lines.get(name)
        return self.get(found.real) if found else None

    def aliases_of(self, real: str) -> list[str]:
        """The alias domains of a real domain, sorted."""
        return list(self._aliases.get(real, ()))

    def real_page(self, after: str = "", limit: int = 50, contains: str = "") -> tuple[list[str], bool]:
        """Real domains after `after`, at most `limit`, and whether there are more.

        `contains` also finds a domain by the name of one of its alias domains.
        """
        rest = _after(self.real_domains, after)
        if contains:
            known_as = {self._lines[name].real for name in self._alias_names if contains in name}
            rest = [name for name in rest if contains in name or name in known_as]
        return list(rest[:limit]), len(rest) > limit

    def alias_page(
        self, after: str = "", limit: int = 50, contains: str = ""
    ) -> tuple[list[AssignedDomain], bool]:
        """Alias domains after `after` whose own or real name contains `contains`, and whether there are
        more."""
        rest = _after(self._alias_names, after)
        if contains:
            rest = [name for name in rest if contains in name or contains in self._lines[name].real]
        return [_domain(self._lines[name]) for name in rest[:limit]], len(rest) > limit

    def starting_with(self, prefix: str, limit: int = 20) -> list[AssignedDomain]:
        """Domains and alias domains whose names begin with `prefix`."""
        found: list[str] = []
        for names in (self.real_domains, self._alias_names):
            start = bisect_left(names, prefix)
            found += [name for name in names[start : start + limit] if name.startswith(prefix)]
        return [_domain(self._lines[name]) for name in sorted(found)[:limit]]


def _domain(line: AssignLine) -> AssignedDomain:
    return AssignedDomain(line.domain, line.real, line.uid, line.gid, line.directory)


def _after(names: Sequence[str], after: str) -> Sequence[str]:
    return names[bisect_right(names, after) :] if after else names


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

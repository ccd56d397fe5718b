"""The doctor: every examination in turn, each finding as soon as it is known, in bounded memory.

It only looks. What it finds is repaired by `doctor_services`.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from server import (
    doctor_accounts,
    doctor_aliases,
    doctor_mailboxes,
    doctor_panel,
    doctor_qmail,
    doctor_rows,
    doctor_sizes,
    doctor_tables,
)
from server.doctor_sizes import Sample
from server.findings import Examination, Finding
from vpopmail import helper
from vpopmail.assigned import domains


class Step(NamedTuple):
    """One part of an examination, and how many of `total` are done: for a progress bar and for going on
    later."""

    name: str
    done: int
    total: int
    is_domain: bool = False


class Part(NamedTuple):
    """An examination of the whole server; `kinds` are those findings of it that can be repaired."""

    name: str
    look: Examination
    kinds: frozenset[str] = frozenset()


Progress = Callable[[Step], None]

# Those of each domain come after these.
WHOLE: Sequence[Part] = (
    Part("qmail", doctor_qmail.examine, frozenset(doctor_qmail.KINDS)),
    Part("accounts", doctor_accounts.examine, frozenset({"accounts-extra", "table-extra", "table-lacks"})),
    Part(
        "aliasdomains",
        doctor_rows.alias_domains,
        frozenset({"aliasdomain-extra", "aliasdomain-differs", "aliasdomain-lacks"}),
    ),
    Part("limits", doctor_rows.limits, frozenset({"limits-extra"})),
    Part("valias", doctor_rows.valias, frozenset({"valias-extra", "valias-alias-domain"})),
    Part("lastauth", doctor_rows.last_auth, frozenset({"lastauth-extra"})),
    Part("dir_control", doctor_rows.counters, frozenset({"counter-extra"})),
    Part("tables", doctor_tables.examine, frozenset({"clear-passwords", "vlog-passwords"})),
    Part("journal", doctor_panel.entries),
    Part("helper", doctor_panel.helper_state),
)


def examine(
    progress: Progress = lambda step: None, after: str = "", sample: Sample | None = None
) -> Iterator[Finding]:
    """Everything that is found. `after` is the domain after which to go on; the whole server was examined
    before it. `sample` draws the mailboxes that are counted.

    Raises VpopmailError or DatabaseError when something could not be looked at.
    """
    sample = sample or sample_of(0)
    names = [name for name in domains().real_domains if name > after]
    parts = [] if after else WHOLE
    total = len(parts) + len(names)
    with helper.session():
        for number, part in enumerate(parts):
            progress(Step(part.name, number, total))
            yield from part.look()
        for number, name in enumerate(names, len(parts)):
            progress(Step(name, number, total, True))
            yield from _of_domain(name, sample)


def sample_of(seed: int) -> Sample:
    """The sample that a seed draws: the same one for the same domains."""
    return Sample(seed, domains().real_domains)


def _of_domain(name: str, sample: Sample) -> Iterator[Finding]:
    domain = domains().get(name)
    if domain is not None and not domain.is_alias:
        yield from doctor_mailboxes.of_domain(domain, sample)
        yield from doctor_aliases.of_domain(domain)


def find(key: str) -> Finding | None:
    """The finding of that name if it still stands; looks only where findings of its kind come from."""
    kind, _colon, subject = key.partition(":")
    part = next((part for part in WHOLE if kind in part.kinds), None)
    if part:
        found = part.look()
    elif kind in ("size-torn", "size-off"):
        found = doctor_sizes.of_mailbox(subject)
    else:
        found = _of_domain(subject.partition(" ")[0].rpartition("@")[2], Sample(0, []))
    return next((finding for finding in found if finding.key == key), None)

"""maildirsize against the mail: a sample of mailboxes, since counting all of them would walk all the mail.

The sample is drawn by a seed, the same for an examination that goes on and another one each time: over many
nights most mailboxes are looked at.
"""

import random
from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from server.findings import Finding
from vpopmail import helper
from vpopmail.assigned import AssignedDomain, domains
from vpopmail.engines.base import VpopmailError
from vpopmail.engines.native.users import hash_of
from vpopmail.models import accounts_of
from vpopmail.repairs import Mend, Repair

READ = 20  # mailboxes of each domain whose file is read
COUNTED = 500  # mailboxes of the whole server whose mail is counted, in at most so many domains:
IN_DOMAINS = 100
SECONDS = 60.0  # that the counting of all of them may take
ONE = 5.0  # seconds for one mailbox that is to be repaired
WITHOUT = ("", "NOQUOTA")

Box = dict[str, str]


class Sample:
    """Draws mailboxes with a quota from the rows that go by. `counted` is how many were counted so far."""

    def __init__(self, seed: int, names: Sequence[str]) -> None:
        self.seed, self.counted = seed, 0
        self.chosen = frozenset(random.Random(seed).sample(names, min(IN_DOMAINS, len(names))))  # noqa: S311

    def of(self, domain: AssignedDomain) -> "Draw":
        return Draw(self, domain)

    @property
    def each(self) -> int:
        """How many are counted of a chosen domain."""
        return max(1, COUNTED // max(1, len(self.chosen)))

    @property
    def seconds(self) -> float:
        """How long that may take."""
        return SECONDS / max(2, len(self.chosen))


class Draw:
    """The sample of one domain: every account with a quota has the same chance, however many go by."""

    def __init__(self, sample: Sample, domain: AssignedDomain) -> None:
        self.sample, self.domain = sample, domain
        self.counts = domain.name in sample.chosen
        self.most = max(READ, sample.each) if self.counts else READ
        self.random = random.Random(f"{sample.seed} {domain.name}")  # noqa: S311
        self.seen = 0
        self.boxes: list[Box] = []

    def offer(self, name: str, hash: str, quota: str) -> None:
        if quota in WITHOUT:
            return
        self.seen += 1
        if len(self.boxes) < self.most:
            self.boxes.append({"name": name, "hash": hash})
        elif (place := self.random.randrange(self.seen)) < self.most:
            self.boxes[place] = {"name": name, "hash": hash}

    def findings(self) -> Iterator[Finding]:
        """Read the files, and count those mailboxes whose turn it is."""
        counted = self.boxes[: self.sample.each] if self.counts else []
        read = self.boxes[len(counted) :]
        if counted:
            sizes = _sizes(self.domain, counted, self.sample.seconds)
            self.sample.counted += sum("counted" in size for size in sizes)
            yield from _judged(self.domain, counted, sizes)
        if read:
            yield from _judged(self.domain, read, _sizes(self.domain, read, None))


def _sizes(domain: AssignedDomain, boxes: list[Box], seconds: float | None) -> list[dict[str, Any]]:
    try:
        answer = helper.call("check_sizes", domain=domain.name, mailboxes=boxes, seconds=seconds)
    except VpopmailError:
        return []  # the comparison with users/assign tells what is wrong with the directory
    return list(answer["sizes"])


def _judged(domain: AssignedDomain, boxes: list[Box], sizes: list[dict[str, Any]]) -> Iterator[Finding]:
    for box, size in zip(boxes, sizes, strict=False):
        place = "/".join(part for part in (domain.directory, box["hash"], box["name"]) if part)
        if size["size"] == "torn":
            yield _torn(domain, box["name"], place)
        elif size["size"] == "off":
            yield _off(domain, box["name"], size)


def _torn(domain: AssignedDomain, name: str, place: str) -> Finding:
    address = f"{name}@{domain.name}"
    return Finding(
        "size-torn",
        address,
        _("The file maildirsize of %(address)s is damaged: its quota is not kept.") % {"address": address},
        f"{place}/Maildir/maildirsize",
        _("Count the mailbox and write the file anew, or remove it when there is no quota."),
        Repair(Mend.SIZE, domain.name, name),
        safe=True,
    )


def _off(domain: AssignedDomain, name: str, size: dict[str, Any]) -> Finding:
    address = f"{name}@{domain.name}"
    words = dict(zip(("told", "of", "counted", "messages"), (*size["told"], *size["counted"]), strict=True))
    return Finding(
        "size-off",
        address,
        _("The file maildirsize of %(address)s is far from what its mailbox holds (seen in a sample).")
        % {"address": address},
        _("%(told)d bytes in %(of)d messages; counted %(counted)d in %(messages)d") % words,
        _("Count the mailbox and write the file anew; one too large for that is counted when mail comes."),
        Repair(Mend.RECOUNT, domain.name, name),
        safe=True,
    )


def of_mailbox(address: str) -> Iterator[Finding]:
    """The same for one mailbox, whether or not a sample would hold it."""
    name, _at, of = address.rpartition("@")
    domain = domains().get(of)
    if domain is None or domain.is_alias:
        return
    for place, quota in accounts_of(domain.name).filter(name=name).values_list("dir", "shell"):
        hash = hash_of(domain, name, place)
        if hash is not None and quota not in WITHOUT:
            boxes = [{"name": name, "hash": hash}]
            yield from _judged(domain, boxes, _sizes(domain, boxes, ONE))

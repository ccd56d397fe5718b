"""How guessing is slowed down: attempts are counted before a password is looked at, in the panel's database,
which all workers share.

Each attempt comes by lanes, and a lane that had too many failures is closed for a while; what is tried
meanwhile is refused unseen and does not make it longer. Lanes: the network (/24, /64); the person, as seen by
strangers. Who comes from a network or a browser it signed in from before has a lane of its own instead of the
latter, so nobody elsewhere can lock a postmaster out. A success takes back what this person failed on its
lanes, and nothing else: an own mailbox does not help to guess others'.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import Guess

KNOWN_DAYS = 90  # a network is remembered this long after the last sign-in from it
FORGET_DAYS = 1  # counts older than this are removed


class TooMany(Exception):
    """A lane is closed. `seconds` until it opens."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.seconds = max(1, int((until - timezone.now()).total_seconds()) + 1)


@dataclass(frozen=True, slots=True)
class Lane:
    """A counter; `limit` None: counted, never closed. `person`: whose it is, "" a whole network's."""

    key: str
    limit: int | None
    person: str = ""


@dataclass(slots=True)
class Attempt:
    """One attempt that may be made. Afterwards: `forgive` when it was no guess, `take_back` when nobody could
    tell, nothing when it failed.
    """

    own: Lane  # what this person failed from here
    lanes: tuple[Lane, ...]
    network: Lane | None = None
    known: str = ""  # key under which the network is remembered as this person's

    def forgive(self) -> None:
        """The person proved to be the one: take back what it failed on its lanes, and know it again here."""
        with transaction.atomic():
            own = Guess.objects.filter(key=self.own.key).values_list("failures", flat=True).first() or 0
            if self.network is not None:
                _subtract(self.network, own)
            mine = [lane.key for lane in self.lanes if lane != self.network]
            Guess.objects.filter(key__in=mine).update(failures=0, blocked_until=None)
            if self.known:
                until = timezone.now() + timedelta(days=KNOWN_DAYS)
                Guess.objects.filter(key=self.known).update(known_until=until)
        _forget()

    def take_back(self) -> None:
        """Nothing was learned by it, since something was down."""
        with transaction.atomic():
            for lane in self.lanes:
                _subtract(lane, 1)


def _subtract(lane: Lane, count: int) -> None:
    """Fewer failures; a lane that is below its limit again is open."""
    row = Guess.objects.filter(key=lane.key)
    less = Case(When(failures__gt=count, then=F("failures") - count), default=Value(0))
    row.update(failures=less)
    if lane.limit is not None:
        row.filter(failures__lt=lane.limit).update(blocked_until=None)


def network_of(address: str) -> str:
    """The network an address counts for: /24, of IPv6 /64; an address that is none counts as itself."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    return str(ipaddress.ip_network((parsed, 24 if parsed.version == 4 else 64), strict=False))


def key_of(*parts: str) -> str:
    return salted_hmac("accounts.throttle", "\0".join(parts), algorithm="sha256").hexdigest()


def begin(who: str, address: str, device: str = "") -> Attempt:
    """Count an attempt of the person `who` (however it is named; unknown names count alike) from an IP
    address. `device`: the browser's own number, when this person signed in with it before.

    Raises TooMany when a lane is closed; then nothing was counted.
    """
    network, person = network_of(address), key_of("lanes of", who)
    pair = key_of("pair", who, network)
    whole = Lane(key_of("network", network), settings.SIGN_IN_NETWORK_TRIES)
    if device:
        own = Lane(key_of("device", who, device), settings.SIGN_IN_TRIES, person)
        attempt = Attempt(own, (own,))
    elif Guess.objects.filter(key=pair, known_until__gt=timezone.now()).exists():
        own = Lane(pair, settings.SIGN_IN_TRIES, person)
        attempt = Attempt(own, (own, whole), whole, pair)
    else:
        own = Lane(pair, None, person)
        everybody = Lane(key_of("person", who), settings.SIGN_IN_TRIES, person)
        attempt = Attempt(own, (everybody, own, whole), whole, pair)
    _make_missing(lane.key for lane in attempt.lanes)
    with transaction.atomic():
        for lane in sorted(attempt.lanes, key=lambda lane: lane.key):  # one order: no deadlock
            _count(lane)
    return attempt


def _make_missing(keys: Iterable[str]) -> None:
    wanted = set(keys)
    for key in wanted - set(Guess.objects.filter(key__in=wanted).values_list("key", flat=True)):
        try:
            with transaction.atomic():
                Guess.objects.create(key=key, since=timezone.now())
        except IntegrityError:  # another request was first
            continue


def _count(lane: Lane) -> None:
    """One more in a single UPDATE, which holds the row until the transaction ends: callers at once get
    different numbers. MariaDB assigns from left to right, so a column is read before it is written.
    """
    now, wait = timezone.now(), timedelta(minutes=settings.SIGN_IN_WAIT_MINUTES)
    old = Q(since__lte=now - wait) | Q(blocked_until__lte=now)
    row = Guess.objects.filter(key=lane.key)
    row.update(
        person=lane.person,
        failures=Case(When(old, then=Value(1)), default=F("failures") + 1),
        since=Case(When(old, then=Value(now)), default=F("since")),
        blocked_until=Case(When(blocked_until__lte=now, then=Value(None)), default=F("blocked_until")),
    )
    guess = row.get()
    if lane.limit is None:
        return
    if guess.blocked_until is not None:
        raise TooMany(guess.blocked_until)
    if guess.failures >= lane.limit:
        row.update(blocked_until=now + wait)


def counted(who: str = "", network: str = "") -> QuerySet[Guess]:
    """What was counted against a person on all its lanes, or against a network as a whole."""
    mine = Q(person=key_of("lanes of", who)) if who else Q(key=key_of("network", network))
    return Guess.objects.filter(mine).exclude(failures=0, blocked_until=None)


def is_closed(rows: QuerySet[Guess]) -> bool:
    """Whether somebody has to wait because of these counts."""
    return rows.filter(blocked_until__gt=timezone.now()).exists()


def open_again(rows: QuerySet[Guess]) -> int:
    """Begin these counts anew, so that nobody waits; what is known of networks stays. Returns how many."""
    return rows.update(failures=0, blocked_until=None)


def _forget() -> None:
    now = timezone.now()
    Guess.objects.filter(since__lt=now - timedelta(days=FORGET_DAYS)).exclude(known_until__gt=now).delete()

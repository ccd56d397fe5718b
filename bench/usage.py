"""How long it takes to know how full mailboxes are: a page of them, a thousand, and the report about all."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from bench.data import BIG, name_of
from bench.pages import timed
from tests.store import GID, UID, Store

MAILBOXES = 1000
LINES = 40  # deltas in each maildirsize: one that was not written anew for a while


@dataclass(frozen=True)
class Took:
    title: str
    value: float
    unit: str


def make_mailboxes(store: Store) -> None:
    """The first thousand of the biggest domain get a maildirsize; the others have no directory at all."""
    top = store.directory(BIG)
    for number in range(MAILBOXES):
        mailbox = top / name_of(number)
        (mailbox / "Maildir" / "cur").mkdir(parents=True)
        path = mailbox / "Maildir" / "maildirsize"
        path.write_text("2147483648S\n" + "60000000 1\n" * (1 + number % LINES))
        if os.geteuid() == 0:
            for one in (path, path.parent, mailbox):
                os.chown(one, UID, GID)
    if os.geteuid() == 0:
        os.chown(top, UID, GID)


def figures(store: Store) -> Iterator[Took]:
    from accounts.overview.prepare import prepare
    from vpopmail import filters, usage

    accounts = filters.walk(BIG, "", MAILBOXES)

    def read(count: int) -> None:
        usage.reset()
        found = usage.of_accounts(accounts[:count])
        assert len(found) == count, len(found)

    for count in (50, MAILBOXES):
        yield Took(f"usage of {count} accounts by maildirsize", timed(partial(read, count)), "ms")
    start = time.perf_counter()
    report = prepare()
    seconds = time.perf_counter() - start
    yield Took(f"the report about {report.accounts} accounts", seconds, "s")
    yield Took("accounts looked at by it", report.accounts / seconds, "a second")

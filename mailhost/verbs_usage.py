"""How full mailboxes are: read from maildirsize, for a page of accounts in one call."""

import time
from collections.abc import Iterable
from contextlib import ExitStack
from typing import Any

from mailhost import arguments, files, sizefile
from mailhost.errors import HelperError
from mailhost.files import Owner
from mailhost.home import Call, Home
from mailhost.mailboxes import Mailbox, open_hash
from mailhost.registry import Result, verb

MOST_DOMAINS = 100
MOST_SECONDS = 60
_UNKNOWN = {"state": "unknown"}


@verb(
    "read",
    places=arguments.list_of(
        arguments.record(domain=arguments.domain, mailboxes=arguments.mailboxes), MOST_DOMAINS
    ),
    seconds=(arguments.nullable(arguments.seconds(MOST_SECONDS)), None),
)
def read_usage(call: Call, places: list[dict[str, Any]], seconds: float | None) -> Result:
    """Of each mailbox of these domains what `sizefile.read` says, "unknown" for what could not be looked at.

    No mail is walked, unless there are `seconds`: then mailboxes without a sound maildirsize are counted as
    long as those last.
    """
    until = None if seconds is None else time.monotonic() + seconds
    answers: dict[int, list[Result]] = {}
    with ExitStack() as stack:
        homes: dict[Owner, list[tuple[int, Home]]] = {}
        for number, place in enumerate(places):
            try:
                home = stack.enter_context(call.home(place["domain"]))
            except (HelperError, OSError):
                continue
            homes.setdefault(home.owner, []).append((number, home))
        for owner, some in homes.items():
            answers |= _as_owner(call, owner, some, places, until)
    return {
        "usage": [
            answers.get(number) or [dict(_UNKNOWN)] * len(place["mailboxes"])
            for number, place in enumerate(places)
        ]
    }


def _as_owner(
    call: Call,
    owner: Owner,
    homes: Iterable[tuple[int, Home]],
    places: list[dict[str, Any]],
    until: float | None,
) -> dict[int, list[Result]]:
    """All domains of one owner are looked at in one piece of work."""

    def work() -> Result:
        found = [
            (number, [_of(home, box, until) for box in places[number]["mailboxes"]]) for number, home in homes
        ]
        return {"found": found}

    return dict(call.run(owner, work)["found"])


def _of(home: Home, box: Mailbox, until: float | None) -> Result:
    try:
        with open_hash(home.fd, box["hash"]) as parent, files.directory(box["name"], parent) as mailbox:
            return sizefile.read(mailbox, home.owners, until)
    except OSError:
        return dict(_UNKNOWN)

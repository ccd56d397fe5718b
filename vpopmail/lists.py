"""Mailing lists of ezmlm, as the files on the mail host tell of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mailhost.names import BadName, check_local_part
from vpopmail import helper
from vpopmail.engines.base import NotFound
from vpopmail.forwarding_parts import printable

SUBSCRIBERS, DIGEST, MODERATORS, ALLOWED, DENIED = "", "digest", "mod", "allow", "deny"
PARTS = (SUBSCRIBERS, DIGEST, MODERATORS, ALLOWED, DENIED)
MOST_ADDRESSES = 100  # of one change


@dataclass(frozen=True, slots=True)
class MailingList:
    """One list. `numbers` by part are None where a database has the addresses; `complete` is False when a
    file of addresses could not be read whole; `switches` are the names of the list's own files that are
    on."""

    name: str
    domain: str
    directory: str
    owner: str
    switches: frozenset[str]
    database: bool
    numbers: dict[str, int | None]
    complete: bool

    @property
    def address(self) -> str:
        return f"{self.name}@{self.domain}"

    @property
    def subscribers(self) -> int | None:
        return self.numbers[SUBSCRIBERS]


@dataclass(frozen=True, slots=True)
class ListPage:
    """Lists by name; `programs` is "idx", "plain" or "" for none: then nothing can be changed."""

    rows: Sequence[MailingList]
    next_after: str
    programs: str


@dataclass(frozen=True, slots=True)
class Members:
    """A page of the addresses of one part of a list; `on` are those that were asked for and are there."""

    found: MailingList
    addresses: Sequence[str]
    next_after: str
    programs: str
    on: frozenset[str]


def _of(domain: str, facts: dict[str, Any]) -> MailingList:
    return MailingList(
        facts["name"],
        domain,
        facts["directory"],
        printable(facts["owner"]),
        frozenset(facts["switches"]),
        facts["database"],
        facts["numbers"],
        facts["complete"],
    )


def lists_of(domain: str, after: str = "", limit: int = 50) -> ListPage:
    """The lists of a real domain, by name."""
    answer = helper.call("list_mailing_lists", domain=domain, after=after, limit=limit)
    rows = [_of(domain, facts) for facts in answer["lists"]]
    return ListPage(rows, rows[-1].name if answer["more"] else "", answer["programs"])


def count(domain: str, most: int) -> int:
    """How many lists a domain has; counting stops at `most`."""
    number, after = 0, ""
    while number < most:
        page = lists_of(domain, after, 100)
        number, after = number + len(page.rows), page.next_after
        if not after:
            break
    return number


def members_of(
    domain: str,
    name: str,
    part: str = SUBSCRIBERS,
    *,
    after: str = "",
    limit: int = 50,
    these: Sequence[str] = (),
) -> Members:
    """One list with a page of addresses. Raises NotFound when there is no such list."""
    try:
        check_local_part(name, shortest=1)
    except BadName as error:
        raise NotFound(str(error)) from error
    page: dict[str, Any] = {"after": after, "limit": limit, "these": list(these)}
    answer = helper.call("read_mailing_list", domain=domain, name=name, part=part, **page)
    addresses = answer["addresses"]
    return Members(
        _of(domain, answer["list"]),
        addresses,
        addresses[-1] if answer["more"] else "",
        answer["programs"],
        frozenset(answer["on"]),
    )


def exists(domain: str, name: str) -> bool:
    """Is there a mailing list of that name?"""
    try:
        members_of(domain, name, limit=1)
    except NotFound:
        return False
    return True

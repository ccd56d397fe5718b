"""The forwarding of many accounts at once, for lists."""

from collections import defaultdict
from collections.abc import Iterable

from vpopmail import helper
from vpopmail.engines.base import NotFound, Unavailable
from vpopmail.forwarding import Forwarding, of_file, place_of, usual_lines
from vpopmail.mailboxes import box_of
from vpopmail.models import Account

_MOST = 500  # mailboxes of one question to the helper


def attach(accounts: Iterable[Account]) -> None:
    """Set `.forwarding` of each account, None where nothing tells it."""
    rows = list(accounts)
    found = read_many(rows)
    for account in rows:
        account.forwarding = found.get(account.address)


def read_many(accounts: Iterable[Account]) -> dict[str, Forwarding]:
    """By address; without those whose mailbox lies elsewhere, and without all where the mail host does not
    answer: a list is shown all the same."""
    boxes: defaultdict[str, list[tuple[Account, dict[str, str]]]] = defaultdict(list)
    for account in accounts:
        if box := box_of(account):
            boxes[account.domain].append((account, box))
    found: dict[str, Forwarding] = {}
    try:
        usual = usual_lines() if boxes else ()
        for domain, rows in boxes.items():
            for start in range(0, len(rows), _MOST):
                found |= _read(domain, rows[start : start + _MOST], usual)
    except (NotFound, Unavailable):
        pass
    return found


def _read(
    domain: str, rows: list[tuple[Account, dict[str, str]]], usual: tuple[str, ...]
) -> dict[str, Forwarding]:
    answer = helper.call("read_mailboxes_dotqmail", domain=domain, mailboxes=[box for _row, box in rows])
    files = zip(rows, answer["files"], strict=True)
    return {account.address: of_file(file, place_of(account.dir, usual)) for (account, _box), file in files}

"""What an alias is, by its lines: a forward, an autoresponder, a mailing list, a program, or nothing at all.

The programs are told by their names, as vpopmail's dotqmail2valias and qmailadmin tell them: whoever moved
them elsewhere has plain program lines.
"""

import re
from collections.abc import Iterable

from mailhost.dotqmail import Kind, parse_line

# Besides the kinds of mailhost.dotqmail.
LIST, AUTORESPONDER, DELIVERY, UNREADABLE = "list", "autoresponder", "delivery", "unreadable"
BLACKHOLE = "blackhole"
_PROGRAM = re.compile(r"\|\s*(?:\S*/)?(ezmlm-[a-z]+|(?:qmail-)?autorespond(?:er)?|vdelivermail)(?=\s|\Z)")
_ROLES = {
    "autorespond": AUTORESPONDER,
    "autoresponder": AUTORESPONDER,
    "qmail-autoresponder": AUTORESPONDER,
    "vdelivermail": DELIVERY,
}
# What says most about the whole alias comes first.
_ORDER = (UNREADABLE, LIST, AUTORESPONDER, "program", DELIVERY, "forward", "maildir", "mbox", "empty")


def role_of(text: str) -> str:
    """What a line does: mailhost.dotqmail's kind, or of a program the better known name."""
    kind: Kind = parse_line(text).kind
    found = _PROGRAM.match(text) if kind == "program" else None
    if found is None:
        return kind
    return _ROLES.get(found[1], LIST if found[1].startswith("ezmlm-") else kind)


def kind_of(lines: Iterable[str]) -> str:
    """What an alias with these lines is; one of comments alone throws mail away."""
    roles = {role_of(line) for line in lines}
    return next((role for role in _ORDER if role in roles), BLACKHOLE if roles else "empty")


def is_list(lines: Iterable[str]) -> bool:
    """Does a mailing list use the alias? One of its several files: NAME, NAME-default, NAME-owner, …"""
    return any(role_of(line) == LIST for line in lines)

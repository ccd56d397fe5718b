"""Quotas: vpopmail's text in pw_shell (`10485760S`, `10485760S,500C`, `NOQUOTA`) and the words people use for
it.

vpopmail itself knows only K and M and turns `2G` into two bytes and rubbish into an empty text; here `2G` is
two gigabytes (of 1024³ bytes), and rubbish is refused.
"""

import re

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

NONE = "NOQUOTA"
LONGEST = 20  # characters of pw_shell
MOST = 2**63 - 1

_UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(?:I?B)?S?", re.IGNORECASE | re.ASCII)
_BYTES = re.compile(r"(\d+)\s*(?:bytes?)", re.IGNORECASE | re.ASCII)
_COUNT = re.compile(r"(\d+)\s*(?:C|messages?)", re.IGNORECASE | re.ASCII)
_NO_LIMIT = {"NOQUOTA", "UNLIMITED", "NO LIMIT", "NONE"}
_STORED = re.compile(r"\s*(\d+)\s*([KMkm]?)[Bb]?([SCsc]?)", re.ASCII)


class BadQuota(ValueError):
    """The text is no quota; the message is a sentence for people."""


def _size(text: str) -> int | None:
    if found := _BYTES.fullmatch(text):
        return int(found[1])
    if not (found := _SIZE.fullmatch(text)):
        return None
    number, unit = found[1], _UNITS[found[2].upper()]
    whole, _dot, fraction = number.partition(".")
    if fraction and unit == 1:
        return None  # there is no part of a byte
    return int(whole) * unit + (int(fraction) * unit // 10 ** len(fraction) if fraction else 0)


def parse_quota(text: str) -> str:
    """vpopmail's text for "2 GB", "500MB", "10000S,500C", "1000 messages" or "NOQUOTA". Raises BadQuota."""
    text = text.strip()
    if text.upper() in _NO_LIMIT:
        return NONE
    size = count = None
    for part in text.split(","):
        part = part.strip()
        if found := _COUNT.fullmatch(part):
            if count is not None:
                raise BadQuota(_("A quota has one number of messages."))
            count = int(found[1])
        else:
            if size is not None:
                raise BadQuota(_("A quota has one size; write a fraction with a point, like “1.5 GB”."))
            size = _size(part)
            if size is None:
                raise BadQuota(
                    _(
                        "That is not a quota. Write “2 GB”, “2 GB, 1000 messages” or “NOQUOTA” for none."
                    )
                )
    return _written(size or 0, count or 0)


def _written(size: int, count: int) -> str:
    if not size and not count:
        raise BadQuota(_("A quota of nothing would mean no limit; write “NOQUOTA” for that."))
    written = text_of(size, count)
    if len(written) > LONGEST or max(size, count) > MOST:
        raise BadQuota(_("That quota is larger than vpopmail can store."))
    return written


def _parts(shell: str) -> tuple[int, int]:
    """Bytes and messages of a stored text as vpopmail reads it; 0 for no limit."""
    size = count = 0
    if shell.strip().upper() == NONE:
        return 0, 0
    for part in shell.split(","):
        if not (found := _STORED.match(part)):
            continue
        if found[3].upper() == "C":
            count = int(found[1])
        else:
            size = int(found[1]) * _UNITS[found[2].upper()]
    return size, count


def bytes_of(shell: str) -> int:
    """The size a stored quota allows; 0 is no limit."""
    return _parts(shell)[0]


def messages_of(shell: str) -> int:
    """How many messages a stored quota allows; 0 is no limit."""
    return _parts(shell)[1]


def is_limited(shell: str) -> bool:
    return any(_parts(shell))


def text_of(size: int, count: int) -> str:
    """vpopmail's text for bytes and messages, however long; 0 is no limit."""
    parts = [f"{size}S"] if size else []
    parts += [f"{count}C"] if count else []
    return ",".join(parts) or NONE


def exact(shell: str) -> str:
    """The stored quota as a person would type it, without loss: `parse_quota` gives the same quota back."""
    size, count = _parts(shell)
    words = []
    if size:
        unit = next(unit for unit in "TGMK " if size % _UNITS[unit.strip()] == 0)
        words.append(f"{size // _UNITS[unit.strip()]} {unit.strip()}B" if unit != " " else f"{size} bytes")
    if count:
        words.append(f"{count} messages")
    return ", ".join(words) or NONE


def describe(shell: str) -> str:
    """The stored quota in words, rounded to one place: "1.5 GB", "1.5 GB, 500 messages", "No limit"."""
    size, count = _parts(shell)
    words = [human(size)] if size else []
    if count:
        words.append(ngettext("%(count)d message", "%(count)d messages", count) % {"count": count})
    return ", ".join(words) or _("No limit")


def human(size: int) -> str:
    """Bytes with the unit people read: "1.4 GB"; units are powers of 1024."""
    unit = next((unit for unit in "TGMK" if size >= _UNITS[unit]), "")
    if not unit:
        return ngettext("%(size)d byte", "%(size)d bytes", size) % {"size": size}
    return f"{size / _UNITS[unit]:.1f}".removesuffix(".0") + f" {unit}B"

"""Limits as vmoddomlimits reads and prints them: the values of its options, and the lines of `-S`."""

import re
from collections.abc import Iterator, Mapping

from django.utils.translation import gettext as _

from domains.limits_services import DENIAL_LETTERS, DENIALS, NUMBERS, SWITCHES
from vpopmail import quota
from vpopmail.engines.base import Refused

_NUMBER = re.compile(r"-1|\d{1,19}", re.ASCII)
_MEGABYTES = re.compile(r"(\d{1,13})\s*(MB?|GB?|TB?)?", re.ASCII | re.IGNORECASE)
_SHOWN_SWITCHES = {
    "disable_imap": "NO_IMAP",
    "disable_smtp": "NO_SMTP",
    "disable_pop": "NO_POP",
    "disable_webmail": "NO_WEBMAIL",
    "disable_passwordchanging": "NO_PASSWD_CHNG",
    "disable_relay": "NO_RELAY",
    "disable_dialup": "NO_DIALUP",
    "disable_spamassassin": "NO_SPAMASSASSIN",
    "delete_spam": "DEL_SPAM",
    "disable_maildrop": "NO_MAILDROP",
}
_SHOWN_DENIALS = {
    "-p": "pop account:",
    "-a": "alias:",
    "-f": "forward:",
    "-r": "autoresponder:",
    "-l": "mailinglist:",
    "-u": "mailinglist users:",
    "-o": "mailinglist moderators:",
    "-x": "quota:",
    "-z": "default quota:",
}


def changes(options: Mapping[str, str], values: Mapping[str, int]) -> dict[str, int]:
    """What options (by letter) ask for, by column. `values` are those now: three options share one column.
    Raises Refused."""
    new: dict[str, int] = {}
    for column, option in NUMBERS.items():
        if option in options:
            new[column] = _number(option, options[option])
    if "-g" in options:
        _check_letters("-g", options["-g"], "".join(SWITCHES.values()))
        new |= {column: int(letter in options["-g"]) for column, letter in SWITCHES.items()}
    for option, (column, place) in DENIALS.items():
        if option in options:
            old = new.get(column, values[column])
            new[column] = old & ~(7 << place) | _denial(option, options[option]) << place
    return new


def _number(option: str, text: str) -> int:
    if option == "-q":
        return _bytes(text)
    if option == "-Q":
        return _megabytes(text)
    if not _NUMBER.fullmatch(text):
        raise Refused(_("%(option)s wants a whole number, not %(text)r.") % {"option": option, "text": text})
    return int(text)


def _bytes(text: str) -> int:
    if text in ("0", quota.NONE):
        return 0
    try:
        stored = quota.parse_quota(text)
    except quota.BadQuota as error:
        raise Refused(f"-q: {error}") from error
    if quota.messages_of(stored):
        raise Refused(_("-q sets the size only; -m sets the number of messages."))
    return quota.bytes_of(stored)


def _megabytes(text: str) -> int:
    found = _MEGABYTES.fullmatch(text)
    if not found:
        raise Refused(_("-Q wants whole megabytes, such as 500 or 2G, not %(text)r.") % {"text": text})
    unit = (found[2] or "M")[0].upper()
    return int(found[1]) * {"M": 1, "G": 1024, "T": 1024 * 1024}[unit]


def _check_letters(option: str, text: str, allowed: str) -> None:
    wrong = sorted(set(text) - set(allowed))
    if wrong:
        raise Refused(
            _("%(option)s has no letter %(wrong)s, only these: %(allowed)s.")
            % {"option": option, "wrong": ", ".join(wrong), "allowed": ", ".join(allowed)}
        )


def _denial(option: str, text: str) -> int:
    _check_letters(option, text, "acmd")
    if "a" in text:
        return sum(DENIAL_LETTERS.values())
    return sum(DENIAL_LETTERS[letter] for letter in set(text))


def lines(values: Mapping[str, int]) -> Iterator[str]:
    """What vmoddomlimits -S prints below the title."""
    yield f"Max Pop Accounts: {values['maxpopaccounts']}"
    yield f"Max Aliases: {values['maxaliases']}"
    yield f"Max Forwards: {values['maxforwards']}"
    yield f"Max Autoresponders: {values['maxautoresponders']}"
    yield f"Max Mailinglists: {values['maxmailinglists']}"
    yield "GID Flags:"
    on = [column for column in _SHOWN_SWITCHES if values[column]]
    yield from (f"  {_SHOWN_SWITCHES[column]}" for column in on)
    yield "Flags (for commandline): " + "".join(SWITCHES[column] for column in on)
    yield "Flags for non postmaster accounts:"
    for option, title in _SHOWN_DENIALS.items():
        column, place = DENIALS[option]
        bits = values[column] >> place
        words = [f"{'DENY' if bits & bit else 'ALLOW'}_{what}" for what, bit in _BITS.items()]
        yield f"  {title:<24}" + "".join(f"{word:<13}" for word in words)
    yield f"Domain Quota: {values['diskquota']} MB"
    yield f"Default User Quota: {values['defaultquota']} bytes"
    yield f"Max Domain Messages: {values['maxmsgcount']}"
    yield f"Default Max Messages per User: {values['defaultmaxmsgcount']}"


_BITS = {"CREATE": 1, "MODIFY": 2, "DELETE": 4}

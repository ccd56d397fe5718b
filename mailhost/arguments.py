"""Checks of the arguments of verbs: types, patterns, bounds. Every value is checked before a verb sees it."""

import re
from collections.abc import Callable
from typing import Any

from mailhost import maildir, names
from mailhost.errors import HelperError, refused

Check = Callable[[Any], Any]
REQUIRED = object()

MOST_MAILBOXES = 10_000
LONGEST_TEXT = 4 * 1024 * 1024  # bytes; the record of a deleted domain holds all its rows
_CONTROL_BYTES = re.compile(r"[\x00-\x1f\x7f]")
_CONTROL_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}\Z")
_SAFE_FOR_SHELL = re.compile(r"[a-z0-9._+=-]+\Z")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")


def text(longest: int = 512, *, controls: bool = False) -> Check:
    """A string without control characters (unless `controls`) that does not start with `-`."""

    def check(value: Any) -> str:
        if not isinstance(value, str) or len(value) > longest:
            raise refused(f"A text of at most {longest} characters is expected.")
        if not controls and (_CONTROL_BYTES.search(value) or value.startswith("-")):
            raise refused("Control characters and a hyphen in front are not allowed.")
        return value

    return check


def _named(check: Callable[[str], str]) -> Check:
    plain = text()

    def wrapped(value: Any) -> str:
        try:
            return check(plain(value))
        except names.BadName as error:
            raise refused(str(error), name=str(value)[:100]) from error

    return wrapped


new_domain = _named(names.check_domain)
domain = _named(names.check_known_domain)
local_part = _named(names.check_local_part)
alias_name = _named(lambda value: names.check_local_part(value, shortest=1))
hash_directory = _named(names.check_hash)
entry = _named(names.check_parked_entry)


def integer(low: int, high: int) -> Check:
    """A whole number within bounds; True is none."""

    def check(value: Any) -> int:
        if type(value) is not int or not low <= value <= high:
            raise refused(f"A whole number from {low} to {high} is expected.")
        return value

    return check


def seconds(high: float) -> Check:
    """A time limit above zero."""

    def check(value: Any) -> float:
        if type(value) not in (int, float) or not 0 < value <= high:
            raise refused(f"A number of seconds up to {high:g} is expected.")
        return float(value)

    return check


def boolean(value: Any) -> bool:
    """True or False, nothing that merely looks like it."""
    if not isinstance(value, bool):
        raise refused("True or false is expected.")
    return value


def quota(value: Any) -> str:
    """A quota as vpopmail stores it."""
    checked: str = text(40)(value)
    if not maildir.is_quota(checked):
        raise refused("A quota looks like 10485760S, 1000C, 10485760S,1000C or NOQUOTA.")
    return checked


def unknown(value: Any) -> str:
    """What happens to mail for unknown recipients: bounce, delete, or an address it goes to."""
    checked: str = text(200)(value)
    if checked in ("bounce", "delete"):
        return checked
    name, at, host = checked.partition("@")
    # qmail-local hands the line to a shell, so the address has nothing that a shell knows.
    if not at or not _SAFE_FOR_SHELL.match(name):
        raise refused("Mail for unknown recipients is bounced, deleted or sent to a plain address.")
    return f"{alias_name(name)}@{domain(host)}"


def dotqmail_line(value: Any) -> str:
    """A line of an alias's file. Lines that stand there already may be odd.

    New ones are checked by `dotqmail`.
    """
    if not isinstance(value, str) or len(value) > 4096 or "\n" in value or "\0" in value:
        raise refused("A line has at most 4096 characters and no end of line in it.")
    try:
        value.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise refused("A line has a character that no file can hold.") from None
    return value


def control_name(value: Any) -> str:
    """The name of a control file; whether it may be read, the configuration says."""
    checked: str = text(64)(value)
    if not _CONTROL_NAME.match(checked):
        raise refused("That is not the name of a control file.")
    return checked


def list_of(check: Check, most: int, least: int = 1) -> Check:
    """A list, each item checked."""

    def checked(value: Any) -> list[Any]:
        if not isinstance(value, list) or not least <= len(value) <= most:
            raise refused(f"A list of {least} to {most} items is expected.")
        return [check(item) for item in value]

    return checked


def record(**checks: Check) -> Check:
    """An object with exactly these keys."""

    def check(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict) or set(value) != set(checks):
            raise refused(f"An object with {', '.join(checks)} is expected.")
        return {name: one(value[name]) for name, one in checks.items()}

    return check


def nullable(check: Check) -> Check:
    """The value or null."""

    def checked(value: Any) -> Any:
        return None if value is None else check(value)

    return checked


def _fingerprint(keys: tuple[str, ...]) -> Check:
    def check(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict) or not set(keys) <= set(value) <= {*keys, "sha256"}:
            raise refused("A fingerprint with inode, mtime_ns and size is expected.")
        for key in keys:
            integer(0, 2**64)(value[key])
        if "sha256" in value and not (isinstance(value["sha256"], str) and _SHA256.match(value["sha256"])):
            raise refused("The SHA-256 of a fingerprint has 64 hexadecimal digits.")
        return value

    return check


fingerprint = nullable(_fingerprint(("inode", "mtime_ns", "size")))
mailbox = record(name=local_part, hash=hash_directory)
new_mailbox = record(name=local_part, hash=hash_directory, quota=quota)
first_mailbox = record(name=local_part, quota=quota)
mailboxes = list_of(mailbox, MOST_MAILBOXES)


def check_all(spec: dict[str, tuple[Check, Any]], given: Any) -> dict[str, Any]:
    """Check a verb's arguments by its specification; unknown and lacking ones are refused by name."""
    if not isinstance(given, dict):
        raise refused("The arguments must be an object.")
    extra = sorted(str(name) for name in set(given) - set(spec))
    if extra:
        raise refused(f"Unknown argument: {', '.join(extra)}.")
    checked: dict[str, Any] = {}
    for name, (check, default) in spec.items():
        if name not in given:
            if default is REQUIRED:
                raise refused(f"The argument {name} is lacking.")
            checked[name] = default
            continue
        try:
            checked[name] = check(given[name])
        except HelperError as error:
            raise refused(f"{name}: {error.message}", argument=name, **error.details) from error
    return checked

"""Verbs on small files of a domain: aliases as `.qmail-NAME`, limits as `.qmailadmin-limits`."""

import os
from collections.abc import Iterable
from typing import Any

from mailhost import answers, arguments, dotqmail, ezmlm, files, limitsfile
from mailhost.errors import HelperError, refused
from mailhost.home import Call, Home
from mailhost.registry import Args, Result, verb

LIMITS = ".qmailadmin-limits"


def replace_file(home: Home, name: str, data: bytes, expect: Any, limit: int) -> Result:
    """Write a file unless somebody changed it; the same content written again is no conflict."""
    found = files.read(name, home.fd, home.owners, limit)
    if found is not None and found[0] == data and _is_ours(found[1], home):
        return {"fingerprint": files.fingerprint(*found)}
    files.check_expected(expect, found, name)
    return {"fingerprint": files.write(name, home.fd, data, home.owner, 0o600)}


def _is_ours(status: os.stat_result, home: Home) -> bool:
    return status.st_uid == home.owner.uid and status.st_mode & 0o777 == 0o600


def remove_file(home: Home, name: str, expect: Any) -> Result:
    """Remove a file unless somebody changed it; one that is gone already is no conflict."""
    found = files.read(name, home.fd, home.owners)
    if found is not None:
        files.check_expected(expect, found, name)
        os.unlink(name, dir_fd=home.fd)
        os.fsync(home.fd)
    return {}


# Aliases


def _alias(args: Args) -> str:
    return f"alias {args['domain']} {args['name']}"


@verb(
    "accounts",
    change=True,
    subject=_alias,
    domain=arguments.domain,
    name=arguments.alias_name,
    lines=arguments.list_of(arguments.dotqmail_line, 1000, 0),
    expect=arguments.fingerprint,
)
def write_dotqmail(call: Call, domain: str, name: str, lines: list[str], expect: Any) -> Result:
    """Write an alias's file.

    New program lines and deliveries outside the domain only where the configuration allows.
    """
    _check_alias(name)
    with call.home(domain) as home:
        return call.run(home.owner, lambda: _write_alias(call, home, name, lines, expect))


def _check_alias(name: str) -> None:
    if name == "default":
        raise refused("Mail for unknown recipients is not an alias.")


def not_allowed(line: str) -> HelperError:
    """A new line in a file of deliveries that the configuration does not let the panel write."""
    return refused(f"The mail host does not allow this line to be added: {line[:80]}", line=line)


def _write_alias(call: Call, home: Home, name: str, lines: list[str], expect: Any) -> Result:
    file = dotqmail.file_name(name)
    found = files.read(file, home.fd, home.owners, dotqmail.LONGEST_FILE)
    known = set(dotqmail.parse(found[0])) if found else set()
    _check_keeps_list(home, known, lines)
    try:
        checked = dotqmail.check_lines(lines, known)
    except dotqmail.BadLine as error:
        raise refused(str(error)) from error
    for line in checked:
        foreign = line.kind in ("maildir", "mbox") and not dotqmail.is_own(line, home.directory)
        if not (line.kind == "program" or foreign) or line.text in known or call.config.allow_programs:
            continue
        if not answers.is_robot(line.text, home.directory, name, call.config.autoresponders):
            raise not_allowed(line.text)
    return replace_file(home, file, dotqmail.write(lines), expect, dotqmail.LONGEST_FILE)


@verb(
    "accounts",
    change=True,
    subject=_alias,
    domain=arguments.domain,
    name=arguments.alias_name,
    expect=arguments.fingerprint,
)
def remove_dotqmail(call: Call, domain: str, name: str, expect: Any) -> Result:
    """Remove an alias's file."""
    _check_alias(name)
    with call.home(domain) as home:
        return call.run(home.owner, lambda: _remove_alias(home, dotqmail.file_name(name), expect))


def _remove_alias(home: Home, file: str, expect: Any) -> Result:
    found = files.read(file, home.fd, home.owners)
    _check_keeps_list(home, dotqmail.parse(found[0]) if found else [], [])
    return remove_file(home, file, expect)


def _check_keeps_list(home: Home, before: Iterable[str], after: list[str]) -> None:
    """A mailing list is several files that name its directory: none of them goes by itself."""
    if ezmlm.lines_of_lists(home, before) - set(after):
        raise refused("This belongs to a mailing list, which is not changed line by line.")


# Limits


def _limits(args: Args) -> str:
    return f"limits {args['domain']}"


@verb(
    "domains",
    change=True,
    subject=_limits,
    domain=arguments.domain,
    text=arguments.text(limitsfile.LONGEST_FILE, controls=True),
    expect=arguments.fingerprint,
)
def write_limits(call: Call, domain: str, text: str, expect: Any) -> Result:
    """Write a domain's limits file: 0600 and the domain's at once."""
    try:
        data = limitsfile.check(text).encode("ascii")
    except ValueError as error:
        raise refused(str(error)) from error
    with call.home(domain) as home:
        return call.run(home.owner, lambda: replace_file(home, LIMITS, data, expect, files.LARGEST))


@verb("domains", change=True, subject=_limits, domain=arguments.domain, expect=arguments.fingerprint)
def remove_limits(call: Call, domain: str, expect: Any) -> Result:
    """Remove a domain's limits file, so that the defaults hold."""
    with call.home(domain) as home:
        return call.run(home.owner, lambda: remove_file(home, LIMITS, expect))

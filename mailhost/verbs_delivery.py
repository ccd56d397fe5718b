"""Verbs on what a domain does with mail for unknown addresses, and on what checks recipients before."""

import os
import re
from pathlib import Path
from typing import Any

from mailhost import arguments, delivery, dotqmail, files
from mailhost.errors import HelperError, refused
from mailhost.home import Call, Home, qmail_file
from mailhost.registry import Args, Result, verb
from mailhost.verbs_files import not_allowed, replace_file

MOST_LINES = 1000
LARGEST_PROGRAM = 16 * 1024 * 1024  # bytes of qmail-smtpd that are looked through
LARGEST_SCRIPT = 256 * 1024
MOST_SERVICES = 50
# Lists of valid recipients: sagredo's patch, and John Simpson's before it.
VALID_RECIPIENTS = ("validrcptto", "morevalidrcptto.cdb", "validrcptto.cdb")
_START = re.compile(rb"^[^#\n]*\bCHKUSER_START=[\"']?([A-Za-z]*)", re.MULTILINE)
_RECIPIENTS = re.compile(rb"^[^#\n]*vrcptcheck", re.MULTILINE)


def _subject(args: Args) -> str:
    return f"delivery {args['domain']}"


@verb(
    "domains",
    change=True,
    subject=_subject,
    domain=arguments.domain,
    lines=arguments.list_of(arguments.dotqmail_line, MOST_LINES),
    expect=arguments.fingerprint,
)
def write_default_delivery(call: Call, domain: str, lines: list[str], expect: Any) -> Result:
    """Write a domain's `.qmail-default`.

    Lines that stand there may stay; new ones are vpopmail's own, with a plain argument, unless the
    configuration allows programs.
    """
    with call.home(domain) as home:
        return call.run(home.owner, lambda: _write(call, home, lines, expect))


def _write(call: Call, home: Home, lines: list[str], expect: Any) -> Result:
    name = dotqmail.file_name(delivery.NAME)
    found = files.read(name, home.fd, home.owners, dotqmail.LONGEST_FILE)
    known = set(dotqmail.parse(found[0])) if found else set()
    try:
        others = delivery.check_lines(lines, known, str(call.config.vpopmail_home), home.directory)
    except dotqmail.BadLine as error:
        raise refused(str(error)) from error
    if others and not call.config.allow_programs:
        raise not_allowed(others[0])
    return replace_file(home, name, dotqmail.write(lines), expect, dotqmail.LONGEST_FILE)


@verb("read")
def read_recipient_check(call: Call) -> Result:
    """What refuses mail for unknown addresses while it is being handed over, as far as qmail's files tell.

    `chkuser` is whether qmail-smtpd has it, `chkuser_start` how the services' scripts switch it on (None: no
    script could be read); `validrcptto` and `vrcptcheck` are whether control files ask for them.
    """
    control = qmail_file(call.config, "control")
    program = _content(qmail_file(call.config, "bin", "qmail-smtpd"), LARGEST_PROGRAM)
    starts = [_START.findall(script) for script in _scripts(call)]
    found = [start.decode().upper() for script in starts for start in script]
    return {
        "smtpd": program is not None,
        "chkuser": program is not None and b"CHKUSER_START" in program,
        "chkuser_start": (found[0] if found else "") if starts else None,
        "validrcptto": any(os.path.exists(control / name) for name in VALID_RECIPIENTS),
        "vrcptcheck": bool(_RECIPIENTS.search(_content(control / "recipients", LARGEST_SCRIPT) or b"")),
    }


def _scripts(call: Call) -> list[bytes]:
    """The run scripts of the services below qmail's home, and vpopmail's rules for tcpserver, as far as they
    may be read."""
    places = [
        path / "run" for path in sorted(qmail_file(call.config, "supervise").glob("*smtp*"))[:MOST_SERVICES]
    ]
    places += [call.config.vpopmail_home / "etc" / "tcp.smtp", qmail_file(call.config, "control", "tcp.smtp")]
    return [text for place in places if (text := _content(place, LARGEST_SCRIPT)) is not None]


def _content(path: Path, most: int) -> bytes | None:
    """A file of qmail's; None where there is none, or no plain one that may be read."""
    try:
        found = files.read(str(path), None, limit=most)
    except (OSError, HelperError):
        return None
    return found[0] if found else None

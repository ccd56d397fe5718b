"""What people give to commands: addresses and domains as arguments, passwords on standard input."""

import getpass
import sys

import idna
from django.utils.translation import gettext as _

from vpopmail.engines.base import Refused


def domain_name(text: str) -> str:
    """Lower case, IDN as xn--; nothing is stripped, and whether the domain exists is not asked. Raises
    Refused."""
    if text.isascii():
        return text.lower()
    try:
        return idna.encode(text, uts46=True, transitional=False).decode("ascii")
    except (idna.IDNAError, UnicodeError) as error:
        raise Refused(_("%(text)r is not the name of a domain.") % {"text": text}, field="domain") from error


def address_parts(text: str) -> tuple[str, str]:
    """Name and domain of an address, lower case. Raises Refused for what is no whole address."""
    name, at, domain = text.rpartition("@")
    if not at or not name or not domain:
        raise Refused(
            _("%(text)r is not a whole address, such as alice@example.com.") % {"text": text}, field="address"
        )
    if not name.isascii() or not name.isprintable():
        raise Refused(_("%(text)r has characters that no name can have here.") % {"text": name}, field="name")
    return name.lower(), domain_name(domain)


def _first_lines(count: int) -> list[str]:
    """The first lines of standard input without their ends, as many as there are."""
    lines = []
    try:
        for _number in range(count):
            line = sys.stdin.readline()
            if not line:
                break
            lines.append(line.removesuffix("\n"))
    except UnicodeDecodeError as error:
        raise Refused(_("Standard input is not text in UTF-8."), field="password") from error
    return lines


def read_line(what: str) -> str:
    """The first line of standard input, or asked for on a terminal without being shown. Raises Refused when
    empty."""
    line = getpass.getpass(f"{what}: ") if sys.stdin.isatty() else "".join(_first_lines(1))
    if not line:
        raise Refused(
            _("%(what)s: expected as the first line of standard input.") % {"what": what}, field="password"
        )
    return line


def read_password() -> str:
    """A new password: the first line of standard input, or asked for twice on a terminal.

    A second line, when there is one, must be the same, since vpopmail's programs ask twice. Raises Refused.
    """
    if sys.stdin.isatty():
        lines = [getpass.getpass(_("Password: ")), getpass.getpass(_("Password again: "))]
    else:
        lines = _first_lines(2)
    if not lines or not lines[0]:
        raise Refused(_("A password is expected as the first line of standard input."), field="password")
    if len(lines) > 1 and lines[1] != lines[0]:
        raise Refused(_("The two passwords differ."), field="password")
    return lines[0]

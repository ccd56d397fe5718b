"""What adding a domain will make: the directory and the lines of qmail's files, for the page that adds one.

It is what would be made now; somebody else may be faster, and then the numbers of the directory differ.
"""

from dataclasses import dataclass
from pathlib import PurePosixPath

from django.conf import settings

from mailhost.qmail import AssignLine
from vpopmail import helper
from vpopmail.engines.native.placement import COLUMNS, from_row
from vpopmail.models import DirControl
from vpopmail.schema import schema

RCPTHOSTS_LIMIT = 50  # lines; then vpopmail goes on in morercpthosts
DELIVERIES = {"bounce": "bounce-no-mailbox", "delete": "delete"}


@dataclass(frozen=True, slots=True)
class Addition:
    """The directory, the lines of its `.qmail-default`, and of each control file by its path."""

    domain: str
    directory: str
    default: str
    lines: tuple[tuple[str, tuple[str, ...]], ...]


def addition(domain: str, unknown: str, aliases: list[str]) -> Addition:
    """`unknown` as domains.services.add_domain takes it."""
    home = PurePosixPath(settings.VPOPMAIL_HOME)
    directory = str(home / "domains" / _next_hash() / domain)
    delivery = DELIVERIES.get(unknown, unknown)
    names = (domain, *aliases)
    return Addition(
        domain,
        directory,
        f"| {home}/bin/vdelivermail '' {delivery}",
        (
            ("users/assign", tuple(_assign(name, domain, directory) for name in names)),
            ("control/virtualdomains", tuple(f"{name}:{name}" for name in names)),
            (f"control/{_hosts_file()}", names),
        ),
    )


def _assign(name: str, real: str, directory: str) -> str:
    return str(AssignLine(name, real, settings.VPOPMAIL_UID, settings.VPOPMAIL_GID, directory))


def _next_hash() -> str:
    """Where vpopmail's counter of domains leads next: "" for the first 99, then "0", …"""
    if not schema().has_table("dir_control"):
        return ""
    counters = DirControl.objects.filter(domain=f"dom_{settings.VPOPMAIL_UID}")
    return from_row(counters.values_list(*COLUMNS).first()).added().the_dir


def _hosts_file() -> str:
    text = helper.call("read_control", name="rcpthosts").get("text") or ""
    return "morercpthosts" if len(text.splitlines()) >= RCPTHOSTS_LIMIT else "rcpthosts"

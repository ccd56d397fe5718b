"""Where an account's mailbox lies and what of it lacks, and whom the directories and files of a domain belong
to."""

import shlex
from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from server.findings import Finding
from vpopmail import helper
from vpopmail.assigned import AssignedDomain
from vpopmail.repairs import Mend, Repair

SHOWN = 5  # places of one finding


def path(domain: AssignedDomain, box: dict[str, str]) -> str:
    """The mailbox's directory."""
    return "/".join(part for part in (domain.directory, box["hash"], box["name"]) if part)


def elsewhere(domain: AssignedDomain, name: str, place: str) -> Iterator[Finding]:
    """A row whose pw_dir is empty, or leads out of the domain's directory."""
    address = f"{name}@{domain.name}"
    if place:
        yield Finding(
            "directory-elsewhere",
            address,
            _("The mailbox of %(address)s does not lie in its domain’s directory.") % {"address": address},
            place,
            _("Nothing, if it is meant to be so. The panel never moves or removes such a directory."),
        )
        return
    yield Finding(
        "directory-unset",
        address,
        _("The row of %(address)s names no directory; if one exists, its mail bounces.")
        % {"address": address},
        "pw_dir = ''",
        _("Write its only mailbox below %(place)s into pw_dir, or %(default)s where there is none.")
        % {"place": domain.directory, "default": f"{domain.directory}/{name}"},
        Repair(Mend.PLACE, domain.name, name),
        safe=True,
    )


def in_mailbox(domain: AssignedDomain, box: dict[str, str], state: dict[str, Any]) -> Iterator[Finding]:
    """`state` is what the helper's look_mailboxes says."""
    address = f"{box['name']}@{domain.name}"
    yield from _odd("mailbox", domain, address, Repair(Mend.MODES, domain.name, box["name"]), state["odd"])
    if state["lacks"]:
        yield Finding(
            "no-maildir",
            address,
            _("The mailbox of %(address)s is not complete: mail cannot be delivered into it.")
            % {"address": address},
            f"{path(domain, box)}: {', '.join(state['lacks'])}",
            _("Make the directories that lack; nothing that is there is touched."),
            Repair(Mend.PARTS, domain.name, box["name"]),
            safe=True,
        )


def in_domain(domain: AssignedDomain, hashes: Sequence[str]) -> Iterator[Finding]:
    """Hash directories, and files of the domain itself."""
    found = helper.call("look_domain", domain=domain.name, hashes=[hash for hash in hashes if hash])
    yield from _odd("files", domain, domain.name, Repair(Mend.MODES, domain.name), found["odd"])


def _odd(
    kind: str, domain: AssignedDomain, subject: str, repair: Repair, odd: list[dict[str, Any]]
) -> Iterator[Finding]:
    foreign = [one for one in odd if one["fault"] == "owner"]
    strange = {one["path"] for one in foreign}
    open_ones = [one for one in odd if one["fault"] == "mode" and one["path"] not in strange]
    if foreign:
        owner = f"{domain.uid}:{domain.gid}"
        places = shlex.join(one["path"] for one in foreign)
        yield Finding(
            f"{kind}-owner",
            subject,
            _("What belongs to %(subject)s has another owner than its domain.") % {"subject": subject},
            _seen(foreign, "owner", f" ≠ {owner}"),
            _("By hand, once you know why it changed: %(command)s")
            % {"command": f"chown -h {owner} {places}"},
        )
    if open_ones:
        yield Finding(
            f"{kind}-mode",
            subject,
            _("Others may write into what belongs to %(subject)s, or its owner may not use it.")
            % {"subject": subject},
            _seen(open_ones, "mode", ""),
            _("chmod go-w, and all rights to the owner, for exactly these."),
            repair,
            safe=not any(int(one["mode"], 8) & 0o020 for one in open_ones),  # a group may be meant to write
        )


def _seen(odd: list[dict[str, Any]], what: str, against: str) -> str:
    shown = ", ".join(f"{one['path']}: {one[what]}{against}" for one in odd[:SHOWN])
    return shown if len(odd) <= SHOWN else f"{shown}, … ({len(odd)})"

"""What a deletion would take along: shown before it is done.

Bytes and messages are counted within a time limit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from vpopmail import delivery, helper
from vpopmail.aliases import AliasLine, aliases_of, get_alias
from vpopmail.assigned import AssignedDomain, domains
from vpopmail.engines.base import NotFound, Refused
from vpopmail.listing import Count, bounded_count
from vpopmail.models import Account, find_account

SECONDS = 1.0  # for counting mail
MOST = 1000  # accounts and aliases counted


@dataclass(frozen=True, slots=True)
class DeletionPlan:
    """What goes. `bytes` and `messages` are at least that much when `complete` is False.

    `kept_until` None: not kept; `trash` is where the mail is kept till then.

    `notes` are sentences about what stays or happens besides; `refused` is why it cannot be done now, or "".
    """

    domain: str
    target: str
    accounts: Count = Count(0)
    aliases: Count = Count(0)
    alias_domains: Sequence[str] = ()
    alias_lines: Sequence[AliasLine] = ()
    directory: str = ""
    bytes: int = 0
    messages: int = 0
    complete: bool = True
    kept_until: datetime | None = None
    trash: str = ""
    notes: Sequence[str] = field(default_factory=tuple)
    refused: str = ""


def plan_vdeldomain(domain: str) -> DeletionPlan:
    """The plan for a real domain with everything in it. Raises NotFound, and Refused for an alias domain."""
    found = _known(domain)
    if found.is_alias:
        raise Refused(_("%(domain)s is an alias domain.") % {"domain": domain}, field="domain")
    usage = helper.call("measure", domain=domain, seconds=SECONDS)
    alias_domains = domains().aliases_of(domain)
    notes = [_("Mail for %(domain)s that is still in the queue will bounce.") % {"domain": domain}]
    if not usage.get("exists", True):
        notes.append(_("Its directory is not there."))
    return DeletionPlan(
        domain=domain,
        target=domain,
        accounts=bounded_count(domain, MOST, exact=True),
        aliases=_count_aliases(domain),
        alias_domains=alias_domains,
        directory=found.directory,
        **_usage(usage),
        **_parking(domain),
        notes=tuple(notes),
    )


def plan_vdelalias_domain(alias: str) -> DeletionPlan:
    """The plan for an alias domain alone: no mail is deleted.

    Raises NotFound, and Refused for a real domain.
    """
    found = _known(alias)
    if not found.is_alias:
        raise Refused(_("%(domain)s is no alias domain.") % {"domain": alias}, field="domain")
    return DeletionPlan(
        domain=found.real,
        target=alias,
        alias_domains=[alias],
        notes=(
            _("Accounts and mail of %(real)s stay.") % {"real": found.real},
            _("Mail for %(domain)s that is still in the queue will bounce.") % {"domain": alias},
        ),
    )


def plan_vdeluser(domain: str, name: str) -> DeletionPlan:
    """The plan for one account.

    An alias of the same name is listed, since it is kept unless told otherwise.
    """
    found = _known(domain)
    account = find_account(found.real, name)
    if account is None:
        raise NotFound(_("There is no account %(address)s.") % {"address": f"{name}@{domain}"}, field="name")
    lines = get_alias(found.real, name)
    notes = [_("Mail goes on to the alias of the same name.")] if lines else []
    if delivery.catches(found.real, name):
        notes.append(
            _(
                "Mail for unknown addresses of the domain goes to this account; without it that "
                "mail bounces as "
                "looping. Change the delivery of the domain first."
            )
        )
    return DeletionPlan(
        domain=found.real,
        target=account.address,
        accounts=Count(1),
        aliases=Count(1 if lines else 0),
        alias_lines=lines,
        directory=account.dir,
        **_mailbox(found.real, account, notes),
        notes=tuple(notes),
    )


def plan_vdelusers(domain: str, accounts: Sequence[Account]) -> DeletionPlan:
    """The plan for several accounts of a real domain: what all of them hold together."""
    real = _known(domain)
    placed = {account.name: placement(account, real.directory) for account in accounts}
    boxes = [{"name": name, "hash": hashed} for name, hashed in placed.items() if hashed is not None]
    names = [account.name for account in accounts if get_alias(domain, account.name)]
    notes = []
    if elsewhere := [name for name, hashed in placed.items() if hashed is None]:
        text = _("These mailboxes are not in the domain’s directory and are left where they are: %(names)s.")
        notes.append(text % {"names": ", ".join(elsewhere)})
    usage = helper.call("measure", domain=domain, mailboxes=boxes, seconds=SECONDS) if boxes else {}
    return DeletionPlan(
        domain=domain,
        target=domain,
        accounts=Count(len(accounts)),
        aliases=Count(len(names)),
        **_usage(usage),
        **(_parking(domain, boxes) if boxes else {}),
        notes=tuple(notes),
    )


def _mailbox(domain: str, account: Account, notes: list[str]) -> dict[str, Any]:
    """What is known of the mailbox; a note is added when it will be left alone."""
    real = domains().real(domain)
    hashed = placement(account, real.directory if real else "")
    if hashed is None:
        notes.append(_("The mailbox is not in the domain’s directory; it is left where it is."))
        return {}
    mailbox = [{"name": account.name, "hash": hashed}]
    usage = helper.call("measure", domain=domain, mailboxes=mailbox, seconds=SECONDS)
    return {**_usage(usage), **_parking(domain, mailbox)}


def placement(account: Account, directory: str) -> str | None:
    """The hash directory of a mailbox below its domain's directory ("", "0", "0/z").

    None when it lies elsewhere.
    """
    path = account.dir.rstrip("/")
    if not directory or not path.startswith(f"{directory}/") or not path.endswith(f"/{account.name}"):
        return None
    between = path[len(directory) + 1 : -len(account.name)].rstrip("/")
    parts = between.split("/") if between else []
    return between if len(parts) <= 3 and all(len(part) == 1 and part.isalnum() for part in parts) else None


def _known(domain: str) -> AssignedDomain:
    found = domains().get(domain)
    if found is None:
        raise NotFound(_("There is no domain %(domain)s here.") % {"domain": domain}, field="domain")
    return found


def _usage(answer: dict[str, Any]) -> dict[str, Any]:
    return {
        "bytes": int(answer.get("bytes", 0)),
        "messages": int(answer.get("messages", 0)),
        "complete": bool(answer.get("complete", True)),
    }


def _parking(domain: str, mailboxes: list[dict[str, str]] | None = None) -> dict[str, Any]:
    """Where and until when the mail would be kept, or why it could not be moved aside."""
    try:
        answer = helper.call("plan_park", domain=domain, mailboxes=mailboxes)
    except (NotFound, Refused) as error:
        return {"refused": "" if isinstance(error, NotFound) else error.message}
    return {"kept_until": as_time(answer.get("kept_until")), "trash": answer.get("trash") or ""}


def as_time(value: Any) -> datetime | None:
    """The helper's time: Unix seconds, or None."""
    return datetime.fromtimestamp(value, UTC) if isinstance(value, int) else None


def _count_aliases(domain: str) -> Count:
    page = aliases_of(domain, limit=MOST)
    return Count(len(page.rows), more=bool(page.next_after))

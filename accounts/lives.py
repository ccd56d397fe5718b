"""Names come back, people don't: the panel's user of a mailbox belongs to one life of its address.

When that ends the user is detached: renamed and inactive, without sessions, devices and grants, so that
whoever gets the address next begins anew. The journal keeps the row to point at.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator

from django.contrib.admin.models import LogEntry
from django.db import models, transaction
from django.utils import timezone

from accounts import sessions
from accounts.models import Disabled, DisabledDomain, Grant, User
from audit.models import Entry
from vpopmail import assigned
from vpopmail.database import reading
from vpopmail.models import accounts_of
from vpopmail.schema import schema

logger = logging.getLogger(__name__)
_CHUNK = 500  # names in one query
LONGEST = 161  # of a user name


def detach(user: User) -> None:
    """End one life. A user without a mailbox, or detached before, is left alone."""
    if not user.is_mailbox or user.ended_at is not None:
        return
    former = user.username
    with transaction.atomic():
        sessions.end_all(user)
        for manager in _hanging_on(user):
            manager.delete()
        user.groups.clear()
        user.user_permissions.clear()
        mark = f"#{user.pk}"
        user.username = former[: LONGEST - len(mark)] + mark
        user.is_active, user.ended_at = False, timezone.now()
        user.set_unusable_password()
        user.save(update_fields=["username", "is_active", "ended_at", "password"])
    logger.info("detached the panel's user of %s as %s", former, user.username)


def _hanging_on(user: User) -> Iterator[models.QuerySet[models.Model]]:
    """All rows that would go if the user were deleted: of this panel's tables and of its libraries'."""
    for relation in User._meta.related_objects:
        if getattr(relation, "on_delete", None) is models.CASCADE and relation.related_model is not LogEntry:
            model = relation.related_model
            assert isinstance(model, type)  # noqa: S101  ("self" stands only for what is not loaded)
            yield model._base_manager.filter(**{relation.field.name: user})


def living() -> models.QuerySet[User]:
    """The users of mailboxes that were not detached."""
    return User.objects.exclude(domain="").filter(ended_at__isnull=True)


def end_address(domain: str, names: Iterable[str]) -> int:
    """Detach the users of these accounts of a real domain; how many there were."""
    return _end(living().filter(domain=domain, name__in=list(names)))


def end_domain(domain: str) -> int:
    """Detach the users of a real domain, and end every grant for it."""
    Grant.objects.filter(domain=domain).delete()
    return _end(living().filter(domain=domain))


def _end(users: models.QuerySet[User]) -> int:
    found = list(users)
    for user in found:
        detach(user)
    return len(found)


# --- what the journal tells ---


def after_change(entry: Entry) -> None:
    """One of settings.FOLLOWERS. Also when a name is given anew: what programs other than the panel
    deleted before, nobody told.
    """
    if entry.action in ("vdeldomain", "vadddomain", "vaddaliasdomain"):
        end_domain(entry.target)
    elif entry.action in ("vdeluser", "vadduser"):
        end_address(entry.domain, _names(entry))
    elif entry.action == "disable_account":
        sign_out(entry.domain, _names(entry))
    elif entry.action == "disable_domain":
        sign_out(entry.domain)
    if entry.action in ("vadddomain", "vadduser"):
        forget_disabled(entry)


def sign_out(domain: str, names: Iterable[str] | None = None) -> None:
    """End the panel's sessions of these accounts of a real domain, or of all of them. They would end by
    themselves, since the hash changes, but live again when it is what it was."""
    users = living().filter(domain=domain)
    for user in (users if names is None else users.filter(name__in=list(names))).iterator():
        sessions.end_all(user)


def forget_disabled(entry: Entry) -> None:
    """What was disabled under a name that is given anew is nothing of the new account's."""
    records = Disabled.objects.filter(domain=entry.domain or entry.target)
    if entry.action == "vadduser":
        records = records.filter(name__in=_names(entry))
    else:
        DisabledDomain.objects.filter(domain=entry.target).delete()
    records.delete()


def _names(entry: Entry) -> list[str]:
    """Of one account, or of the many that were added at once under the domain's name."""
    name, at, _domain = entry.target.rpartition("@")
    if at:
        return [name]
    added = entry.changes.get("accounts")
    return [str(name) for name in added[1] or ()] if isinstance(added, list) and len(added) == 2 else []


# --- what other programs deleted ---


def gone() -> list[User]:
    """Users whose account or domain does not exist any more. Raises Unavailable or DatabaseError while that
    cannot be known; where a domain's table is missing, it is not known either, and they stay.
    """
    assigned.reset()
    known = assigned.domains()
    found: list[User] = []
    for domain in sorted(set(living().values_list("domain", flat=True))):
        users = list(living().filter(domain=domain).order_by("name"))
        real = known.get(domain)
        if real is None or real.is_alias:
            found += users
            continue
        if not schema().has_table(schema().user_table(domain)):
            continue
        for start in range(0, len(users), _CHUNK):
            chunk = users[start : start + _CHUNK]
            there = reading(_existing, domain, [user.name for user in chunk])
            found += [user for user in chunk if user.name not in there]
    return found


def _existing(domain: str, names: list[str]) -> set[str]:
    found = accounts_of(domain).filter(name__in=names).values_list("name", flat=True)
    return {str(name).lower() for name in found}


def grants_gone() -> models.QuerySet[Grant]:
    """Grants for what is no real domain any more."""
    known = assigned.domains()
    domains = set(Grant.objects.values_list("domain", flat=True))
    return Grant.objects.filter(
        domain__in=[name for name in domains if (found := known.get(name)) is None or found.is_alias]
    )

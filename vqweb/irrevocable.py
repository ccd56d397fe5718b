"""Entries of the journal that cannot be taken back, and why."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.models import Entry
from vpopmail.engines.base import Changed, Refused

REVOCABLE = {
    "vmoduser": "gecos flags",
    "vsetuserquota": "quota",
    "dotqmail": "forwarding",
    "valias": "line lines",
    "vacation": "vacation subject text first_day last_day",
    "autoresponder": "subject text forwards",
    "dotqmail2valias": "stored",
    "vmoddomlimits": "",
    "vmakedotqmail": "delivery",
    "vipmap": "domain",
}
_ADDED = gettext_lazy(
    "What was added is not taken back but deleted, on a page that shows first what would go with it."
)
_DELETED = gettext_lazy(
    "What was deleted is not taken back from here: it lies in the trash while it is kept."
)
_SWITCHED = gettext_lazy("The page of the account or the domain takes it back: just what was changed, then.")
REASONS: dict[str, Promise] = {
    "disable_account": _SWITCHED,
    "enable_account": _SWITCHED,
    "disable_domain": _SWITCHED,
    "enable_domain": _SWITCHED,
    "vpasswd": gettext_lazy("A former password is kept nowhere, so it cannot be put back. Set a new one."),
    "vadduser": _ADDED,
    "vadddomain": _ADDED,
    "vaddaliasdomain": _ADDED,
    "vdeluser": _DELETED,
    "vdeldomain": _DELETED,
}
_OTHER = gettext_lazy("Changes of this kind cannot be taken back.")


def check_revocable(entry: Entry) -> None:
    """Refuse an entry whose kind or state cannot be taken back, whatever stands now."""
    if entry.action not in REVOCABLE:
        raise Refused(str(REASONS.get(entry.action, _OTHER)))
    if entry.state == Entry.State.FAILED:
        raise Refused(_("This change failed, so there is nothing to take back."))
    if entry.state == Entry.State.STARTED:
        raise Refused(
            _("The end of this change was never recorded; it must be settled first.")
        )
    known = REVOCABLE[entry.action].split()
    if known and not set(known) & set(entry.changes):
        raise Refused(_("The entry does not say what was there before."))
    _check_same(entry)


def _check_same(entry: Entry) -> None:
    """An account or a domain that was added again since is not the one that the entry changed."""
    later = Entry.objects.filter(pk__gt=entry.pk, state=Entry.State.OK, domain=entry.domain)
    added = later.filter(action="vadddomain", target=entry.domain).exists()
    if entry.action in ("vmoduser", "vsetuserquota", "dotqmail", "vacation") and not added:
        added = later.filter(action="vadduser", target=entry.target).exists() or _added_with_others(entry)
    if added:
        raise Changed(
            _("%(target)s was deleted and added again since: it is not the same any more.")
            % {"target": entry.target}
        )


def _added_with_others(entry: Entry) -> bool:
    batches = Entry.objects.filter(
        pk__gt=entry.pk, state=Entry.State.OK, action="vadduser", target=entry.domain
    )
    name = entry.target.partition("@")[0]
    return any(name in (batch.changes.get("accounts") or [None, []])[1] for batch in batches)

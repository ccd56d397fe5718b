"""How pages show entries of the journal."""

from typing import Any

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit.models import Entry

register = template.Library()

# What people read beside vpopmail's name for it.
WORDS: dict[str, Promise] = {
    "vadddomain": _("Domain added"),
    "vdeldomain": _("Domain deleted"),
    "vaddaliasdomain": _("Alias domain added"),
    "vmoddomlimits": _("Limits changed"),
    "vadduser": _("Account added"),
    "vdeluser": _("Account deleted"),
    "vmoduser": _("Account changed"),
    "vpasswd": _("Password changed"),
    "vsetuserquota": _("Quota changed"),
    "valias": _("Alias changed"),
}
STATES = {
    Entry.State.OK: ("good", "circle-check"),
    Entry.State.FAILED: ("bad", "circle-x"),
    Entry.State.STARTED: ("partial", "circle-dashed"),
}


@register.filter
def action(entry: Entry) -> str | Promise:
    """The action in words; an action that is not known here is shown by its name."""
    return WORDS.get(entry.action, entry.action)


@register.inclusion_tag("audit/_outcome.html")
def outcome(entry: Entry) -> dict[str, Any]:
    kind, icon = STATES.get(Entry.State(entry.state), ("plain", "info-circle"))
    return {"word": entry.get_state_display(), "kind": kind, "icon": icon, "reason": entry.reason}


@register.filter
def change(value: object) -> dict[str, object]:
    """One value of `Entry.changes`: before and after of a pair, or what is noted ("changed")."""
    if isinstance(value, list | tuple) and len(value) == 2:
        return {"pair": True, "old": value[0], "new": value[1]}
    return {"pair": False, "note": value}

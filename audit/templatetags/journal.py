"""How pages show entries of the journal."""

from dataclasses import dataclass

from django import template
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit import limit_names
from audit.models import Entry
from vpopmail import conversion, flags, quota
from web.states import State
from web.templatetags.panel import states

register = template.Library()

# What people read beside vpopmail's name for it.
WORDS: dict[str, Promise] = {
    "vadddomain": gettext_lazy("Domain added"),
    "vdeldomain": gettext_lazy("Domain deleted"),
    "vaddaliasdomain": gettext_lazy("Alias domain added"),
    "vmoddomlimits": gettext_lazy("Limits changed"),
    "vadduser": gettext_lazy("Account added"),
    "vdeluser": gettext_lazy("Account deleted"),
    "vmoduser": gettext_lazy("Account changed"),
    "vpasswd": gettext_lazy("Password changed"),
    "vsetuserquota": gettext_lazy("Quota changed"),
    "disable_account": gettext_lazy("Account disabled"),
    "enable_account": gettext_lazy("Account enabled again"),
    "disable_domain": gettext_lazy("Domain disabled"),
    "enable_domain": gettext_lazy("Domain enabled again"),
    "valias": gettext_lazy("Alias changed"),
    "dotqmail2valias": gettext_lazy("Aliases moved"),
    "vacation": gettext_lazy("Vacation changed"),
    "autoresponder": gettext_lazy("Autoresponder changed"),
    "dotqmail": gettext_lazy("Forwarding changed"),
    "vmakedotqmail": gettext_lazy("Delivery changed"),
    "ezmlm-make": gettext_lazy("Mailing list added"),
    "ezmlm-sub": gettext_lazy("Members of a mailing list changed"),
    "change_own_password": gettext_lazy("Own password changed"),
    "factor-add": gettext_lazy("Second factor added"),
    "factor-remove": gettext_lazy("Second factor removed"),
    "factor-codes": gettext_lazy("Recovery codes made"),
    "factor-reset": gettext_lazy("Second factor reset"),
    "doctor": gettext_lazy("Drift repaired"),
    "restore": gettext_lazy("Brought back from the trash"),
    "empty": gettext_lazy("Removed from the trash for good"),
    "administrator": gettext_lazy("Administrator changed"),
    "look-as": gettext_lazy("Looked at by an administrator"),
    "vipmap": gettext_lazy("Domain of an IP address changed"),
    "purge_vlog": gettext_lazy("Log of sign-ins shortened"),
    "blank_vlog_passwords": gettext_lazy("Passwords in the log of sign-ins emptied"),
    "unblock": gettext_lazy("Let try again at once"),
}
NAMES: dict[str, Promise] = {
    **limit_names.IN_JOURNAL,
    "domain": gettext_lazy("Domain"),
    "alias_domains": gettext_lazy("Alias domains"),
    "account": gettext_lazy("Account"),
    "accounts": gettext_lazy("Accounts"),
    "aliases": gettext_lazy("Aliases"),
    "line": gettext_lazy("Line"),
    "stored": gettext_lazy("Kept"),
    "lines": gettext_lazy("Lines"),
    "forwarding": gettext_lazy("Lines of .qmail"),
    "gecos": gettext_lazy("Display name"),
    "vacation": gettext_lazy("Vacation"),
    "subject": gettext_lazy("Subject"),
    "text": gettext_lazy("Text"),
    "first_day": gettext_lazy("First day"),
    "last_day": gettext_lazy("Last day"),
    "time_zone": gettext_lazy("Time zone"),
    "forwards": gettext_lazy("Also to"),
    "password": gettext_lazy("Password"),
    "quota": gettext_lazy("Quota"),
    "flags": gettext_lazy("Flags"),
    "signing_in": gettext_lazy("Signing in"),
    "new_mail": gettext_lazy("New mail"),
    "reason": gettext_lazy("Reason"),
    "unknown": gettext_lazy("Mail for unknown addresses"),
    "delivery": gettext_lazy("Mail for unknown addresses"),
    "list": gettext_lazy("Mailing list"),
    "switches": gettext_lazy("How it works"),
    "owner": gettext_lazy("Owner"),
    "part": gettext_lazy("Part"),
    "added": gettext_lazy("Added"),
    "removed": gettext_lazy("Removed"),
    "finding": gettext_lazy("Found"),
    "evidence": gettext_lazy("Seen"),
    "repair": gettext_lazy("Repair"),
    "factor": gettext_lazy("Second factor"),
    "kept_until": gettext_lazy("Kept until"),
    "trash": gettext_lazy("Moved to"),
    "mail": gettext_lazy("Mail of"),
    "merged": gettext_lazy("Merged into the domain of today"),
    "former_name": gettext_lazy("Former name"),
    "limits": gettext_lazy("Own limits"),
    "reverts": gettext_lazy("Takes back"),
    "email": gettext_lazy("E-mail"),
    "groups": gettext_lazy("Groups"),
    "superuser": gettext_lazy("Superuser"),
    "confined": gettext_lazy("Confined to domains"),
    "active": gettext_lazy("Active"),
    "grant": gettext_lazy("Granted"),
    "looked_until": gettext_lazy("Until"),
    "days": gettext_lazy("Older than days"),
    "rows": gettext_lazy("Entries"),
    "blocked": gettext_lazy("Had to wait"),
}
# Values that are words for programs.
MEANINGS: dict[str, dict[str, Promise]] = {
    "signing_in": {"locked": gettext_lazy("locked"), "unlocked": gettext_lazy("as before")},
    "new_mail": {
        "keep": gettext_lazy("kept in the mailbox"),
        "bounce": gettext_lazy("bounced"),
        "forward": gettext_lazy("as before"),
    },
}
STATES = {
    Entry.State.OK: ("good", "circle-check"),
    Entry.State.FAILED: ("bad", "circle-x"),
    Entry.State.STARTED: ("partial", "circle-dashed"),
}
LONGEST_BRIEF = 90  # characters of a change that a row of the list has room for


@dataclass(frozen=True, slots=True)
class Change:
    """One value of `Entry.changes` in words; `is_pair` tells before and after from a mere note
    ("changed").
    """

    name: str
    is_pair: bool
    old: str = ""
    new: str = ""

    @property
    def brief(self) -> str:
        """In one line."""
        if not self.is_pair:
            return f"{self.name}: {self.new}"
        if self.old and self.new:
            return f"{self.name}: {self.old} → {self.new}"
        return f"{self.name}: {self.new or self.old}"


def changes_of(entry: Entry) -> list[Change]:
    return [_change(key, value) for key, value in entry.changes.items()]


def _change(key: str, value: object) -> Change:
    name = str(NAMES.get(key, key))
    if isinstance(value, list | tuple) and len(value) == 2:
        return Change(name, True, _text(key, value[0]), _text(key, value[1]))
    return Change(name, False, new=_text(key, value))


def _text(key: str, value: object) -> str:
    """Lines of files may hold bytes that are no text; a page cannot."""
    return _words(key, value).encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _words(key: str, value: object) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, str) and (meaning := MEANINGS.get(key, {}).get(value)):
        return str(meaning)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if key == "stored" and value in conversion.WORDS:
        return str(conversion.WORDS[str(value)])
    if key == "quota" and isinstance(value, str):
        return quota.describe(value)
    if key == "flags" and isinstance(value, int):
        return ", ".join(str(flag.label) for flag in flags.flags_in(value)) or _("none")
    if key == "looked_until" and isinstance(value, str) and (moment := parse_datetime(value)):
        return date_format(timezone.localtime(moment), "DATETIME_FORMAT")
    if key == "kept_until" and isinstance(value, str) and (moment := parse_datetime(value)):
        return date_format(timezone.localtime(moment), "DATE_FORMAT")
    if isinstance(value, dict):
        return ", ".join(f"{name} {number}" for name, number in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(str(part) for part in value)
    return str(value)


@register.filter
def action(entry: Entry) -> str:
    """The action in words; an action that is not known here is shown by its name."""
    if entry.action == "vdeldomain" and entry.domain not in ("", entry.target):
        return _("Alias domain deleted")
    return str(WORDS.get(entry.action, entry.action))


@register.filter
def changes(entry: Entry) -> list[Change]:
    return changes_of(entry)


@register.filter
def brief(entry: Entry) -> str:
    """What changed, in so many letters as a row has room for; where it was moved is for the entry's own
    page.
    """
    told = [
        change.brief
        for key, change in zip(entry.changes, changes_of(entry), strict=True)
        if key not in ("trash", "reverts") and entry.target not in (change.old, change.new)
    ]
    text = " · ".join(told)
    return text if len(text) <= LONGEST_BRIEF else text[: LONGEST_BRIEF - 1] + "…"


@register.simple_tag
def outcome(entry: Entry) -> SafeString:
    """The result as a word with a colour and a shape."""
    kind, icon = STATES.get(Entry.State(entry.state), ("plain", "info-circle"))
    return states([State(entry.get_state_display(), kind, icon, entry.reason)])

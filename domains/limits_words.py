"""Limits in words: what each column is called, how a value of it is said, and which boxes a mask has."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from audit.limit_names import TITLES
from domains.limits_services import COUNTED, DENIALS
from vpopmail import limits, quota

DEFAULT, UNLIMITED, NONE, NUMBER, ON, OFF = "default", "unlimited", "none", "number", "on", "off"
MEGABYTE = 2**20
SIZES = {"defaultquota": 1, "diskquota": MEGABYTE}  # column → bytes of its unit
# In the order of the page.
SHOWN_COUNTS = ("maxpopaccounts", "maxforwards", "maxaliases", "maxautoresponders", "maxmailinglists")
SHOWN_SIZES = ("defaultquota", "defaultmaxmsgcount", "diskquota", "maxmsgcount")
SHOWN_SWITCHES = tuple(column for column in TITLES if column in limits.SWITCHES)
MASKS: dict[str, Promise] = {
    "-p": gettext_lazy("Accounts"),
    "-f": gettext_lazy("Forwards"),
    "-a": gettext_lazy("Other aliases"),
    "-r": gettext_lazy("Autoresponders"),
    "-l": gettext_lazy("Mailing lists"),
    "-u": gettext_lazy("Subscribers of mailing lists"),
    "-o": gettext_lazy("Moderators of mailing lists"),
    "-x": gettext_lazy("Quotas"),
    "-z": gettext_lazy("The default quota"),
}
BITS: dict[str, tuple[int, Promise]] = {
    "c": (1, gettext_lazy("add")),
    "m": (2, gettext_lazy("change")),
    "d": (4, gettext_lazy("delete")),
}


def shown(column: str, value: int | None) -> tuple[str, str]:
    """The choice of a form for a value, and what stands beside it: ("number", "2 GB")."""
    if value is None:
        return DEFAULT, ""
    if column in limits.SWITCHES:
        return (ON if value else OFF), ""
    if column in COUNTED and value <= 0:
        return (UNLIMITED if value else NONE), ""
    if value <= 0:
        return UNLIMITED, ""
    if column in SIZES:
        return NUMBER, quota.exact(quota.text_of(value * SIZES[column], 0))
    return NUMBER, str(value)


def switch_words(column: str) -> tuple[str, str]:
    """The words for off and for on of a switch."""
    if column == "delete_spam":
        return _("Kept"), _("Deleted")
    if column == "disable_spamassassin":
        return _("Asked"), _("Not asked")
    if column == "disable_maildrop":
        return _("Used"), _("Not used")
    return _("Allowed"), _("Not allowed")


def said(column: str, value: int) -> str:
    """A value for people: "No limit", "None allowed", "At most 5", "2 GB", "Not allowed"."""
    if column in limits.SWITCHES:
        return switch_words(column)[bool(value)]
    choice, text = shown(column, value)
    if choice == UNLIMITED:
        return _("No limit")
    if choice == NONE:
        return _("None allowed")
    if column in SIZES:
        return text
    if column in COUNTED:
        return _("At most %(number)s") % {"number": text}
    return ngettext("%(number)d message", "%(number)d messages", value) % {"number": value}


def denied(option: str, values: Mapping[str, int]) -> str:
    """What a mask denies, for people: "may not add, delete", or "may do everything"."""
    column, place = DENIALS[option]
    bits = values[column] >> place
    words = [str(word) for bit, word in BITS.values() if bits & bit]
    return _("may not %(verbs)s") % {"verbs": ", ".join(words)} if words else _("may do everything")

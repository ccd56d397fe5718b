"""The bits of pw_gid: what an account may not do, and what it may (vpopmail.h). Bits that are not listed here
are kept."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Flag:
    """One bit. `name` is vpopmaild's word for it, `letter` vmoduser's option, `label` a sentence's beginning
    for people.

    `limit` is the column of the domain's limits that sets the same bit for every account, or "".
    """

    bit: int
    name: str
    letter: str
    label: str | Promise
    limit: str = ""


NO_PASSWORD_CHANGE = 0x1
NO_POP = 0x2
NO_WEBMAIL = 0x4
NO_IMAP = 0x8
BOUNCE_MAIL = 0x10
NO_SMTP = 0x800
DOMAIN_ADMIN = 0x1000
OVERRIDE_LIMITS = 0x2000
SYSTEM_ADMIN = 0x10000
SYSTEM_EXPERT = 0x20000
# What a person signs in with; an account without any of them reaches its mail nowhere.
SERVICES = NO_POP | NO_IMAP | NO_WEBMAIL | NO_SMTP

FLAGS: tuple[Flag, ...] = (
    Flag(
        NO_PASSWORD_CHANGE,
        "no_password_change",
        "d",
        _("Must not change the password"),
        "disable_passwordchanging",
    ),
    Flag(NO_POP, "no_pop", "p", _("No POP"), "disable_pop"),
    Flag(NO_WEBMAIL, "no_webmail", "w", _("No webmail"), "disable_webmail"),
    Flag(NO_IMAP, "no_imap", "i", _("No IMAP"), "disable_imap"),
    Flag(BOUNCE_MAIL, "bounce_mail", "b", _("Incoming mail is bounced")),
    Flag(0x20, "no_relay", "r", _("No relaying after POP or IMAP"), "disable_relay"),
    Flag(0x40, "no_dialup", "u", _("No dial-up"), "disable_dialup"),
    Flag(0x80, "user_flag_0", "0", _("User flag 0")),
    Flag(0x100, "user_flag_1", "1", _("User flag 1")),
    Flag(0x200, "user_flag_2", "2", _("User flag 2")),
    Flag(0x400, "user_flag_3", "3", _("User flag 3")),
    Flag(NO_SMTP, "no_smtp", "s", _("No sending (SMTP)"), "disable_smtp"),
    Flag(DOMAIN_ADMIN, "domain_admin_privileges", "a", _("Administers the domain")),
    Flag(OVERRIDE_LIMITS, "override_domain_limits", "o", _("Ignores the domain’s limits")),
    Flag(0x4000, "no_spamassassin", "f", _("No spam filter"), "disable_spamassassin"),
    Flag(0x8000, "delete_spam", "F", _("Spam is deleted"), "delete_spam"),
    Flag(SYSTEM_ADMIN, "system_admin_privileges", "S", _("Administers the server")),
    Flag(SYSTEM_EXPERT, "system_expert_privileges", "E", _("Expert rights")),
    Flag(0x40000, "no_maildrop", "m", _("No maildrop filter"), "disable_maildrop"),
)
KNOWN = sum(flag.bit for flag in FLAGS)


def flags_in(gid: int) -> list[Flag]:
    """The known flags that are set, in the order of their bits."""
    return [flag for flag in FLAGS if gid & flag.bit]


def of_letters(letters: str) -> int:
    """The bits of vmoduser's letters ("pi"). Raises KeyError for a letter that is none."""
    by_letter = {flag.letter: flag.bit for flag in FLAGS}
    bits = 0
    for letter in letters:
        bits |= by_letter[letter]
    return bits


def letters(gid: int) -> str:
    """vmoduser's letters of the known flags that are set."""
    return "".join(flag.letter for flag in flags_in(gid))


def merged(gid: int, set_flags: int = 0, clear_flags: int = 0) -> int:
    """`gid` with single bits set and cleared; a bit named in both is set."""
    return (gid & ~clear_flags) | set_flags


def effective(gid: int, limits: Mapping[str, int]) -> int:
    """What counts at sign-in: the account's bits and those of its domain's limits, unless it overrides the
    limits.

    `limits` are by SQL column name (vlimits_get_flag_mask in vlimits.c).
    """
    if gid & OVERRIDE_LIMITS:
        return gid
    return gid | sum(flag.bit for flag in FLAGS if flag.limit and limits.get(flag.limit))

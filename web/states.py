"""What the bits of pw_gid mean to people: one to a few states of an account."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from vpopmail import flags
from vpopmail.locked import is_shut
from vpopmail.models import Account
from vpopmail.usage import percent

# The four services together are what people call "disabled".
SERVICES = (
    (flags.NO_POP, "POP"),
    (flags.NO_IMAP, "IMAP"),
    (flags.NO_WEBMAIL, "webmail"),
    (flags.NO_SMTP, "SMTP"),
)
ADMINISTRATOR = flags.DOMAIN_ADMIN | flags.SYSTEM_ADMIN


@dataclass(frozen=True, slots=True)
class State:
    """A word with a colour (`kind`: good, bad, partial, special) and a shape."""

    word: str
    kind: str
    icon: str
    detail: str = ""


def states_of(account: Account) -> list[State]:
    """Whether mail can be read, then what else is special; stored flags only, domain limits may take away
    more.
    """
    states = [_locked() if is_shut(account.passwd) else _access(account.gid)]
    if account.gid & flags.BOUNCE_MAIL:
        states.append(State(_("Bounces mail"), "bad", "ban", _("Incoming mail is sent back.")))
    if (percent(account) or 0) >= 100:
        states.append(State(_("Over quota"), "bad", "gauge", _("New mail is sent back until there is room.")))
    if account.gid & ADMINISTRATOR or account.name == "postmaster":
        states.append(State(_("Administrator"), "special", "shield", _("May administer the domain.")))
    return states


def _locked() -> State:
    return State(_("Disabled"), "bad", "circle-x", _("No password opens this account."))


def _access(gid: int) -> State:
    closed = [name for bit, name in SERVICES if gid & bit]
    if not closed:
        return State(_("Active"), "good", "circle-check")
    if len(closed) == len(SERVICES):
        return State(_("Disabled"), "bad", "circle-x", _("No service lets this account in."))
    services = ", ".join(_("no %(service)s") % {"service": name} for name in closed)
    return State(_("Restricted: %(services)s") % {"services": services}, "partial", "circle-half-2")

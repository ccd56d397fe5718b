"""What pages say about disabled accounts: since when and why, what still works, what enabling brings back."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts import disabling, gate
from accounts.models import Disabled, User
from audit.log import Actor
from vpopmail import aliases, flags, forwarding, open_sessions
from vpopmail.engines.base import VpopmailError
from vpopmail.locked import is_locked, is_wholly_disabled
from vpopmail.models import Account
from vpopmail.schema import schema

MOST_NAMED = 5  # aliases in one sentence


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether an account can be disabled and enabled; `record` says who disabled it, when and why, None where
    another tool did. `mine`: the person who looks may enable it."""

    record: Disabled | None
    can_disable: bool
    can_enable: bool
    mine: bool

    @property
    def mail(self) -> str:
        return str(disabling.MAIL.get(self.record.mail, "")) if self.record else ""


def standing_of(account: Account, looking: Actor) -> Standing:
    record = disabling.record_of(account)
    by_other = isinstance(looking, User) and gate.is_bound(looking) and record is not None and record.above
    can_enable = is_locked(account.passwd) or record is not None
    return Standing(record, not is_wholly_disabled(account), can_enable, not by_other)


def still_works(account: Account) -> list[str]:
    """What goes on although the account is disabled, in sentences."""
    found = []
    if own := aliases.get_alias(account.domain, account.name):
        lines = ", ".join(line.line for line in own[:MOST_NAMED])
        found.append(
            _("The alias of the same name goes first: mail to the address still goes to %(lines)s.")
            % {"lines": lines}
        )
    leading = [line.address for line in aliases.aliases_to(account.address)]
    if leading:
        names = ", ".join(leading[:MOST_NAMED]) + (", …" if len(leading) > MOST_NAMED else "")
        found.append(
            _("Aliases that lead here stay, and send their mail here: %(names)s.") % {"names": names}
        )
    if note := open_sessions.note():
        found.append(note)
    found.append(
        _("Whoever gets in by other means than this password: a master user of Dovecot, root on the server.")
    )
    return found


def not_restored(account: Account) -> str:
    """What disabling cannot give back, in a sentence; "" when there is nothing."""
    if not schema().clear_passwords_in(account.domain):
        return ""
    return _(
        "The clear password is emptied and does not come back: CRAM-MD5 and APOP need a new password then."
    )


def own_lines(account: Account) -> list[str]:
    """The lines of the account's own `.qmail`, as they may be shown; none where it cannot be read."""
    try:
        return [part.shown for part in forwarding.read(account).parts]
    except VpopmailError:
        return []


def restored(account: Account) -> list[str]:
    """What enabling changes, in sentences."""
    record = disabling.record_of(account)
    step = disabling.enabling(account, record)
    found = []
    if step.lock is False:
        found.append(_("The password is the one that it was."))
    if step.clear_flags:
        names = ", ".join(str(flag.label) for flag in flags.flags_in(step.clear_flags))
        found.append(_("These flags are taken away again: %(names)s.") % {"names": names})
    left = flags.flags_in(account.gid & ~step.clear_flags & (flags.SERVICES | flags.BOUNCE_MAIL))
    if left:
        names = ", ".join(str(flag.label) for flag in left)
        found.append(_("These were set before, and stay: %(names)s.") % {"names": names})
    if record is not None and record.mail == disabling.KEEP:
        found.append(_("Its forwarding and vacation message, where it had any, work again."))
    return found

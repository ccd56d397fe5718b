"""What an account's flags come to: its own bits, those that its domain's limits set, and which count."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from vpopmail import flags, limits
from vpopmail.models import Account


@dataclass(frozen=True, slots=True)
class Effect:
    """One flag that the account or its domain sets, and whether it counts when somebody signs in."""

    label: Any
    own: bool
    by_domain: bool
    counts: bool

    @property
    def words(self) -> str:
        if self.own and self.by_domain:
            return _("Set here, and by the domain.")
        if self.own:
            return _("Set here.")
        if self.counts:
            return _("Set by the domain's limits, for everybody.")
        return _("Set by the domain's limits, but this account is not bound by them: it does not count.")


def effects_of(account: Account) -> list[Effect]:
    """The flags that are set by either, in the order of their bits."""
    values = limits.read(account.domain).values
    by_domain, counting = flags.effective(0, values), flags.effective(account.gid, values)
    return [
        Effect(
            flag.label, bool(account.gid & flag.bit), bool(by_domain & flag.bit), bool(counting & flag.bit)
        )
        for flag in flags.flags_in(account.gid | by_domain)
    ]


def note(bit: int, account: Account, by_domain: int) -> str:
    """What is said beside the box of a bit that the domain's limits set; "" where they don't."""
    if not by_domain & bit:
        return ""
    if account.gid & flags.OVERRIDE_LIMITS:
        return _("The domain sets this for everybody, but not for this account.")
    return _("The domain sets this for everybody: it counts, whatever is chosen here.")

"""What a plan is that takes an entry of the journal back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from vpopmail.engines.base import Changed, Outcome


@dataclass(frozen=True, slots=True)
class Plan:
    """What takes an entry back: the values before and after, as the journal will say them, and the right
    that it needs.

    `beside` is an account whose mailbox would get no more mail; `new_alias` the lines of an alias that does
    not exist now.
    """

    permission: str
    changes: dict[str, Any]
    change: Callable[[str], Outcome]
    superuser: bool = False
    beside: str = ""
    new_alias: tuple[str, ...] = ()


def stands_no_more(what: str, now: str) -> Changed:
    """The error for a value that was changed again since."""
    return Changed(
        _("It was changed again since: %(what)s is now “%(now)s”. Nothing was taken back.")
        % {"what": what, "now": now or _("nothing")}
    )

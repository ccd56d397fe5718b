"""What pages and commands do to the default limits, vpopmail's file vlimits.default: each change is one entry
of the journal."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from audit.change import command_line, perform
from audit.log import Actor
from domains.limits_services import CHANGE_LIMITS, check_default_quota, check_values, options_of
from vpopmail import limits
from vpopmail.engines import get_engine
from vpopmail.engines.base import Changed, Outcome, Refused
from web.access import may

TARGET = "vlimits.default"


def change_default_limits(
    *,
    actor: Actor,
    changes: Mapping[str, int | None],
    expected: Mapping[str, int | None] | None = None,
) -> Outcome:
    """Set default limits by their column names; None, and 0 of a switch, takes what the file says of one
    away. What else stands in the file stays.

    `expected` holds what the file said when the person looked: where that no longer stands, Changed is
    raised. Nothing is written where the file says the same already. Raises VpopmailError.
    """
    if actor is not None and not may(actor, CHANGE_LIMITS):
        raise Refused(_("Only an administrator of the server may change the default limits."))
    check_values({column: value for column, value in changes.items() if value is not None})
    now = limits.defaults()
    check_default_quota({**now.values, **{name: value or 0 for name, value in changes.items()}}, changes)
    if any(now.said_of(column) != seen for column, seen in (expected or {}).items()):
        raise Changed(_("The limits were changed by somebody else meanwhile. Nothing was overwritten."))
    wanted = {column: _said(column, value) for column, value in changes.items()}
    new = {column: value for column, value in wanted.items() if now.said_of(column) != value}
    if not new:
        return Outcome()
    given = {column: value for column, value in new.items() if value is not None}
    return perform(
        actor,
        "vmoddomlimits",
        TARGET,
        lambda entry: get_engine().vmoddomlimits_default(new, expected=now.fingerprint, entry=entry),
        changes={column: [now.said_of(column), value] for column, value in new.items()},
        command=command_line("vmoddomlimits", ["-d", *options_of(now.values, given)])
        if len(given) == len(new)
        else "",
    )


def _said(column: str, value: int | None) -> int | None:
    """A switch is on by its word, and off without it."""
    return None if column in limits.SWITCHES and not value else value

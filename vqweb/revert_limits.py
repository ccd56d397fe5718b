"""What takes a change of the default limits back."""

from audit.models import Entry
from vpopmail import limits
from vpopmail.engines import get_engine
from vqweb.revert_base import Plan, stands_no_more


def plan_default(entry: Entry) -> Plan:
    """The file says again what it said of these limits, or nothing; the rest of it may have changed since."""
    now = limits.defaults()
    changes = {column: pair for column, pair in entry.changes.items() if column in limits.COLUMNS}
    for column, (_old, new) in changes.items():
        if now.said_of(column) != new:
            raise stands_no_more(column, str(now.values[column]))
    former = {column: old for column, (old, _new) in changes.items()}
    return Plan(
        "vpopmail.change_limits",
        {column: [new, old] for column, (old, new) in changes.items()},
        lambda key: get_engine().vmoddomlimits_default(former, expected=now.fingerprint, entry=key),
    )

"""vmakedotqmail -q: a domain's `.qmail-default`, written in one step (vmakedotqmail.c,
restore_qmail_default)."""

from collections.abc import Mapping, Sequence
from typing import Any

from vpopmail.engines.base import Outcome
from vpopmail.engines.native.users import real_domain
from vpopmail.engines.native.work import work


def write(domain: str, lines: Sequence[str], expected: Mapping[str, Any] | None, entry: str) -> Outcome:
    """See Engine.vmakedotqmail."""
    real = real_domain(domain).name
    with work(real, entry=entry) as job:
        job.note("delivery", domain=real, lines=list(lines))
        seen = None if expected is None else dict(expected)
        job.call("write_default_delivery", domain=real, lines=list(lines), expect=seen)
        return job.outcome()

"""An account's own `.qmail`: one file, written or removed in one step."""

from collections.abc import Mapping, Sequence
from typing import Any

from vpopmail.engines.base import Outcome
from vpopmail.engines.native.users import Users, own_box, real_domain
from vpopmail.engines.native.work import work


def write(
    domain: str, name: str, lines: Sequence[str], expected: Mapping[str, Any] | None, entry: str
) -> Outcome:
    """See Engine.dotqmail."""
    real = real_domain(domain)
    with work(real.name, entry=entry) as job:
        with job.rows():
            row = Users.of(real.name).read(name)
        box = own_box(real, row)
        job.note("dotqmail", domain=real.name, box=box, lines=list(lines))
        seen = None if expected is None else dict(expected)
        if lines:
            job.call("write_mailbox_dotqmail", domain=real.name, **box, lines=list(lines), expect=seen)
        else:
            job.call("remove_mailbox_dotqmail", domain=real.name, **box, expect=seen)
        return job.outcome()

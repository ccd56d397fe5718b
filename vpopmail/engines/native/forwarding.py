"""An account's own `.qmail`: one file, written or removed in one step."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from vpopmail.engines.base import Outcome, Refused
from vpopmail.engines.native.users import Users, hash_of, real_domain
from vpopmail.engines.native.work import work


def write(
    domain: str, name: str, lines: Sequence[str], expected: Mapping[str, Any] | None, entry: str
) -> Outcome:
    """See Engine.dotqmail."""
    real = real_domain(domain)
    with work(real.name, entry=entry) as job:
        with job.rows():
            row = Users.of(real.name).read(name)
        place = hash_of(real, name, row["pw_dir"])
        if place is None:
            raise Refused(
                _("The mailbox of %(address)s lies elsewhere, so this panel leaves its files alone.")
                % {"address": f"{name}@{real.name}"}
            )
        box = {"name": name, "hash": place}
        job.note("dotqmail", domain=real.name, box=box, lines=list(lines))
        seen = None if expected is None else dict(expected)
        if lines:
            job.call("write_mailbox_dotqmail", domain=real.name, **box, lines=list(lines), expect=seen)
        else:
            job.call("remove_mailbox_dotqmail", domain=real.name, **box, expect=seen)
        return job.outcome()

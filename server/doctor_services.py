"""Repairing what the doctor found: each repair is one entry of the journal."""

from django.utils.translation import gettext as _

from audit.change import command_line, perform
from audit.log import Actor
from server.findings import Finding
from vpopmail.assigned import domains
from vpopmail.engines import get_engine
from vpopmail.engines.base import Outcome, Refused


def repair(*, actor: Actor, finding: Finding) -> Outcome:
    """Mend one finding. Raises Refused when that can only be done by hand, and other VpopmailErrors."""
    what = finding.repair
    if what is None:
        raise Refused(_("This can only be mended by hand: %(plan)s") % {"plan": finding.plan})
    line = domains().get(what.domain)
    return perform(
        actor,
        "doctor",
        f"{what.name}@{what.domain}" if what.name else what.domain,
        lambda entry: get_engine().repair(what, entry=entry),
        domain=line.real if line else "",
        changes={"finding": finding.text, "evidence": finding.evidence, "repair": finding.plan},
        command=command_line("doctor", [("--repair", finding.key)]),
    )

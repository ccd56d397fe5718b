"""Moving aliases of a domain between the table and files: one entry of the journal for all of them."""

from collections.abc import Collection

from django.utils.translation import gettext as _

from accounts import gate
from accounts.account_services import real_name
from audit.change import command_line
from audit.log import Actor, audit
from vpopmail.conversion import OTHER, ConversionPlan, Item, convert_all, plan
from vpopmail.engines import get_engine
from vpopmail.engines.base import Changed, Outcome, Refused
from web.access import may


def plan_for(actor: Actor, domain: str, to: str, names: Collection[str] = ()) -> ConversionPlan:
    """What this person would move: programs only with the right to enter them."""
    programs = actor is None or may(actor, gate.ADD_PROGRAM, domain)
    return plan(real_name(domain), to, names, programs=programs)


def convert_aliases(
    *, actor: Actor, domain: str, to: str, names: Collection[str] = (), seen: str | None = None
) -> tuple[Outcome, list[Item]]:
    """Move what can be moved, up to the most at once; the outcome's warnings name what stayed after all.

    `seen` is the plan that the person saw: raises Changed when it is another by now. Raises Refused when
    nothing moves, and for people whom the domain's limits bind.
    """
    if gate.is_bound(actor):
        raise Refused(_("Only an administrator of the server moves aliases between the table and files."))
    wanted = plan_for(actor, domain, to, names)
    if wanted.refused:
        raise Refused(wanted.refused)
    if seen is not None and seen != wanted.seen:
        raise Changed(
            _("The aliases were changed by somebody else meanwhile: look at the new plan. Nothing was moved.")
        )
    if not wanted.goes:
        raise Refused(_("There is nothing that could be moved."))
    return _perform(actor, wanted, names)


def _perform(actor: Actor, wanted: ConversionPlan, names: Collection[str]) -> tuple[Outcome, list[Item]]:
    changes = {
        "stored": [OTHER[wanted.to], wanted.to],
        "aliases": [None, [item.name for item in wanted.goes]],
    }
    options = ["--back"] if wanted.to == "files" else []
    line = command_line("dotqmail2valias", options, wanted.domain, *names)
    done: list[Item] = []
    with audit(
        actor, "dotqmail2valias", wanted.domain, domain=wanted.domain, changes=changes, command=line
    ) as entry:

        def convert(item: Item) -> Outcome:
            return get_engine().valias_convert(
                wanted.domain, item.name, wanted.to, item.lines, entry=entry.key
            )

        entry.warnings = list(convert_all(wanted, convert, done))
        entry.changes["aliases"] = [None, [item.name for item in done]]
    return Outcome(warnings=tuple(entry.warnings)), done

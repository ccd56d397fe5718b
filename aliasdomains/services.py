"""What pages and commands do to alias domains: each function is one entry of the journal."""

from django.utils.translation import gettext as _

from audit.change import command_line, perform
from audit.log import Actor
from vpopmail import rules
from vpopmail.assigned import domains
from vpopmail.engines import get_engine
from vpopmail.engines.base import NotFound, Outcome


def add_alias_domain(*, actor: Actor, real: str, alias: str) -> Outcome:
    """Make `alias` another name of `real`; when `real` is itself an alias domain, of the domain that stands
    behind it.

    Raises VpopmailError.
    """
    real = rules.real_domain(real, "real").name
    rules.check_new_alias_domain(real, alias)
    return perform(
        actor,
        "vaddaliasdomain",
        alias,
        lambda entry: get_engine().vaddaliasdomain(real, alias, entry=entry),
        domain=real,
        changes={"domain": [None, real]},
        command=command_line("vaddaliasdomain", [], real, alias),
    )


def delete_alias_domain(*, actor: Actor, alias: str) -> Outcome:
    """Delete an alias domain; the domain behind it, its accounts and their mail stay. Raises NotFound for
    anything else."""
    assigned = domains().get(alias)
    if assigned is None or not assigned.is_alias:
        raise NotFound(_("There is no alias domain %(domain)s.") % {"domain": alias}, field="alias")
    return perform(
        actor,
        "vdeldomain",
        alias,
        lambda entry: get_engine().vdeldomain(alias, entry=entry),
        domain=assigned.real,
        changes={"domain": [assigned.real, None]},
        command=command_line("vdeldomain", [], alias),
    )

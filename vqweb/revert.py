"""Taking back one entry of the journal, as long as what it wrote still stands.

`plan_of` says what would be written, or why not; `revert` writes it under an entry of its own that names the
one it takes back.
"""

from django.utils.translation import gettext as _

from accounts import gate
from audit.change import command_line, perform
from audit.log import Actor
from audit.models import Entry
from audit.visible import entries_for
from vpopmail.engines.base import NotFound, Outcome, Refused
from vqweb.irrevocable import check_revocable
from vqweb.revert_base import Plan
from vqweb.revert_plans import PLANS


def find(key: str, actor: Actor = None) -> Entry:
    """The entry of that key, if the person may know of it. Raises NotFound."""
    entries = Entry.objects.all() if actor is None else entries_for(actor)
    entry = entries.filter(key=key).first()
    if entry is None:
        raise NotFound(_("There is no journal entry %(key)s.") % {"key": key})
    return entry


def plan_of(entry: Entry) -> Plan:
    """How the entry is taken back. Raises Refused, NotFound or Changed with the reason why it cannot be."""
    check_revocable(entry)
    return PLANS[entry.action](entry)


def revert(*, actor: Actor, key: str, beside_account: bool = False) -> Outcome:
    """Take an entry back. `beside_account`: also where an account's mailbox will get no more mail then.
    Raises VpopmailError."""
    entry = find(key, actor)
    plan = plan_of(entry)
    check_person(actor, plan)
    if plan.beside and not beside_account:
        raise Refused(beside_note(plan), field="name")
    return perform(
        actor,
        entry.action,
        entry.target,
        plan.change,
        domain=entry.domain,
        changes={**plan.changes, "reverts": entry.key},
        command=command_of(entry, plan),
        warnings=_limit_warnings(actor, entry, plan),
    )


def check_person(actor: Actor, plan: Plan) -> None:
    """Refuse flags that only superusers change, as the page of flags does."""
    if plan.superuser and actor is not None and not getattr(actor, "is_superuser", False):
        raise Refused(_("Only a superuser may change these flags."), field="flags")


def command_of(entry: Entry, plan: Plan) -> str:
    """The command line that takes the entry back."""
    return command_line("revert", ["--beside-account"] if plan.beside else [], entry.key)


def beside_note(plan: Plan) -> str:
    """What people are told before an alias takes the mail of an account."""
    return _(
        "There is an account %(address)s; its mailbox would get no more mail: the alias comes first."
    ) % {"address": plan.beside}


def _limit_warnings(actor: Actor, entry: Entry, plan: Plan) -> list[str]:
    if not plan.new_alias:
        return []
    return gate.alias_lines(actor, entry.domain, entry.target.rpartition("@")[0], [], plan.new_alias)

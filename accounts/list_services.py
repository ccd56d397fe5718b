"""What pages and commands do to mailing lists: each function is one entry of the journal."""

from collections.abc import Collection, Sequence

from django.utils.translation import gettext as _

from accounts import gate, masks
from audit.change import command_line, perform
from audit.log import Actor
from mailhost.names import BadName, check_local_part
from vpopmail import bounds, lists, rules
from vpopmail.assigned import AssignedDomain
from vpopmail.engines import get_engine
from vpopmail.engines.base import Outcome, Refused
from web.access import may

ADD, CHANGE = "vpopmail.add_alias", "vpopmail.change_alias"
# ezmlm-make's letter of each switch; a capital says no. Without idx there are only the first two.
LETTERS = {
    "archived": "a",
    "public": "p",
    "subpostonly": "u",
    "modpost": "m",
    "modsub": "s",
    "digested": "d",
}
PLAIN = ("archived", "public")
# The places of three bits each in perm_maillist: lists, their subscribers, their moderators (vlimits.h).
_LISTS, _USERS, _MODERATORS = 0, 3, 6


def make_list(
    *, actor: Actor, domain: str, name: str, owner: str = "", switches: Collection[str] = ()
) -> Outcome:
    """Make a mailing list; `owner` gets what is sent to NAME-owner, `switches` are those of LETTERS that are
    on.

    Raises VpopmailError: Refused where the name is taken, or ezmlm's programs are not on the mail host.
    """
    real = rules.real_domain(domain)
    programs = _check_new(actor, real, name)
    bound = gate.is_bound(actor)
    if bound:
        bounds.check_lists(real.name)
    letters = letters_of(switches, programs)
    options = [("--owner", owner)] * bool(owner) + [("--with", switch) for switch in sorted(switches)]
    address = f"{name}@{real.name}"
    return perform(
        actor,
        "ezmlm-make",
        address,
        lambda entry: get_engine().ezmlm_make(real.name, name, letters, owner, bound=bound, entry=entry),
        domain=real.name,
        changes={"list": [None, address], "switches": [None, sorted(switches)], "owner": [None, owner]},
        command=command_line("ezmlm", ["--make", *options], address),
        warnings=filter(None, [] if bound else [bounds.over_lists(real.name)]),
    )


def _check_new(actor: Actor, real: AssignedDomain, name: str) -> str:
    """Which of ezmlm's programs there are ("idx" or "plain"). Raises Refused."""
    _check_right(actor, ADD, real)
    _check_mask(actor, real.name, _LISTS, masks.CREATE)
    try:
        check_local_part(name)
    except BadName as error:
        raise Refused(str(error), field="name") from error
    programs = lists.lists_of(real.name, limit=1).programs
    if not programs:
        raise Refused(_("ezmlm’s programs are not installed on the mail host, or may not be run."))
    return programs


def letters_of(switches: Collection[str], programs: str) -> str:
    """ezmlm-make's options."""
    known = {name: letter for name, letter in LETTERS.items() if programs == "idx" or name in PLAIN}
    return "".join(letter if name in switches else letter.upper() for name, letter in known.items())


def change_members(
    *,
    actor: Actor,
    domain: str,
    name: str,
    part: str = lists.SUBSCRIBERS,
    add: Sequence[str] = (),
    remove: Sequence[str] = (),
) -> Outcome:
    """Put addresses on a part of a list and take others off. Who is on it already, or not, stays so; where
    that is true of all, nothing is done. Raises VpopmailError."""
    real = rules.real_domain(domain)
    _check_right(actor, CHANGE, real)
    _check_mask(actor, real.name, _USERS if part != lists.MODERATORS else _MODERATORS, masks.MODIFY)
    if len(add) > lists.MOST_ADDRESSES or len(remove) > lists.MOST_ADDRESSES:
        raise Refused(_("At most %(most)d addresses at once.") % {"most": lists.MOST_ADDRESSES}, field="add")
    there = lists.members_of(real.name, name, part, limit=1, these=[*add, *remove])
    new = list(dict.fromkeys(address for address in add if address not in there.on))
    gone = list(dict.fromkeys(address for address in remove if address in there.on))
    if there.found.database:
        new, gone = list(add), list(remove)
    if not new and not gone:
        return Outcome()
    return perform(
        actor,
        "ezmlm-sub",
        there.found.address,
        lambda entry: get_engine().ezmlm_sub(real.name, name, part, new, gone, entry=entry),
        domain=real.name,
        changes=_changes(part, new, gone),
        command=command_line("ezmlm", _options(part, new, gone), there.found.address),
    )


def _changes(part: str, added: list[str], removed: list[str]) -> dict[str, object]:
    """What the journal says."""
    changes: dict[str, object] = {"part": part} if part else {}
    changes |= {"added": [None, added]} if added else {}
    return changes | ({"removed": [removed, None]} if removed else {})


def _options(part: str, add: Sequence[str], remove: Sequence[str]) -> list[tuple[str, str]]:
    options = [("--part", part)] if part else []
    options += [("--subscribe", address) for address in add]
    return options + [("--unsubscribe", address) for address in remove]


def _check_right(actor: Actor, permission: str, domain: AssignedDomain) -> None:
    if actor is not None and not may(actor, permission, domain):
        raise Refused(_("You may not change the mailing lists of this domain."))


def _check_mask(actor: Actor, domain: str, place: int, bit: int) -> None:
    """What the domain's limits deny to its administrators other than the postmaster."""
    if masks.denies(actor, domain, "perm_maillist", bit << place):
        raise Refused(_("In %(domain)s only the postmaster may do this.") % {"domain": domain})

"""What pages and commands do to the limits of a domain: each function is one entry of the journal."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from audit.change import command_line, perform
from audit.log import Actor
from vpopmail import limits, limits_use, quota, rules
from vpopmail.assigned import AssignedDomain
from vpopmail.engines import get_engine
from vpopmail.engines.base import Outcome, Refused
from vpopmail.schema import schema
from web.access import may

# Columns that hold a number, with vmoddomlimits's option; defaultquota counts bytes, diskquota megabytes
# (1024 * 1024 bytes).
NUMBERS = {
    "maxpopaccounts": "-P",
    "maxaliases": "-A",
    "maxforwards": "-F",
    "maxautoresponders": "-R",
    "maxmailinglists": "-L",
    "diskquota": "-Q",
    "defaultquota": "-q",
    "maxmsgcount": "-M",
    "defaultmaxmsgcount": "-m",
}
COUNTED = tuple(NUMBERS)[:5]  # of things that a domain has
# Columns that are on or off, with their letter in the value of `-g`, in the order in which vmoddomlimits
# shows them.
SWITCHES = {
    "disable_imap": "i",
    "disable_smtp": "s",
    "disable_pop": "p",
    "disable_webmail": "w",
    "disable_passwordchanging": "d",
    "disable_relay": "r",
    "disable_dialup": "u",
    "disable_spamassassin": "c",
    "delete_spam": "x",
    "disable_maildrop": "m",
}
# What administrators of the domain other than postmaster may not do: option → column and place of its three
# bits.
DENIALS = {
    "-p": ("perm_account", 0),
    "-a": ("perm_alias", 0),
    "-f": ("perm_forward", 0),
    "-r": ("perm_autoresponder", 0),
    "-l": ("perm_maillist", 0),
    "-u": ("perm_maillist", 3),
    "-o": ("perm_maillist", 6),
    "-x": ("perm_quota", 0),
    "-z": ("perm_defaultquota", 0),
}
DENIAL_LETTERS = {"c": 1, "m": 2, "d": 4}
CHANGE_LIMITS = "vpopmail.change_limits"
SHARED = ("perm_maillist", 0o177)  # of three masks; a tinyint has no room for more (measured)


def options_of(values: Mapping[str, int], changes: Mapping[str, int]) -> list[tuple[str, str]]:
    """The options of vmoddomlimits that make `changes`; `-g` names every switch that is on afterwards."""
    after = {**values, **changes}
    options = [(option, str(after[column])) for column, option in NUMBERS.items() if column in changes]
    if any(column in changes for column in SWITCHES):
        options.append(("-g", "".join(letter for column, letter in SWITCHES.items() if after[column])))
    for option, (column, place) in DENIALS.items():
        if column in changes:
            bits = after[column] >> place
            options.append((option, "".join(letter for letter, bit in DENIAL_LETTERS.items() if bits & bit)))
    return options


def check_values(changes: Mapping[str, int]) -> None:
    for column, value in changes.items():
        least = -1 if column.startswith("max") and column != "maxmsgcount" else 0
        if column not in limits.COLUMNS:
            raise Refused(_("There is no limit %(name)s.") % {"name": column})
        if value < least:
            raise Refused(_("The least value is %(least)d.") % {"least": least}, field=column)
        if column in limits.SWITCHES and value > 1:
            raise Refused(_("It is on or off."), field=column)
        if value > _most(column):
            raise Refused(_("That is more than vpopmail can store."), field=column)


def _most(column: str) -> int:
    """Columns of the table: int(10), bigint unsigned (vpopmail counts in long long), tinyint."""
    if column.startswith("perm_"):
        return 0o777 if column == "perm_maillist" else 7
    return 2**31 - 1 if column in COUNTED else 2**63 - 1


def _check_room(changes: Mapping[str, int]) -> None:
    column, most = SHARED
    if schema().limits == "sql" and changes.get(column, 0) > most:
        raise Refused(
            _(
                "vpopmail’s table has no room for this: of the moderators of mailing lists only adding can "
                "be denied there."
            ),
            field=column,
        )


def check_default_quota(after: Mapping[str, int], changes: Mapping[str, object]) -> None:
    """What is too long for an account's column would give new accounts no quota at all, as vadduser does."""
    if {"defaultquota", "defaultmaxmsgcount"} & changes.keys():
        text = quota.text_of(after["defaultquota"], after["defaultmaxmsgcount"])
        if len(text) > quota.LONGEST:
            raise Refused(
                _("vpopmail has no room for this size together with this number of messages: %(text)s.")
                % {"text": text},
                field="defaultquota",
            )


def _check_right(actor: Actor, domain: AssignedDomain) -> None:
    if actor is not None and not may(actor, CHANGE_LIMITS, domain):
        raise Refused(_("Only an administrator may change the limits of a domain."))


def change_limits(
    *, actor: Actor, domain: str, changes: Mapping[str, int], expected: Mapping[str, int] | None = None
) -> Outcome:
    """Set limits by their column names; the others stay, or get the defaults' values when the domain had no
    limits of its own.

    `expected` holds what the person saw: where that no longer stands, Changed is raised. Nothing is written
    when the domain's own limits say the same already. Raises VpopmailError.
    """
    real = rules.real_domain(domain)
    domain = real.name
    _check_right(actor, real)
    check_values(changes)
    _check_room(changes)
    old = limits.read(domain)
    check_default_quota({**old.values, **changes}, changes)
    new = {column: value for column, value in changes.items() if old.values[column] != value}
    seen = dict(expected or {})
    if not new and (old.own or not changes):
        return Outcome()
    shown: dict[str, object] = {column: [old.values[column], value] for column, value in new.items()}
    if not old.own:
        shown["limits"] = [old.source, "own"]
    return perform(
        actor,
        "vmoddomlimits",
        domain,
        lambda entry: get_engine().vmoddomlimits(
            domain, changes, expected={column: old.values[column] for column in new} | seen, entry=entry
        ),
        domain=domain,
        changes=shown,
        command=command_line("vmoddomlimits", options_of(old.values, changes), domain),
        warnings=limits_use.over(domain, new),
    )


def delete_limits(*, actor: Actor, domain: str, expected: Mapping[str, int] | None = None) -> Outcome:
    """Delete a domain's own limits, so that the defaults apply; nothing happens when it has none.

    `expected` as above. Raises VpopmailError.
    """
    real = rules.real_domain(domain)
    domain = real.name
    _check_right(actor, real)
    old = limits.read(domain)
    if not old.own:
        return Outcome()
    return perform(
        actor,
        "vmoddomlimits",
        domain,
        lambda entry: get_engine().vdellimits(
            domain, expected=old.values if expected is None else expected, entry=entry
        ),
        domain=domain,
        changes={"limits": [dict(old.values), None]},
        command=command_line("vmoddomlimits", ["-D"], domain),
    )

"""What pages and commands do to the limits of a domain: each function is one entry of the journal."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from audit.change import command_line, perform
from audit.log import Actor
from vpopmail import limits, rules
from vpopmail.engines import get_engine
from vpopmail.engines.base import Outcome, Refused

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


def _options(values: Mapping[str, int], changes: Mapping[str, int]) -> list[tuple[str, str]]:
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


def _check(changes: Mapping[str, int]) -> None:
    for column, value in changes.items():
        least = -1 if column.startswith("max") and column != "maxmsgcount" else 0
        if column not in limits.COLUMNS:
            raise Refused(_("There is no limit %(name)s.") % {"name": column})
        if value < least:
            raise Refused(_("The least value is %(least)d.") % {"least": least}, field=column)


def change_limits(
    *, actor: Actor, domain: str, changes: Mapping[str, int], expected: Mapping[str, int] | None = None
) -> Outcome:
    """Set limits by their column names; the others stay, or get the defaults' values when the domain had no
    limits of its own.

    `expected` holds what the person saw: where that no longer stands, Changed is raised. Nothing is written
    when the domain's own limits say the same already. Raises VpopmailError.
    """
    domain = rules.real_domain(domain).name
    _check(changes)
    old = limits.read(domain)
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
        command=command_line("vmoddomlimits", _options(old.values, changes), domain),
    )


def delete_limits(*, actor: Actor, domain: str, expected: Mapping[str, int] | None = None) -> Outcome:
    """Delete a domain's own limits, so that the defaults apply; nothing happens when it has none.

    `expected` as above. Raises VpopmailError.
    """
    domain = rules.real_domain(domain).name
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

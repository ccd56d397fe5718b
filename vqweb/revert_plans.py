"""What takes an entry of the journal back: which values it must still find, and what it then writes."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from accounts import forwarding_rules, forwarding_services
from accounts.gate import FOR_SUPERUSERS
from audit.models import Entry
from mailhost.delivery import parse
from vpopmail import delivery, forwarding, limits, models, quota, rules
from vpopmail import flags as bits
from vpopmail.aliases import get_alias
from vpopmail.engines import get_engine
from vpopmail.engines.base import Changed, Incomplete, NotFound, Outcome, Refused, VpopmailError
from vqweb import revert_aliases, revert_answers, revert_ip_map, revert_limits
from vqweb.revert_base import Plan, stands_no_more

Values = Mapping[str, Any]
CHANGE_ACCOUNT = "vpopmail.change_account"
CHANGE_ALIAS = "vpopmail.change_alias"
CHANGE_DOMAIN = "vpopmail.change_domain"
CHANGE_DELIVERY = "vpopmail.change_delivery"


# --- accounts ---


def _account(entry: Entry) -> models.Account:
    name, _at, domain = entry.target.rpartition("@")
    account = models.find_account(rules.real_domain(domain).name, name)
    if account is None:
        raise NotFound(_("There is no account %(address)s any more.") % {"address": entry.target})
    return account


def _plan_account(entry: Entry) -> Plan:
    """Display name and flags; of the flags only the bits that the entry touched must stand."""
    account = _account(entry)
    changes: dict[str, Any] = {}
    verb: dict[str, Any] = {}
    expected: dict[str, object] = {}
    if "gecos" in entry.changes:
        old, new = (value or "" for value in entry.changes["gecos"])
        if account.gecos != new:
            raise stands_no_more(_("the display name"), account.gecos)
        rules.check_gecos(account.domain, old)
        changes["gecos"], verb["gecos"], expected["gecos"] = [new, old], old, new
    touched = 0
    if "flags" in entry.changes:
        set_flags, clear_flags = _flags(entry, account)
        touched = set_flags | clear_flags
        changes["flags"] = [account.gid, bits.merged(account.gid, set_flags, clear_flags)]
        verb |= {"set_flags": set_flags, "clear_flags": clear_flags}
        expected["gid"] = account.gid

    def change(key: str) -> Outcome:
        return get_engine().vmoduser(account.domain, account.name, expected=expected, entry=key, **verb)

    return Plan(CHANGE_ACCOUNT, changes, change, superuser=bool(touched & FOR_SUPERUSERS))


def _flags(entry: Entry, account: models.Account) -> tuple[int, int]:
    """The bits to set and to clear. Raises Changed when one that the entry changed was changed again."""
    old, new = (int(value or 0) for value in entry.changes["flags"])
    touched = old ^ new
    if again := (account.gid ^ new) & touched:
        names = ", ".join(str(flag.label) for flag in bits.flags_in(again)) or hex(again)
        raise Changed(
            _("These flags were changed again since: %(names)s. Nothing was taken back.") % {"names": names}
        )
    return old & touched, new & touched


def _plan_quota(entry: Entry) -> Plan:
    account = _account(entry)
    old, new = (value or "" for value in entry.changes["quota"])
    if account.shell != new:
        raise stands_no_more(_("the quota"), quota.describe(account.shell))

    def change(key: str) -> Outcome:
        return get_engine().vsetuserquota(account.domain, account.name, old, expected=new, entry=key)

    return Plan(CHANGE_ACCOUNT, {"quota": [new, old]}, change)


def _plan_forwarding(entry: Entry) -> Plan:
    account = _account(entry)
    now = forwarding_services.read_forwarding(account)
    old, new = (list(value or []) for value in entry.changes["forwarding"])
    if (forwarding_services.noted(now.lines) or []) != new:
        raise stands_no_more(_("the forwarding"), ", ".join(part.shown for part in now.parts))
    forwarding_rules.check_no_circle(account, forwarding.parse(old, now.place).destinations)
    return Plan(
        forwarding_services.CHANGE_FORWARDING,
        {"forwarding": [new or None, old or None]},
        lambda key: forwarding_services.put_back(account, old, now, key),
    )


# --- aliases ---


def _plan_alias(entry: Entry) -> Plan:
    name, _at, domain = entry.target.rpartition("@")
    domain = rules.real_domain(domain).name
    present = [line.line for line in get_alias(domain, name)]
    revert_aliases.check_text(entry)
    if "lines" in entry.changes:
        return _plan_whole_alias(domain, name, entry, present)
    old, new = entry.changes["line"]
    if new is None:
        if old in present:
            raise Changed(_("The line %(line)s is there again already.") % {"line": old})
        return _plan_lines(domain, name, [old], {"line": [None, old]}, present)
    if present.count(new) != 1:
        raise Changed(
            _("The line %(line)s is no longer there as it was added. Nothing was taken back.") % {"line": new}
        )
    return Plan(
        CHANGE_ALIAS,
        {"line": [new, None]},
        lambda key: get_engine().valias_remove(domain, name, new, entry=key),
    )


def _plan_whole_alias(domain: str, name: str, entry: Entry, present: list[str]) -> Plan:
    """An alias deleted comes back with its lines; one that came back goes again, if it has just these."""
    old, new = ([] if value is None else list(value) for value in entry.changes["lines"])
    if sorted(present) != sorted(new):
        raise stands_no_more(_("the alias"), ", ".join(present))
    if old:
        return _plan_lines(domain, name, old, {"lines": [None, old]}, present)
    return Plan(CHANGE_ALIAS, {"lines": [new, None]}, lambda key: _remove_lines(domain, name, new, key))


def _plan_lines(domain: str, name: str, lines: list[str], changes: Values, present: list[str]) -> Plan:
    """Add lines again, all of them or none."""
    for line in lines:
        rules.check_new_alias_line(domain, name, line)
    beside = "" if present or models.find_account(domain, name) is None else f"{name}@{domain}"
    return Plan(
        CHANGE_ALIAS,
        dict(changes),
        lambda key: _add_lines(domain, name, lines, key),
        beside=beside,
        new_alias=() if present else tuple(lines),
    )


def _add_lines(domain: str, name: str, lines: list[str], key: str) -> Outcome:
    engine = get_engine()
    return _each(
        lines,
        lambda line: engine.valias_insert(domain, name, line, entry=key),
        lambda line: engine.valias_remove(domain, name, line, entry=key),
    )


def _remove_lines(domain: str, name: str, lines: list[str], key: str) -> Outcome:
    engine = get_engine()
    return _each(
        lines,
        lambda line: engine.valias_remove(domain, name, line, entry=key),
        lambda line: engine.valias_insert(domain, name, line, entry=key),
    )


def _each(lines: list[str], step: Callable[[str], Outcome], inverse: Callable[[str], Outcome]) -> Outcome:
    """All lines, or none: those done are taken back when one fails."""
    outcome, done = Outcome(), list[str]()
    try:
        for line in lines:
            outcome += step(line)
            done.append(line)
    except VpopmailError as error:
        try:
            for line in reversed(done):
                inverse(line)
        except VpopmailError as second:
            raise Incomplete(f"{error.message} {second.message}") from error
        raise
    return outcome


# --- limits ---


def _plan_limits(entry: Entry) -> Plan:
    if not entry.domain:
        return revert_limits.plan_default(entry)
    domain = rules.real_domain(entry.target).name
    now = limits.read(domain)
    changes = {column: pair for column, pair in entry.changes.items() if column in limits.COLUMNS}
    own = entry.changes.get("limits")
    if own is not None and own[1] is None:
        return _plan_deleted_limits(now, own[0])
    if own is not None and own[0] is None:
        return _plan_limits_come_back(now, own[1])
    for column, (_old, new) in changes.items():
        if now.values[column] != new or not now.own:
            raise stands_no_more(column, str(now.values[column]))
    if own is not None:
        return _plan_first_limits(now, changes)
    former = {column: old for column, (old, _new) in changes.items()}
    return Plan(
        CHANGE_DOMAIN,
        {column: [new, old] for column, (old, new) in changes.items()},
        lambda key: get_engine().vmoddomlimits(
            domain, former, expected={column: now.values[column] for column in former}, entry=key
        ),
    )


def _plan_deleted_limits(now: limits.DomainLimits, values: Values) -> Plan:
    if now.own:
        raise Changed(_("The domain has limits of its own again. Nothing was taken back."))
    wanted = {column: values[column] for column in limits.columns() if column in values}
    return Plan(
        CHANGE_DOMAIN,
        {"limits": [None, wanted]},
        lambda key: get_engine().vmoddomlimits(now.domain, wanted, expected=now.values, entry=key),
    )


def _plan_limits_come_back(now: limits.DomainLimits, values: Values) -> Plan:
    """The entry gave a domain back the limits that it had; before it, the defaults held."""
    for column, value in values.items():
        if not now.own or now.values[column] != value:
            raise stands_no_more(column, str(now.values[column]))
    return _plan_without_limits(now)


def _plan_without_limits(now: limits.DomainLimits) -> Plan:
    return Plan(
        CHANGE_DOMAIN,
        {"limits": [dict(now.values), None]},
        lambda key: get_engine().vdellimits(now.domain, expected=now.values, entry=key),
    )


def _plan_first_limits(now: limits.DomainLimits, changes: Values) -> Plan:
    """The entry gave the domain limits of its own; without them the defaults hold again."""
    defaults = limits.default(now.domain).values
    for column in limits.columns():
        old, new = changes.get(column, (defaults[column], defaults[column]))
        if now.values[column] != new:
            raise stands_no_more(column, str(now.values[column]))
        if defaults[column] != old:
            raise Changed(
                _("The default of %(limit)s has changed since, so that the former value would not return.")
                % {"limit": column}
            )
    return _plan_without_limits(now)


# --- delivery ---


def _plan_delivery(entry: Entry) -> Plan:
    domain = rules.real_domain(entry.target).name
    old, new = entry.changes["delivery"]
    now = delivery.read(domain)
    if list(now.lines) != list(new) or not now.readable:
        raise stands_no_more(_("the delivery"), ", ".join(now.shown))
    if old is None:
        raise Refused(_("There was no file before, and without one no mail of the domain is delivered."))
    foreign = parse(old).place is None  # as where another program's line is replaced
    return Plan(
        CHANGE_DOMAIN if foreign else CHANGE_DELIVERY,
        {"delivery": [new, old]},
        lambda key: get_engine().vmakedotqmail(domain, old, expected=now.fingerprint, entry=key),
    )


# The right that taking back an entry of that action needs, before anything of it is looked at.
NEEDS = {
    "vmoduser": CHANGE_ACCOUNT,
    "vsetuserquota": CHANGE_ACCOUNT,
    "dotqmail": forwarding_services.CHANGE_FORWARDING,
    **revert_answers.NEEDS,
    "valias": CHANGE_ALIAS,
    "dotqmail2valias": CHANGE_DOMAIN,
    "vmoddomlimits": CHANGE_DOMAIN,
    "vmakedotqmail": CHANGE_DELIVERY,
    "vipmap": CHANGE_DOMAIN,
}
PLANS: dict[str, Callable[[Entry], Plan]] = {
    "vmoduser": _plan_account,
    "vsetuserquota": _plan_quota,
    "dotqmail": _plan_forwarding,
    **revert_answers.PLANS,
    "valias": _plan_alias,
    "dotqmail2valias": revert_aliases.plan_conversion,
    "vmoddomlimits": _plan_limits,
    "vmakedotqmail": _plan_delivery,
    "vipmap": revert_ip_map.plan,
}

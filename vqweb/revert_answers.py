"""What takes changes of automatic answers back."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from accounts import robot_services
from accounts.vacation_services import CHANGE_VACATION, step_to
from accounts.vacation_state import Standing, Wanted, standing_of
from audit.models import Entry
from vpopmail import rules
from vpopmail.engines import get_engine
from vpopmail.engines.base import NotFound, Refused
from vpopmail.models import find_account
from vqweb.revert_base import Plan, stands_no_more

CHANGE_ALIAS = "vpopmail.change_alias"
TIMER = "manage.py vacations_due"


def plan_vacation(entry: Entry) -> Plan:
    """The former words and days hold again, as far as these are not over."""
    if entry.command == TIMER:
        raise Refused(_("Its first or last day had come. Answer anew on the page of the account."))
    name, _at, domain = entry.target.rpartition("@")
    account = find_account(rules.real_domain(domain).name, name)
    if account is None:
        raise NotFound(_("There is no account %(address)s any more.") % {"address": entry.target})
    now = standing_of(account)
    now.check_editable()
    present = _values(now)
    pairs = {key: value for key, value in entry.changes.items() if key in present}
    for key, (_old, new) in pairs.items():
        if present[key] != (new or ""):
            raise stands_no_more(_("the answer"), present[key])
    before = {key: old or "" for key, (old, _new) in pairs.items()}
    former = None if before.get("vacation") == "off" else _wanted(now, present | before)
    changes = {key: [new, old] for key, (old, new) in pairs.items()}
    return Plan(CHANGE_VACATION, changes, step_to(now, former))


def _values(now: Standing) -> dict[str, str]:
    days = {"first_day": now.first_day, "last_day": now.last_day}
    texts = {"vacation": now.state, "subject": now.texts.subject, "text": now.texts.text}
    return texts | {key: day.isoformat() if day else "" for key, day in days.items()}


def _wanted(now: Standing, values: dict[str, str]) -> Wanted:
    days = (values["first_day"], values["last_day"])
    first, last = (date.fromisoformat(day) if day else None for day in days)
    return Wanted(values["subject"], values["text"], first, last, now.time_zone)


def plan_autoresponder(entry: Entry) -> Plan:
    """The former words, and whom else the mail went to."""
    names = ("subject", "text", "forwards")
    pairs: dict[str, Any] = {key: value for key, value in entry.changes.items() if key in names}
    _check_altered(pairs)
    name, _at, domain = entry.target.rpartition("@")
    robot = robot_services.find_robot(rules.real_domain(domain).name, name)
    robot_services.check_ours(robot)
    now = robot_services.present(robot)
    values: dict[str, Any] = {"subject": now.subject, "text": now.text, "forwards": list(now.forwards)}
    for key, (_old, new) in pairs.items():
        if values[key] != (new or type(values[key])()):
            raise stands_no_more(_("the autoresponder"), str(values[key]))
    former = values | {key: old or type(values[key])() for key, (old, _new) in pairs.items()}
    wanted = robot_services.Wanted(former["subject"], former["text"], tuple(former["forwards"]))
    robot_services.check_forwards(robot.domain, robot.name, wanted.forwards)
    change = robot_services.alteration(robot, wanted)
    return Plan(
        CHANGE_ALIAS,
        {key: [new, old] for key, (old, new) in pairs.items()},
        lambda key: get_engine().autoresponder(robot.domain, robot.name, change, entry=key),
    )


def _check_altered(pairs: dict[str, Any]) -> None:
    """Each has a text: where there was none, it was added, and where there is none now, deleted."""
    old, new = pairs.get("text", ("", ""))
    if old is None:
        raise Refused(_("What was added is not taken back but deleted, on its own page."))
    if new is None:
        raise Refused(_("It can be added again: this entry has what it answered."))


NEEDS = {"vacation": CHANGE_VACATION, "autoresponder": CHANGE_ALIAS}
PLANS: dict[str, Callable[[Entry], Plan]] = {"vacation": plan_vacation, "autoresponder": plan_autoresponder}

"""What takes back that aliases were moved between the table and files: they move the other way."""

from typing import Any

from django.utils.translation import gettext as _

from audit.models import Entry
from vpopmail import conversion, rules
from vpopmail.engines import get_engine
from vpopmail.engines.base import Changed, Outcome, Refused
from vqweb.revert_base import Plan


def plan_conversion(entry: Entry) -> Plan:
    """Those of the aliases that are still where the entry put them. Raises Changed when none is."""
    domain = rules.real_domain(entry.target).name
    was, now = entry.changes["stored"]
    names = set((entry.changes.get("aliases") or [None, []])[1] or [])
    wanted = conversion.plan(domain, was, names) if names else conversion.ConversionPlan(domain, was)
    if wanted.refused or not wanted.goes:
        raise Changed(
            wanted.refused or _("None of these aliases is still where it was put. Nothing was taken back.")
        )
    changes: dict[str, Any] = {"stored": [now, was], "aliases": [None, [item.name for item in wanted.goes]]}

    def change(key: str) -> Outcome:
        done: list[conversion.Item] = []

        def convert(item: conversion.Item) -> Outcome:
            return get_engine().valias_convert(domain, item.name, was, item.lines, entry=key)

        return Outcome(warnings=conversion.convert_all(wanted, convert, done))

    return Plan("vpopmail.change_domain", changes, change)


def check_text(entry: Entry) -> None:
    """Raises Refused for lines that the journal holds in a readable form only."""
    if "\N{REPLACEMENT CHARACTER}" in str(entry.changes):
        raise Refused(_("A line held bytes that are no text, and the journal does not keep those."))

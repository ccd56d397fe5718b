"""What the pages of limits say beside the form: where they come from, what is used, what vpopmail makes of
them."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from audit.limit_names import TITLES
from domains.limits_forms import LimitsForm, State
from domains.limits_services import DENIALS
from domains.limits_words import (
    MASKS,
    SHOWN_COUNTS,
    SHOWN_SIZES,
    SHOWN_SWITCHES,
    denied,
    said,
)
from vpopmail import limits, limits_use
from vpopmail.limits import DomainLimits
from vpopmail.schema import schema

SHIFTED = ("-l", "-u", "-o", "-x", "-z")  # the masks that vpopmail reads from another column


def state_of(found: DomainLimits) -> State:
    """A domain without limits of its own says nothing."""
    return {column: found[column] if found.own else None for column in limits.COLUMNS}


def state_of_defaults(found: limits.Defaults) -> State:
    return {column: found.said_of(column) for column in limits.COLUMNS}


def page_of(domain: str, found: DomainLimits, form: LimitsForm) -> dict[str, Any]:
    """The context of a domain's page."""
    used = limits_use.used(domain)
    return {
        **parts_of(form, used),
        "own": found.own,
        "source": source(found),
        "misread": misread(found.values) if found.source == "sql" else [],
        "in_table": schema().limits == "sql",
        "over": limits_use.over(domain, found.values, used),
        "facts": facts(found, used),
        "denied": mask_facts(found),
    }


def parts_of(form: LimitsForm, used: Mapping[str, object]) -> dict[str, Any]:
    return {
        "form": form,
        "counts": list(form.rows(SHOWN_COUNTS, used)),
        "sizes": list(form.rows(SHOWN_SIZES, {})),
        "switches": list(form.rows(SHOWN_SWITCHES, {})),
        "masks": list(form.mask_rows()),
    }


def source(found: DomainLimits) -> str:
    """Where they stand, in a sentence."""
    sentences = {
        "sql": _("This domain has limits of its own, in the table of limits."),
        "file": _("This domain has limits of its own, in its file .qmailadmin-limits."),
        "default": _("This domain has no limits of its own: those for all domains hold."),
        "none": _(
            "This domain has no limits of its own, and the file with those for all domains is missing. "
            "vpopmail’s programs add no account then."
        ),
    }
    return sentences[found.source]


def facts(found: DomainLimits, used: Mapping[str, object]) -> list[tuple[Any, object, str]]:
    """Name, use and limit, for who only looks."""
    shown = [
        column for column in (*SHOWN_COUNTS, *SHOWN_SIZES, *SHOWN_SWITCHES) if column in limits.columns()
    ]
    return [(TITLES[column], used.get(column), said(column, found[column])) for column in shown]


def mask_facts(found: DomainLimits) -> list[tuple[Any, str]]:
    """What administrators of the domain other than the postmaster may not do."""
    return [
        (MASKS[option], denied(option, found.values))
        for option in MASKS
        if DENIALS[option][0] in limits.columns()
    ]


def misread(values: Mapping[str, int]) -> list[tuple[Any, str, str]]:
    """The masks that vpopmail's own programs take for others: what, as it stands, as they read it."""
    theirs = limits.as_vpopmail_reads(values)
    rows = [(MASKS[option], denied(option, values), denied(option, theirs)) for option in SHIFTED]
    return [row for row in rows if row[1] != row[2]]

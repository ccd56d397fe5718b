"""The autoresponders of a domain: aliases with a line that runs one of the two programs, in the table and in
files."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import ngettext

from mailhost import answers
from vpopmail import helper, limits
from vpopmail.aliases import TABLE
from vpopmail.answers import Robot, robot_of
from vpopmail.database import quoted, reading, rows
from vpopmail.engines.base import NotFound, Refused
from vpopmail.schema import schema

_MARKS = ("%/autorespond %", "%/qmail-autoresponder %")
_PAGE = 500


@dataclass(frozen=True, slots=True)
class RobotPage:
    """Autoresponders by name; `next_after` is "" on the last page."""

    rows: Sequence[Robot]
    next_after: str = ""


def robots_of(domain: str, after: str = "", limit: int = 50) -> RobotPage:
    """Those of a real domain after the name `after`, each with its message."""
    names = names_of(domain, after, limit + 1)
    shown = [robot for name in names[:limit] if (robot := robot_of(domain, name)) is not None]
    return RobotPage(shown, names[limit - 1] if len(names) > limit else "")


def names_of(domain: str, after: str = "", limit: int = _PAGE) -> list[str]:
    """Their names, at most so many."""
    found = set(_in_files(domain, after, limit))
    if schema().has_table(TABLE):
        found |= set(reading(_in_table, domain, after, limit))
    return sorted(found)[:limit]


def _in_table(domain: str, after: str, limit: int) -> list[str]:
    index = "" if schema().sqlite else schema().index_on(TABLE, "domain")
    hint = f" FORCE INDEX ({quoted(index)})" if index else ""
    found = rows(
        f"SELECT DISTINCT alias FROM {quoted(TABLE)}{hint} WHERE domain = %s AND alias > %s "  # noqa: S608
        f"AND (valias_line LIKE %s OR valias_line LIKE %s) ORDER BY alias LIMIT {limit:d}",
        [domain, after, *_MARKS],
    )
    return [name.lower() for (name,) in found]


def _in_files(domain: str, after: str, limit: int) -> list[str]:
    most = min(limit, _PAGE)
    try:
        answer = helper.call("list_dotqmail", domain=domain, after=after, limit=most, contains="autorespond")
    except NotFound:
        return []
    return [file["name"] for file in answer["files"] if any(map(answers.program_of, file["lines"]))]


def over_autoresponders(domain: str) -> str:
    """Why a real domain may not have one more, in a sentence; "" when it may."""
    most = limits.read(domain).values["maxautoresponders"]
    if most < 0 or len(names_of(domain, limit=most + 1)) < most:
        return ""
    message = ngettext(
        "%(domain)s may have %(most)d autoresponder, and would now have more.",
        "%(domain)s may have %(most)d autoresponders, and would now have more.",
        most,
    )
    return message % {"domain": domain, "most": most}


def check_autoresponders(domain: str) -> None:
    """Raises Refused when the limits don't allow one more."""
    if sentence := over_autoresponders(domain):
        raise Refused(sentence, field="name")

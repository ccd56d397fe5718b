"""Which aliases of a domain can move from files into the table or back, and why the others stay.

Only what means the same in both places moves: vpopmail reads a row otherwise than qmail reads a file (blanks
at the ends, paths that begin with a dot), the table keeps no order for programs that end a delivery, and a
name that ends in `-default` takes the mail of many names, in an order that would change.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mailhost import dotqmail
from mailhost.dotqmail import BadLine, check_line, parse_line
from vpopmail import delivery, helper
from vpopmail.alias_kinds import AUTORESPONDER, is_list, role_of
from vpopmail.aliases import (
    TABLE,
    Alias,
    can_be_a_file,
    names_with_copies,
    page_of_files,
    page_of_rows,
    rows_of,
)
from vpopmail.assigned import domains
from vpopmail.engines.base import Changed, NotFound, Outcome, Refused, Unavailable
from vpopmail.forwarding_parts import printable
from vpopmail.recipients import patterns
from vpopmail.schema import schema

MOST = 500  # aliases that move at once
MOST_LOOKED_AT = 20_000
_PAGE = 500
_LONGEST_NAME = 32  # of valias.alias, as vpopmail makes it
_MOST_LINES = 1000
OTHER = {"sql": "files", "files": "sql"}
WORDS = {"sql": gettext_lazy("in the table"), "files": gettext_lazy("in files")}


@dataclass(frozen=True, slots=True)
class Item:
    """One alias, and why it stays where it is; "" when it moves."""

    name: str
    lines: tuple[str, ...]
    why: str = ""

    @property
    def shown(self) -> list[str]:
        return [printable(line) for line in self.lines]


@dataclass(frozen=True, slots=True)
class ConversionPlan:
    """What would move. `refused` is why nothing can, `more` that others would move the next time."""

    domain: str
    to: str
    goes: Sequence[Item] = field(default_factory=tuple)
    stays: Sequence[Item] = field(default_factory=tuple)
    refused: str = ""
    more: bool = False

    @property
    def seen(self) -> str:
        """Stands for what moves in a form, so that the second of two writers is told."""
        text = json.dumps([self.to, *([item.name, *item.shown] for item in self.goes)])
        return hashlib.sha256(text.encode()).hexdigest()


def plan(domain: str, to: str, names: Collection[str] = (), *, programs: bool = True) -> ConversionPlan:
    """The plan for a real domain, or for these aliases of it. `programs`: whoever asks may enter programs."""
    try:
        if refused := _refusal(domain, to):
            return ConversionPlan(domain, to, refused=refused)
        return _plan(domain, to, names, programs)
    except NotFound as error:  # its directory
        return ConversionPlan(domain, to, refused=error.message)


def _refusal(domain: str, to: str) -> str:
    if to == "files":
        return ""
    if schema().aliases == "files":
        return _("This vpopmail does not look into the table of aliases: it was built to use files.")
    if schema().sqlite:
        # vsqlite.c, valias_select takes a row for an error, so that vdelivermail bounces (run with 5.6.13).
        return _(
            "vpopmail with SQLite does not find what stands in the table of aliases: mail would bounce."
        )
    if not any("vdelivermail" in line for line in delivery.read(domain).lines):
        return _("Mail for this domain is not delivered by vdelivermail, so nobody looks into the table.")
    return ""


def _plan(domain: str, to: str, names: Collection[str], programs: bool) -> ConversionPlan:
    goes: list[Item] = []
    stays: list[Item] = []
    for count, (alias, why) in enumerate(_judged(domain, to, programs)):
        if count >= MOST_LOOKED_AT or len(goes) > MOST:
            break
        if not names or alias.name.lower() in names:
            item = Item(alias.name, tuple(line.line for line in alias.lines), why)
            (stays if why else goes).append(item)
    return ConversionPlan(domain, to, goes[:MOST], stays, more=len(goes) > MOST)


def _judged(domain: str, to: str, programs: bool) -> Iterator[tuple[Alias, str]]:
    """Each alias of the place that is left, with why it stays."""
    pages = page_of_files if to == "sql" else page_of_rows
    allowed = programs and (to == "sql" or bool(helper.call("ping").get("programs")))
    after = ""
    while True:
        page = pages(domain, after, _PAGE, "")
        facts = _Facts.of(domain, to, page.rows, allowed)
        for alias in page.rows:
            yield alias, _why(alias, to, facts)
        after = page.next_after
        if not after:
            return


@dataclass(frozen=True, slots=True)
class _Facts:
    """About a page of aliases: names that are files, and names that have rows or marks in the table."""

    directory: str
    files: set[str]
    rows: set[str]
    marked: set[str]
    programs: bool

    @classmethod
    def of(cls, domain: str, to: str, page: Sequence[Alias], programs: bool) -> "_Facts":
        names = {alias.name.lower() for alias in page}
        real = domains().get(domain)
        return cls(
            real.directory if real else "",
            _files(domain, {*names, *(one for name in names for one in patterns(name))}),
            {alias.name.lower() for alias in rows_of(domain, sorted(names))} if to == "sql" else set(),
            names_with_copies(domain, sorted(names)) if to == "files" else set(),
            programs,
        )


def _files(domain: str, names: Iterable[str]) -> set[str]:
    possible = sorted(name for name in names if can_be_a_file(name))
    found: set[str] = set()
    for start in range(0, len(possible), _PAGE):
        answer = helper.call("check_names", domain=domain, names=possible[start : start + _PAGE])["names"]
        found |= {name for name, state in answer.items() if state["dotqmail"]}
    return found


def _why(alias: Alias, to: str, facts: _Facts) -> str:
    """The first reason to stay."""
    checks = (_name_stays, _lines_stay, _file_stays if to == "sql" else _rows_stay, _programs_stay)
    return next((why for check in checks if (why := check(alias, facts))), "")


def _name_stays(alias: Alias, facts: _Facts) -> str:
    name = alias.name.lower()
    if name == "default" or name.endswith("-default"):
        return _("It takes the mail of many names, and the order in which they are looked up would change.")
    taken = next((one for one in patterns(name) if one in facts.files), "")
    if taken:
        return _("The file of %(name)s comes before rows, so that its mail would take another way.") % {
            "name": taken
        }
    return ""


def _lines_stay(alias: Alias, facts: _Facts) -> str:
    lines = [line.line for line in alias.lines]
    if not alias.readable:
        return _("Its file may not be read by the panel.")
    if is_list(lines):
        return _("It belongs to a mailing list, whose programs work with files.")
    if not any(line.strip() for line in lines):
        return _("It has no lines: then the server delivers as it is told for empty files.")
    if any(map(_is_odd, lines)):
        return _("It has a line that means something else there, such as a blank one or a path with a dot.")
    return ""


def _is_odd(line: str) -> bool:
    """Would table and file read it differently?"""
    try:
        checked = check_line(line)
    except BadLine:
        return True
    return not line.isascii() or line != line.strip() or line.startswith(".") or checked.kind == "mbox"


def _file_stays(alias: Alias, facts: _Facts) -> str:
    lines = [line.line for line in alias.lines]
    if alias.name.lower() in facts.rows:
        return _("There are rows of the same name; the file hides them.")
    if len(alias.name) > schema().width(TABLE, "alias", _LONGEST_NAME):
        return _("Its name is too long for the table.")
    ends = [line for line in lines if line.startswith("|") and role_of(line) != AUTORESPONDER]
    if ends and len(lines) > 1:
        return _("It has a program beside other lines: the table keeps no order, and a program may end it.")
    return ""


def _rows_stay(alias: Alias, facts: _Facts) -> str:
    if alias.name != alias.name.lower() or not can_be_a_file(alias.name):
        return _("No file can have its name.")
    if alias.name in facts.files:
        return _("There is a file of the same name; it hides the rows.")
    if alias.name in facts.marked:
        return _("Another program left a mark in the column “copy”.")
    if len(alias.lines) >= _MOST_LINES:
        return _("It has too many lines for one file.")
    return ""


def _programs_stay(alias: Alias, facts: _Facts) -> str:
    if facts.programs:
        return ""
    for line in alias.lines:
        foreign = line.kind == "maildir" and not dotqmail.is_own(parse_line(line.line), facts.directory)
        if line.kind == "program" or foreign:
            return _("It has a program or a path of another domain, which may not be entered.")
    return ""


# --- doing it ---


def convert_all(
    wanted: ConversionPlan, convert: Callable[[Item], Outcome], done: list[Item]
) -> tuple[str, ...]:
    """Move each alias of the plan; `done` is filled meanwhile. Warnings name those that stay after all, and
    where it stopped. Raises what came first when nothing moved."""
    warnings: list[str] = []
    for item in wanted.goes:
        try:
            warnings += convert(item).warnings
        except (Changed, NotFound, Refused) as error:
            warnings.append(f"{item.name}: {error.message}")
            if len(wanted.goes) == 1:
                raise
        except Unavailable as error:
            if not done:
                raise
            return (*warnings, f"{item.name}: {error.message}")
        else:
            done.append(item)
    if not done:
        raise Changed(" ".join(warnings))
    return tuple(warnings)

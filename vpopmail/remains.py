"""What is left of a name when an address is added: rows under the names of alias domains, where nothing else
looks. vpopmail leaves them behind when it deletes; whoever gets the address next would inherit them.

Rows and files of the address itself are another matter: an alias of the name is asked about (rules), and the
last sign-in is written anew with each account.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vpopmail.assigned import domains
from vpopmail.database import quoted, reading, rows
from vpopmail.engines.base import Refused
from vpopmail.schema import schema

# Table and column of the name: in valias under what alias, in lastauth of whom.
PLACES = (("valias", "alias"), ("lastauth", "user"))
_CHUNK = 500  # alias domains in one query


class Remains(Refused):
    """Something is left of the name: whether it goes or stays is a question."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row that is left: its table, the alias domain, and what it says."""

    table: str
    domain: str
    text: str = ""


def remains_of(domain: str, name: str) -> list[Row]:
    """What is left of a name of a real domain."""
    aliases = list(domains().aliases_of(domain))
    found: list[Row] = []
    for start in range(0, len(aliases), _CHUNK):
        found += reading(_rows, name, aliases[start : start + _CHUNK])
    return found


def _rows(name: str, aliases: Sequence[str]) -> list[Row]:
    found: list[Row] = []
    marks = ", ".join(["%s"] * len(aliases))
    for table, column in PLACES:
        if not schema().has_table(table):
            continue
        text = "valias_line" if table == "valias" else "remote_ip"
        sql = (
            f"SELECT domain, {text} FROM {quoted(table)} "  # noqa: S608
            f"WHERE {quoted(column)} = %s AND domain IN ({marks}) ORDER BY domain"
        )
        found += [Row(table, str(domain), str(value)) for domain, value in rows(sql, [name, *aliases])]
    return found


def in_words(name: str, found: Sequence[Row]) -> list[str]:
    """One sentence for the aliases, one for the sign-ins."""
    sentences = []
    lines = [f"{name}@{row.domain} → {row.text}" for row in found if row.table == "valias"]
    if lines:
        sentences.append(
            ngettext("An alias: %(lines)s.", "Aliases: %(lines)s.", len(lines)) % {"lines": ", ".join(lines)}
        )
    signed: list[Any] = [f"{name}@{row.domain}" for row in found if row.table == "lastauth"]
    if signed:
        sentences.append(_("Last sign-ins as %(names)s.") % {"names": ", ".join(signed)})
    return sentences

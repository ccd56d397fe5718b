"""What a domain may have and what its new accounts get: the table `limits`, or `.qmailadmin-limits`, or
`vlimits.default`.

Columns are read and written by name: vpopmail's own reading is off by one for three of them
(measured).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mailhost import limitsedit, limitsfile
from vpopmail import flags, helper, quota
from vpopmail.database import quoted, reading, rows
from vpopmail.schema import schema

COLUMNS: tuple[str, ...] = limitsfile.COLUMNS
COUNTS: tuple[str, ...] = tuple(limitsfile.COUNTS)  # the first five are of things that a domain has
SWITCHES: tuple[str, ...] = tuple(limitsfile.SWITCHES)
TABLE = "limits"


@dataclass(frozen=True, slots=True)
class DomainLimits:
    """All limits by SQL column name; −1 is unlimited for the five counts, 0 is none for sizes.

    `source` is "sql" or "file" (the domain's own), "default" (vlimits.default), or "none" (that file is
    missing as well). `fingerprint` is the file's, for writing it back.
    """

    domain: str
    values: dict[str, int]
    source: str
    fingerprint: Mapping[str, Any] | None = field(default=None, compare=False)

    @property
    def own(self) -> bool:
        """Has the domain limits of its own?"""
        return self.source in ("sql", "file")

    @property
    def default_quota(self) -> str:
        """pw_shell of a new account: "52428800S,1000C", "NOQUOTA".

        A text too long for the column leaves NOQUOTA, as vadduser does.
        """
        text = quota.text_of(self.values["defaultquota"], self.values["defaultmaxmsgcount"])
        return text if len(text) <= quota.LONGEST else quota.NONE

    @property
    def flags(self) -> int:
        """The bits that the domain sets for every account that does not override them."""
        return flags.effective(0, self.values)

    def __getitem__(self, column: str) -> int:
        return self.values[column]


@dataclass(frozen=True, slots=True)
class Defaults:
    """vlimits.default as it is: `said` are the limits that it says something about, the others have
    vpopmail's initial value. `fingerprint` None: there is no such file.
    """

    values: dict[str, int]
    said: frozenset[str]
    text: str
    fingerprint: Mapping[str, Any] | None = field(default=None, compare=False)

    @property
    def exists(self) -> bool:
        return self.fingerprint is not None

    def said_of(self, column: str) -> int | None:
        """None where the file says nothing about it; of a switch 1 or None."""
        return self.values[column] if column in self.said else None


def columns() -> tuple[str, ...]:
    """The limits that can be stored here: all, or those that this version's table has."""
    if schema().limits == "files" or not schema().has_table(TABLE):
        return COLUMNS
    present = schema().columns(TABLE)
    return tuple(column for column in COLUMNS if column in present)


def read(domain: str) -> DomainLimits:
    """The limits of a real domain that hold now."""
    found = reading(_from_table, domain) if schema().limits == "sql" else _from_file(domain)
    return found or default(domain)


def default(domain: str = "") -> DomainLimits:
    """What holds for a domain without limits of its own."""
    answer = helper.call("read_default_limits")
    source = "default" if answer["exists"] else "none"
    return DomainLimits(domain, limitsfile.parse(answer["text"] or ""), source)


def defaults() -> Defaults:
    """The file itself, for editing it. Raises Refused where it is a link, or too long to be one."""
    answer = helper.call("read_default_limits")
    text = answer["text"] or ""
    return Defaults(limitsfile.parse(text), limitsedit.said(text), text, answer["fingerprint"])


def as_vpopmail_reads(values: Mapping[str, int]) -> dict[str, int]:
    """What vpopmail's own programs make of a row of the table: from perm_maillist on they read one column too
    far to the left, so that a change of theirs shifts the masks for good (measured).
    """
    return {
        **values,
        "perm_maillist": values["perm_autoresponder"],
        "perm_quota": values["perm_maillist"],
        "perm_defaultquota": values["perm_quota"],
    }


def _from_table(domain: str) -> DomainLimits | None:
    if not schema().has_table(TABLE):
        return None
    names = columns()
    found = rows(
        f"SELECT {', '.join(map(quoted, names))} FROM {quoted(TABLE)} WHERE domain = %s",  # noqa: S608
        [domain],
    )
    if not found:
        return None
    stored = {name: int(value or 0) for name, value in zip(names, found[0], strict=True)}
    return DomainLimits(domain, limitsfile.DEFAULTS | stored, "sql")


def _from_file(domain: str) -> DomainLimits | None:
    answer = helper.call("read_limits", domain=domain)
    if not answer["exists"]:
        return None
    return DomainLimits(domain, limitsfile.parse(answer["text"]), "file", answer["fingerprint"])

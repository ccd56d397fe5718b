"""Rows out of the record of a deleted domain, as they are for the domain that they come back to."""

from dataclasses import dataclass, replace

from django.conf import settings

from mailhost.dotqmail import with_paths
from vpopmail import helper
from vpopmail.engines.native import sql

_DOMAIN = ("pw_domain", "domain")


@dataclass(frozen=True, slots=True)
class Moving:
    """From the domain `was`, whose directory was `former`, to `domain`, whose directory is `directory`.

    `uid` is whose the files are; `place` the hash directory of the domain itself.
    """

    was: str
    domain: str
    former: str
    directory: str
    uid: int
    place: str = ""

    @classmethod
    def of(cls, source: str, was: str, domain: str, directory: str = "") -> "Moving":
        """`directory` "" stands for the former one."""
        found = helper.call("former_directory", source=source, domain=was)
        former = str(found["directory"])
        return cls(was, domain, former, directory or former, int(found["uid"]))

    @property
    def renames(self) -> bool:
        return self.was != self.domain

    def at(self, place: str) -> "Moving":
        """The same, to where a new domain goes."""
        parts = (str(settings.VPOPMAIL_HOME), "domains", place, self.domain)
        return replace(self, directory="/".join(part for part in parts if part), place=place)

    def row(self, table: str, row: sql.Row) -> sql.Row:
        """The row with the new name and paths; a mailbox that lay elsewhere stays there."""
        moved = dict(row)
        for column in _DOMAIN:
            if moved.get(column) == self.was:
                moved[column] = self.domain
        if str(row.get("pw_dir") or "").startswith(f"{self.former}/"):
            moved["pw_dir"] = self.directory + str(row["pw_dir"])[len(self.former) :]
        if row.get("valias_line"):
            moved["valias_line"] = with_paths(str(row["valias_line"]), self.former, self.directory)
        return moved

"""What an engine can do: one method per program of vpopmail, the errors it raises, and what it answers."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from vpopmail.repairs import Repair


class VpopmailError(Exception):
    """A change could not be made; `message` is a sentence for people, `field` the form field it belongs
    to, or ""."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.message = str(message)
        self.field = field


class Refused(VpopmailError):
    """A rule, a name or a state forbids it; nothing was changed."""


class Occupied(Refused):
    """A directory with mail or files in it has the new account's name; it can be moved to the trash first."""


class NotFound(VpopmailError):
    """The domain, account, alias or line does not exist."""


class Changed(VpopmailError):
    """Somebody else changed the same row or file meanwhile; nothing was overwritten."""


class Unavailable(VpopmailError):
    """The database or the helper cannot be reached, or the disk refuses; nothing was changed."""


class Incomplete(VpopmailError):
    """A step failed and not every earlier step could be taken back; the message says what is left."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an engine's method tells beside success.

    `warnings` are sentences for people; `kept_until` is when the trash is emptied (None: nothing was parked);
    `trash` is the directory on the mail host.
    """

    warnings: tuple[str, ...] = ()
    kept_until: datetime | None = None
    trash: str = ""

    def __add__(self, other: "Outcome") -> "Outcome":
        return Outcome(
            self.warnings + other.warnings,
            max(filter(None, (self.kept_until, other.kept_until)), default=None),
            self.trash or other.trash,
        )


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of an interrupted change: whether it stands now, and sentences on what was found and
    done."""

    done: bool
    report: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account to be made. `password_hash` is ready for crypt(3); `clear` is empty unless clear passwords
    are kept.

    `quota` is vpopmail's text (`10485760S`, `NOQUOTA`), or "" for the domain's default; `flags` the bits of
    pw_gid. `park_existing`: what a directory of that name holds is moved to the trash first, not refused.
    `remove_left`: what vpopmail.remains finds of the name is removed.
    """

    name: str
    password_hash: str = field(repr=False)
    clear: str = field(default="", repr=False)
    gecos: str = ""
    quota: str = ""
    flags: int = 0
    park_existing: bool = False
    remove_left: bool = False


@dataclass(frozen=True, slots=True)
class Switch:
    """How one account is disabled, or enabled again. `gid` and `was_locked` are pw_gid and whether the hash
    was locked when it was looked at.

    `lock` puts the mark before the hash and empties the clear password; False takes the mark away; None
    leaves both. `aside` says the same of the account's own `.qmail`."""

    name: str
    gid: int
    was_locked: bool
    set_flags: int = 0
    clear_flags: int = 0
    lock: bool | None = None
    aside: bool | None = None


@dataclass(frozen=True, slots=True)
class AnswerChange:
    """What an automatic answer becomes: the message's bytes (each as the letter of its number; None: it goes)
    for `program`, and the lines that have it sent (None: they stay as they are).

    `seen` and `seen_file` are fingerprints of the message and of the account's `.qmail`; `seen_lines` are the
    lines of the autoresponder, and `store` says where those are ("sql" or "files").
    """

    program: str
    data: str | None
    seen: dict[str, Any] | None = None
    lines: Sequence[str] | None = None
    seen_file: dict[str, Any] | None = None
    seen_lines: Sequence[str] | None = None
    store: str = "sql"


class Engine(ABC):
    """Performs changes. Every method takes `entry`, the journal's id, and raises a VpopmailError with nothing
    changed.

    Names are lower-case ASCII and already validated; domains may be given by an alias domain's name where
    vpopmail allows it (accounts, aliases, limits). Rules that need several tables (`vpopmail.rules`) are
    checked again under the lock.
    """

    @abstractmethod
    def vadddomain(
        self, domain: str, postmaster: NewAccount, *, unknown: str = "bounce", entry: str = ""
    ) -> Outcome:
        """Make a domain with its postmaster; `unknown` is `bounce`, `delete` or an address (vadddomain.c)."""

    @abstractmethod
    def vdeldomain(self, domain: str, *, with_alias_domains: bool = False, entry: str = "") -> Outcome:
        """Delete a domain, parking its directory, or an alias domain alone (vdeldomain.c)."""

    @abstractmethod
    def vaddaliasdomain(self, real: str, alias: str, *, entry: str = "") -> Outcome:
        """Make `alias` another name of `real` (vaddaliasdomain.c)."""

    @abstractmethod
    def vadduser(self, domain: str, account: NewAccount, *, bound: bool = False, entry: str = "") -> Outcome:
        """Make row and mailbox, or neither (vpopmail.c, vadduser).

        `bound`: the domain's limits hold for whoever asks, and are counted under the lock.
        """

    @abstractmethod
    def vaddusers(
        self, domain: str, accounts: Sequence[NewAccount], *, bound: bool = False, entry: str = ""
    ) -> Outcome:
        """The same result as that many calls of vadduser, hundreds per transaction and helper message; all
        or none."""

    @abstractmethod
    def vdeluser(self, domain: str, name: str, *, aliases: str = "keep", entry: str = "") -> Outcome:
        """Delete the row, park the mailbox; `aliases` is `keep` or `delete` (valias rows or file of the
        same name)."""

    @abstractmethod
    def vpasswd(
        self, domain: str, name: str, password_hash: str, clear: str = "", *, entry: str = ""
    ) -> Outcome:
        """Hash and clear password change together (a clear password beside a new hash lets
        people in)."""

    @abstractmethod
    def vmoduser(
        self,
        domain: str,
        name: str,
        *,
        gecos: str | None = None,
        set_flags: int = 0,
        clear_flags: int = 0,
        expected: Mapping[str, object] | None = None,
        entry: str = "",
    ) -> Outcome:
        """Change the display name and single bits of pw_gid; bits not named stay, unknown ones too.

        `expected` holds the column values ("gecos", "gid") the person saw: if they no longer stand, Changed
        is raised.
        """

    @abstractmethod
    def switch_accounts(self, domain: str, switches: Sequence[Switch], *, entry: str = "") -> Outcome:
        """Disable accounts of a domain, or enable them again: all of them or none. Raises Changed where one
        is no longer as it was looked at."""

    @abstractmethod
    def vsetuserquota(
        self, domain: str, name: str, quota: str, *, expected: str | None = None, entry: str = ""
    ) -> Outcome:
        """Write the quota text and maildirsize (vsetuserquota.c)."""

    @abstractmethod
    def dotqmail(
        self,
        domain: str,
        name: str,
        lines: Sequence[str],
        *,
        expected: Mapping[str, Any] | None,
        entry: str = "",
    ) -> Outcome:
        """Write the lines of an account's own `.qmail`; with none the file is removed (vmakedotqmail.c).

        `expected` is the fingerprint of the file that the person saw, None for no file: if another one is
        there, Changed is raised. Raises Refused for a mailbox that lies elsewhere.
        """

    @abstractmethod
    def vmakedotqmail(
        self, domain: str, lines: Sequence[str], *, expected: Mapping[str, Any] | None, entry: str = ""
    ) -> Outcome:
        """Write the lines of a domain's `.qmail-default` (vmakedotqmail.c, `-q`). `expected` is the
        fingerprint of the file that was read, None for no file: if another one is there, Changed is
        raised."""

    @abstractmethod
    def vacation(self, domain: str, name: str, change: AnswerChange, *, entry: str = "") -> Outcome:
        """Write or remove the message of an account that is away, and the line of its `.qmail` that sends it,
        as qmailadmin does. Raises Changed when somebody else wrote either."""

    @abstractmethod
    def autoresponder(
        self, domain: str, name: str, change: AnswerChange, *, bound: bool = False, entry: str = ""
    ) -> Outcome:
        """The same for an address of the domain that answers. `bound`: within the domain's limits."""

    @abstractmethod
    def ezmlm_make(
        self, domain: str, name: str, letters: str, owner: str = "", *, bound: bool = False, entry: str = ""
    ) -> Outcome:
        """Make a mailing list with ezmlm's own program; `letters` are its options. `bound` as above: the
        domain's limit of lists holds."""

    @abstractmethod
    def ezmlm_sub(
        self,
        domain: str,
        name: str,
        part: str,
        add: Sequence[str] = (),
        remove: Sequence[str] = (),
        *,
        entry: str = "",
    ) -> Outcome:
        """Put addresses on a part of a mailing list ("" for its subscribers) and take others off it."""

    @abstractmethod
    def valias_insert(
        self, domain: str, alias: str, line: str, *, copy: int = 0, bound: bool = False, entry: str = ""
    ) -> Outcome:
        """Add a line to an alias; a line that is there already is refused (vpalias.c, valias_insert).
        `bound` as above."""

    @abstractmethod
    def valias_remove(
        self,
        domain: str,
        alias: str,
        line: str,
        *,
        id: int | None = None,
        bound: bool = False,
        entry: str = "",
    ) -> Outcome:
        """Remove one line of an alias, by id where the table has one, else by value. `bound` as above: what
        is left may count as another kind of alias."""

    @abstractmethod
    def valias_delete(self, domain: str, alias: str, *, entry: str = "") -> Outcome:
        """Delete an alias with all its lines."""

    @abstractmethod
    def valias_convert(
        self, domain: str, alias: str, to: str, lines: Sequence[str], *, entry: str = ""
    ) -> Outcome:
        """Move an alias from its file into rows (`to` "sql") or back ("files") (dotqmail2valias.c).

        `lines` are those that the person saw: raises Changed when others stand, Refused when it is in both
        places. Which aliases mean the same in both is asked before (`vpopmail.conversion`).
        """

    @abstractmethod
    def vmoddomlimits(
        self,
        domain: str,
        changes: Mapping[str, int],
        *,
        expected: Mapping[str, int] | None = None,
        entry: str = "",
    ) -> Outcome:
        """Write limits by column name; options not named keep the domain's value, or the default's when it
        has none.

        `expected` holds the values that held when the person looked: if they no longer do, Changed is raised.
        """

    @abstractmethod
    def vdellimits(
        self, domain: str, *, expected: Mapping[str, int] | None = None, entry: str = ""
    ) -> Outcome:
        """Delete a domain's own limits, so that the defaults apply (`vmoddomlimits -D`). `expected` as
        above."""

    @abstractmethod
    def vmoddomlimits_default(
        self,
        changes: Mapping[str, int | None],
        *,
        expected: Mapping[str, object] | None,
        entry: str = "",
    ) -> Outcome:
        """Change vlimits.default by column name (`vmoddomlimits -d`, which throws its comments away; here
        they stay). None takes what it says of a limit away. `expected` is the fingerprint of the file that
        the person saw, None for none: another one raises Changed.
        """

    @abstractmethod
    def vipmap_add(self, ip: str, domain: str, *, replaces: str = "", entry: str = "") -> Outcome:
        """Let an IP address of this server stand for a domain (vipmap.c). `replaces` is the domain it stands
        for now, "" where it stands for none: if that no longer holds, Changed is raised."""

    @abstractmethod
    def vipmap_delete(self, ip: str, domain: str, *, entry: str = "") -> Outcome:
        """Let an IP address no longer stand for this domain. Raises NotFound, or Changed when it stands for
        another by now."""

    @abstractmethod
    def purge_vlog(self, before: int, most: int, *, entry: str = "") -> int:
        """Remove at most so many rows of vlog older than `before` (Unix seconds); how many were removed."""

    @abstractmethod
    def blank_vlog(self, after: int, most: int, *, entry: str = "") -> tuple[int, int]:
        """Empty the clear passwords of at most so many rows of vlog behind the id `after`: the last id gone
        through (0: there were none), and how many rows were changed."""

    @abstractmethod
    def restore_account(
        self, source: str, *, account: str = "", name: str = "", merge: bool = False, entry: str = ""
    ) -> Outcome:
        """Bring back what the journal's entry `source` deleted: mailbox, row, last sign-in, aliases.

        `account` is one of a whole domain, which comes back into the domain of that name that there is now.
        `name` is another name for it; `merge` puts its mail into the account of the name that there is, and
        changes nothing else. Raises Refused while the name is taken.
        """

    @abstractmethod
    def restore_domain(self, source: str, *, name: str = "", merge: bool = False, entry: str = "") -> Outcome:
        """Bring back the domain that the journal's entry `source` deleted: directory, rows, limits, counters,
        control files, alias domains (those whose names are still free). Raises Refused while the name is
        taken.

        `name` is another name for it. `merge` puts it into the domain of its name that there is: accounts
        that are gone come back, others get their old mail, missing lines of aliases and alias domains are
        added.
        """

    @abstractmethod
    def empty_trash(self, source: str, *, entry: str = "") -> Outcome:
        """Remove for good what the journal's entry `source` deleted. Raises Refused unless the mail host
        allows it."""

    @abstractmethod
    def repair(self, what: Repair, *, entry: str = "") -> Outcome:
        """Mend one thing that tables, files and qmail disagree about; nothing is done when they agree by
        now."""

    @abstractmethod
    def settle(self, notes: Sequence[Mapping[str, Any]], *, entry: str) -> Settled:
        """Bring a change that was stopped to an end, by what it had noted (`vpopmail.underway`).

        Additions go back, unless rows and directory are complete; deletions go forward; changes of single
        rows are only read. May be repeated. Raises Unavailable while anybody is at work on the same domain.
        """

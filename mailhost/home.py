"""One call of a verb: whose it is, where a domain's directory D lies, and with whose rights it is touched.

Every path is composed here: D from the assign line, then hash and name. D's own name may be a symbolic link
only if root made it; below D none is followed. D is opened before the child gives up root, so that the child
needs no path at all.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from mailhost import files, qmail, runas
from mailhost.config import Config
from mailhost.errors import missing, refused
from mailhost.files import Owner
from mailhost.qmail import AssignLine
from mailhost.state import State
from mailhost.trash import NAME as TRASH_NAME
from mailhost.trash import Trash, prepare

_assign_cache: dict[str, tuple[tuple[int, int, int], bytes]] = {}


def read_assign(config: Config) -> tuple[bytes, os.stat_result | None]:
    """users/assign as bytes, kept as long as inode, time and size stay; b"" when there is none."""
    path = str(config.qmail_home / "users" / "assign")
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return b"", None
    key = (status.st_ino, status.st_mtime_ns, status.st_size)
    cached = _assign_cache.get(path)
    if cached and cached[0] == key:
        return cached[1], status
    found = files.read(path, None)
    if found is None:
        return b"", None
    data, status = found
    _assign_cache[path] = ((status.st_ino, status.st_mtime_ns, status.st_size), data)
    return data, status


@dataclass(frozen=True)
class Home:
    """A domain's directory, open. `directory` is D as the assign file spells it."""

    line: AssignLine
    fd: int
    owner: Owner

    @property
    def directory(self) -> str:
        return self.line.directory

    @property
    def owners(self) -> frozenset[int]:
        """Whose files below D are read: the domain's, and root's (vpopmail's own programs run as root)."""
        return frozenset({self.owner.uid, 0})


@dataclass(frozen=True)
class Call:
    """The configuration, the helper's memory, the journal's entry and whether this process is the helper's
    own.
    """

    config: Config
    state: State
    entry: str = ""
    isolated: bool = False
    remembered: dict[str, AssignLine] = field(default_factory=dict)

    def find(self, domain: str) -> AssignLine | None:
        """The domain's line of users/assign; for the entry that disconnected it, the line it had."""
        data, _ = read_assign(self.config)
        return qmail.find_assign(data, domain) or self.state.recall_domain(self.entry, domain)

    def line(self, domain: str) -> AssignLine:
        """The same, checked; `missing` when there is none.

        An alias domain is refused: verbs take real names.
        """
        line = self.find(domain)
        if line is None:
            raise missing(f"The domain {domain} is not in qmail's assign file.", domain=domain)
        if line.is_alias:
            raise refused(f"{domain} is an alias domain of {line.real}.", domain=domain)
        self.check_ids(line.uid, line.gid)
        return line

    def check_ids(self, uid: int, gid: int) -> None:
        """Refuse ids outside the configured range.

        Root only where root runs the panel itself on a store of its own.
        """
        low, high = self.config.uid_range
        own = not self.isolated and uid == os.geteuid() == self.config.uid
        if not own and not (low <= uid <= high and gid > 0):
            raise refused(f"User id {uid} is outside the range {low}–{high} that the mail host allows.")

    def own_ids(self) -> Owner:
        """vpopmail's own ids, for domains that are not made yet."""
        self.check_ids(self.config.uid, self.config.gid)
        return Owner(self.config.uid, self.config.gid)

    @contextmanager
    def home(self, domain: str) -> Iterator[Home]:
        """The open directory of a real domain; `missing` when there is none."""
        line = self.line(domain)
        try:
            path = self.resolve(line.directory)
            fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError as error:
            raise missing(
                f"The directory {line.directory} does not exist.", directory=line.directory
            ) from error
        try:
            owner = os.fstat(fd).st_uid
            if owner != line.uid:
                raise refused(f"{line.directory} belongs to user id {owner}, not to {line.uid}.")
            yield Home(line, fd, Owner(line.uid, line.gid))
        finally:
            os.close(fd)

    def resolve(self, directory: str) -> str:
        """The real path of a directory. vpopmail's home may be a link.

        Other links count only if root made them.
        """
        if directory != os.path.normpath(directory) or not directory.startswith("/"):
            raise refused(f"{directory} is not a plain absolute path.")
        home = str(self.config.vpopmail_home)
        inside = directory.startswith(home + "/")
        path = os.path.realpath(home) if inside else "/"
        for part in (directory[len(home) :] if inside else directory).strip("/").split("/"):
            path = os.path.join(path, part)
            status = os.lstat(path)
            if stat.S_ISLNK(status.st_mode):
                if status.st_uid not in (0, os.geteuid()):
                    raise refused(f"{path} is a symbolic link that root did not make.")
                path = os.path.realpath(path)
        return path

    def run(self, owner: Owner, work: runas.Work, seconds: int = 300) -> runas.Result:
        """Do work on files of `owner` (see runas)."""
        return runas.run_as(owner, self.isolated, work, seconds)

    def run_beside(self, parent: int, owner: Owner, work: runas.Work, seconds: int = 300) -> runas.Result:
        """Do work in the directory D lies in: as root where only root may write there, else as the domain's
        owner.

        `vadddomain` run by root leaves `domains/` with vpopmail, but it may belong to root. Then making and
        renaming D itself needs root, and is safe: nobody else can put anything in the way.
        """
        status = os.fstat(parent)
        only_root = status.st_uid == 0 and not stat.S_IMODE(status.st_mode) & 0o022
        if self.isolated and os.geteuid() == 0 and only_root:
            return work()
        return self.run(owner, work, seconds)

    @contextmanager
    def trash(self, directory: str, need_entry: bool = True) -> Iterator[Trash]:
        """Where this entry parks what lies in `directory` (dirname(D)). Nothing is made yet."""
        if need_entry and not self.entry:
            raise refused("Only a journal entry can move something into the trash.")
        configured = self.config.trash
        path = os.path.realpath(configured) if configured else self.resolve(directory)
        with files.directory(path) as parent:
            name = "" if configured else TRASH_NAME
            shown = str(configured) if configured else directory
            yield Trash(parent, shown, name, self.entry, self.config.trash_days)

    def prepare_trash(self, place: Trash, owner: Owner) -> None:
        """Make the trash and the entry's directory in it."""
        if place.name and files.look(place.name, place.parent) is None:

            def make() -> runas.Result:
                os.close(files.make_directory(place.name, place.parent, owner))
                return {}

            self.run_beside(place.parent, owner, make)

        def make_entry() -> runas.Result:
            prepare(place, owner)
            return {}

        self.run(owner, make_entry)
        self.state.note_trash(os.path.join(place.path, place.name).rstrip("/"))

    def domain_path(self, domain: str, hash: str) -> str:
        """Where a new domain's directory goes, as vpopmail spells it."""
        return "/".join(part for part in (str(self.config.vpopmail_home), "domains", hash, domain) if part)


def qmail_file(config: Config, *parts: str) -> Path:
    """A file below qmail's home."""
    return config.qmail_home.joinpath(*parts)

"""ezmlm's mailing lists: which `.qmail-NAME` files and which directories are one, and who is subscribed.

A list NAME is a directory and several files: `.qmail-NAME`, `-default`, `-owner` and others. ezmlm-make makes
those as symbolic links into the directory; older ones, and copies, hold lines that name it. Addresses lie in
up to 53 files of `subscribers/`, each a `T`, the address and a NUL (ezmlm(5))."""

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from mailhost import dotqmail, files, maildir
from mailhost.errors import HelperError
from mailhost.home import Home
from mailhost.mailboxes import open_hash

LARGEST = 4 * 1024 * 1024  # bytes of one file of addresses that are read
MOST_LETTERS = 53
# Who is on a list, by the directory in which `subscribers` lies.
PARTS = ("", "digest", "mod", "allow", "deny")
# Files of the list's own directory that say how it works; they are there or not.
SWITCHES = ("archived", "public", "subpostonly", "modpost", "modsub", "digested", "remote", "addtrailer")
_PROGRAM = re.compile(
    r"(?:^|[\s/|;])ezmlm-[a-z]+(?:\s+-\S+)*\s+(?:'(?P<quoted>/[^']+)'|(?P<plain>/[^\s'\";|&]+))"
)


@dataclass
class Members:
    """Addresses of one part of a list. `complete` is False when a file was too long or no plain one."""

    addresses: list[str] = field(default_factory=list)
    complete: bool = True


def names_directory(line: str) -> str:
    """The directory that a line of a `.qmail-NAME` file runs ezmlm for, or ""."""
    if not line.lstrip().startswith("|"):
        return ""
    found = _PROGRAM.search(line)
    return (found["quoted"] or found["plain"]) if found else ""


def lists_in(home: Home) -> list[str]:
    """The names of a domain's lists, sorted: what has the files NAME and NAME-default, and a directory
    behind."""
    there = {name for file in maildir.names_in(home.fd) if (name := dotqmail.name_of(file)) is not None}
    return sorted(name for name in there if f"{name}-default" in there and directory_of(home, name))


def directory_of(home: Home, name: str) -> str:
    """The directory of the list that `.qmail-NAME` belongs to, relative to D; "" when that is no list."""
    return _inside(home, _target(home, dotqmail.file_name(name)))


def list_behind(home: Home, name: str) -> str:
    """The name of the list whose file `.qmail-NAME` is a link into its directory; "" for every other file."""
    if files.look(dotqmail.file_name(name), home.fd) is None or not (inside := directory_of(home, name)):
        return ""
    parts = name.split("-")
    shorter = ("-".join(parts[:count]) for count in range(1, len(parts) + 1))
    return next((one for one in shorter if _is_named(home, one, inside)), "")


def _is_named(home: Home, name: str, inside: str) -> bool:
    if not name or files.look(dotqmail.file_name(f"{name}-default"), home.fd) is None:
        return False
    return directory_of(home, name) == inside


def lines_of_lists(home: Home, lines: Iterable[str]) -> set[str]:
    """Those lines of a file without which a list of this domain would not work."""
    return {line for line in lines if (path := names_directory(line)) and _inside(home, path.rstrip("/"))}


def _inside(home: Home, path: str) -> str:
    """The path of a list's directory relative to D; "" for every other path."""
    top = home.directory.rstrip("/") + "/"
    if not path.startswith(top) or os.path.normpath(path) != path:
        return ""
    inside = path[len(top) :]
    with suppress(OSError), open_hash(home.fd, inside) as fd:
        if is_list(fd):
            return inside
    return ""


def _target(home: Home, file: str) -> str:
    """Where a symbolic link leads, less the file's own name, or what the lines of a plain file name."""
    try:
        return os.path.dirname(os.readlink(file, dir_fd=home.fd))
    except OSError:
        pass  # a plain file, which is what most aliases are
    try:
        found = files.read(file, home.fd, home.owners, dotqmail.LONGEST_FILE)
    except (OSError, HelperError):
        return ""
    lines = dotqmail.parse(found[0]) if found else []
    return next((path for line in lines if (path := names_directory(line))), "").rstrip("/")


def is_list(fd: int) -> bool:
    """Is this directory a list's? Every version of ezmlm makes a lock and, unless a database has them,
    addresses."""
    if files.look("lock", fd) is None:
        return False
    return files.is_directory("subscribers", fd) or any(files.look(n, fd) for n in ("subdb", "sql", "editor"))


def in_database(fd: int) -> bool:
    """Are the addresses in a database? idx 7 says so in `subdb`, older ones in `sql`."""
    if files.look("sql", fd) is not None:
        return True
    found = _small(fd, "subdb")
    return bool(found) and not found.startswith("std")


def switches(fd: int) -> list[str]:
    """Those of SWITCHES that are on."""
    flags = _flags(fd)
    return [name for name in SWITCHES if files.look(name, fd) is not None or _LETTERS[name] in flags]


_LETTERS = dict(zip(SWITCHES, "apumsdrt", strict=True))


def _flags(fd: int) -> str:
    """idx 6 and 7 keep the letters with which the list was made in `flags`, or in a line `F:` of `config`."""
    text = _small(fd, "flags") or next(
        (line[2:] for line in _small(fd, "config").splitlines() if line.startswith("F:")), ""
    )
    return text.replace("-", "").strip()


def owner(fd: int) -> str:
    """Whom mail to NAME-owner reaches, when that is one address."""
    lines = [line for line in _small(fd, "owner").splitlines() if line and not line.startswith("#")]
    target = dotqmail.parse_line(lines[0]).target if len(lines) == 1 else ""
    return target if "@" in target else ""


def _small(fd: int, name: str) -> str:
    try:
        found = files.read(name, fd, limit=dotqmail.LONGEST_FILE)
    except (OSError, HelperError):
        return ""
    return found[0].decode("utf-8", "replace").strip() if found else ""


def members(fd: int, part: str = "") -> Members:
    """The addresses of a part of the list in the directory `fd`; none where there is no such part."""
    found = Members()
    try:
        with open_hash(fd, f"{part}/subscribers" if part else "subscribers") as place:
            for data in _address_files(place, found):
                found.addresses += [
                    entry[1:].decode("utf-8", "replace")
                    for entry in data.split(b"\0")
                    if entry.startswith(b"T")
                ]
    except (FileNotFoundError, NotADirectoryError):
        pass
    except OSError:
        found.complete = False
    found.addresses.sort()
    return found


def _address_files(place: int, found: Members) -> Iterator[bytes]:
    names = sorted(name for name in maildir.names_in(place) if len(name) == 1)
    for name in names[:MOST_LETTERS]:
        try:
            content = files.read(name, place, limit=LARGEST)
        except (OSError, HelperError):
            found.complete = False
            continue
        if content:
            yield content[0]

"""The helper's own configuration: the only thing it trusts.

An INI file, or the same object made by the panel.

As root the file is refused unless root owns it and nobody else may write it.
"""

import configparser
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from mailhost.errors import HelperError

SECTION = "helper"
# "trash" removes mail for good before its time: only where it is named.
GROUPS = frozenset({"read", "accounts", "domains", "control", "lists", "defaults", "trash"})
DEFAULT_GROUPS = GROUPS - {"trash"}
# Control files that may be read by name. Those that name commands are off unless listed.
CONTROL_FILES = frozenset(
    {
        *("me", "locals", "rcpthosts", "morercpthosts", "virtualdomains", "defaultdelivery"),
        *("defaultdomain", "defaulthost", "plusdomain", "helohost", "envnoathost", "localiphost"),
        *("smtproutes", "databytes", "smtpgreeting", "percenthack", "spfbehavior", "badmailfrom"),
        *("bouncefrom", "bouncehost", "doublebounceto", "doublebouncehost", "queuelifetime"),
        *("concurrencylocal", "concurrencyremote", "timeoutremote", "timeoutconnect", "timeoutsmtpd"),
    }
)
# Programs that may answer for an account which is away, where packages and qmailadmin's builds put them.
AUTORESPONDERS = frozenset(
    f"{place}/{name}"
    for place in ("/usr/bin", "/usr/local/bin", "/usr/local/sbin", "/var/qmail/bin")
    for name in ("autorespond", "qmail-autoresponder")
)


@dataclass(frozen=True)
class Config:
    """Where things are and what is allowed. Times are seconds unless named otherwise.

    `uid` and `gid` are vpopmail's; `uid_range` bounds the ids an assign line may name (0 only where the
    helper itself runs as that owner, in the panel's own process). `removals_per_hour` 0 is unbounded.
    `trash` is a directory for parked mail instead of the one beside each domain.
    `autoresponders` are the programs that a mailbox's own `.qmail` may name beside the server's own delivery
    where `allow_programs` is off.
    `ezmlm` is the directory of ezmlm's programs, whether it is there or not ("" for none).
    `doveadm` is the command that reaches Dovecot ("" for none). `clients` are the user ids
    whose connections the socket takes beside root's.
    """

    vpopmail_home: Path
    qmail_home: Path
    uid: int
    gid: int
    state: Path
    trash_days: int = 30
    lock_timeout: float = 10.0
    rcpthosts_limit: int = 50
    uid_range: tuple[int, int] = (1, 65533)
    groups: frozenset[str] = DEFAULT_GROUPS
    control_files: frozenset[str] = CONTROL_FILES
    allow_programs: bool = False
    autoresponders: frozenset[str] = AUTORESPONDERS
    removals_per_hour: int = 0
    trash: Path | None = None
    junk_folder: bool = False
    program_timeout: float = 120.0
    clients: frozenset[int] = frozenset()
    doveadm: str = ""
    ezmlm: str = "/usr/local/bin/ezmlm"

    def __post_init__(self) -> None:
        for name in ("vpopmail_home", "qmail_home", "state", "trash"):
            path = getattr(self, name)
            if path is not None and not Path(path).is_absolute():
                raise HelperError(
                    "refused", f"In the helper's configuration {name} must be an absolute path."
                )
        if not self.groups <= GROUPS:
            raise HelperError("refused", f"Unknown verb group: {', '.join(sorted(self.groups - GROUPS))}.")

    @classmethod
    def load(cls, path: str | Path) -> "Config":
        """Read the file.

        Raises HelperError `refused` for bad values and, as root, for an unsafe owner or mode.
        """
        parser = configparser.ConfigParser(interpolation=None)
        try:
            with open(path, encoding="utf-8") as file:
                _check_owner(os.fstat(file.fileno()), str(path))
                parser.read_file(file)
            values = dict(parser[SECTION])
        except OSError as error:
            raise HelperError("refused", f"The helper's configuration {path}: {error.strerror}.") from error
        except (configparser.Error, KeyError) as error:
            raise HelperError("refused", f"The helper's configuration {path} is damaged: {error}.") from error
        return cls._from_text(values, str(path))

    @classmethod
    def _from_text(cls, values: dict[str, str], path: str) -> "Config":
        known = {field.name for field in fields(cls)}
        if set(values) - known:
            raise HelperError("refused", f"{path}: unknown setting {', '.join(sorted(set(values) - known))}.")
        parsed: dict[str, Any] = {}
        for name, text in values.items():
            try:
                parsed[name] = _READERS.get(name, _read_int)(text.strip())
            except ValueError as error:
                raise HelperError("refused", f"{path}: bad value for {name}: {text}.") from error
        lacking = {"vpopmail_home", "qmail_home", "uid", "gid", "state"} - set(parsed)
        if lacking:
            raise HelperError("refused", f"{path}: {', '.join(sorted(lacking))} must be set.")
        return cls(**parsed)

    def dump(self, path: str | Path) -> None:
        """Write the file so that `load` gives an equal object; mode 0600, replaced in one step."""
        lines = [f"[{SECTION}]"]
        for field in fields(self):
            value = getattr(self, field.name)
            if value is not None:
                lines.append(f"{field.name} = {_text(value)}".rstrip())
        temporary = f"{path}.{os.getpid()}"
        fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with open(fd, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        os.rename(temporary, path)


def _check_owner(status: os.stat_result, path: str) -> None:
    if os.geteuid() == 0 and (status.st_uid != 0 or stat.S_IMODE(status.st_mode) & 0o022):
        raise HelperError("refused", f"{path} must belong to root and be writable by nobody else.")


def _text(value: object) -> str:
    if isinstance(value, frozenset):
        return " ".join(sorted(str(item) for item in value))
    if isinstance(value, tuple):
        return "-".join(str(item) for item in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _read_int(text: str) -> int:
    return int(text)


def _read_bool(text: str) -> bool:
    try:
        return configparser.ConfigParser.BOOLEAN_STATES[text.lower()]
    except KeyError as error:
        raise ValueError(text) from error


def _read_range(text: str) -> tuple[int, int]:
    low, _, high = text.partition("-")
    first, last = int(low), int(high or low)
    if not 0 < first <= last:
        raise ValueError(text)
    return first, last


_READERS: dict[str, Callable[[str], Any]] = {
    "doveadm": str,
    "ezmlm": str,
    "vpopmail_home": Path,
    "qmail_home": Path,
    "state": Path,
    "trash": lambda text: Path(text) if text else None,
    "lock_timeout": float,
    "program_timeout": float,
    "uid_range": _read_range,
    "groups": lambda text: frozenset(text.split()),
    "control_files": lambda text: frozenset(text.split()),
    "autoresponders": lambda text: frozenset(text.split()),
    "clients": lambda text: frozenset(int(part) for part in text.split()),
    "allow_programs": _read_bool,
    "junk_folder": _read_bool,
}

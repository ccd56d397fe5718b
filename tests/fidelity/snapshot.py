"""The whole state of a mail host in the form of the recordings: rows, the tree below `domains/`, qmail's
files."""

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.store import GID, UID, Store

ROOT = os.geteuid() == 0
TRASH = ".vqweb-trash"  # what deletion parks is no part of the state (docs/decisions/k-trash.md)
STORE_FILE = "_vpopmail.sqlite"
_HASH = re.compile(r"\$(\w+)\$")

State = dict[str, dict[str, Any]]


def take(store: Store) -> State:
    """`rows` by table, `tree` by path below domains/, `control` by path below qmail's home."""
    homes = {str(store.home): "{V}", str(store.qmail): "{Q}"}
    return {
        "rows": {table: _rows(store, table, homes) for table in _tables(store)},
        "tree": {path: _look(store.home / "domains" / path, homes) for path in _walk(store.home / "domains")},
        "control": {
            f"{below}/{path}": _without_kind(_look(store.qmail / below / path, homes, whole=True))
            for below in ("control", "users")
            for path in _walk(store.qmail / below)
        },
    }


def _tables(store: Store) -> list[str]:
    if store.kind == "sqlite":
        found = store.rows(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%%'"
        )
    else:
        found = store.rows(
            "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()"
        )
    return sorted(row["name"] for row in found)


def _rows(store: Store, table: str, homes: dict[str, str]) -> list[dict[str, Any]]:
    rows = store.rows(f"SELECT * FROM `{table}`")
    return sorted(
        ({name: _value(name, value, homes) for name, value in row.items()} for row in rows), key=repr
    )


def _value(name: str, value: Any, homes: dict[str, str]) -> Any:
    if name == "timestamp":
        return "{time}"
    if name == "pw_passwd" and value and (found := _HASH.match(value)):
        return f"{{hash:{found[1]}}}"
    return _plain(value, homes) if isinstance(value, str) else value


def _plain(text: str, homes: dict[str, str]) -> str:
    for home, mark in homes.items():
        text = text.replace(home, mark)
    return text


def _walk(root: Path) -> Iterator[str]:
    for directory, directories, files in os.walk(root):
        if TRASH in directories:
            directories.remove(TRASH)
        for name in [*directories, *files]:
            path = os.path.relpath(os.path.join(directory, name), root)
            if not path.startswith(STORE_FILE):
                yield path


def _look(path: Path, homes: dict[str, str], whole: bool = False) -> list[Any]:
    """Kind, mode, owner; the content of small text files, the size of others."""
    status = path.lstat()
    found = ["d" if stat.S_ISDIR(status.st_mode) else "f" if stat.S_ISREG(status.st_mode) else "?"]
    found += [oct(stat.S_IMODE(status.st_mode)), _owner(status)]
    told = whole and not path.name.endswith(("cdb", ".lock"))
    if found[0] == "f" and (told or path.name.startswith(".") or path.name == "maildirsize"):
        found.append(_plain(path.read_text(), homes))
    return found


def _owner(status: os.stat_result) -> str:
    """The recordings' names; without root everything has one owner, and only the group is nobody else's."""
    owners = {(UID, GID): "vpopmail", (0, 0): "root"} if ROOT else {}
    return owners.get((status.st_uid, status.st_gid), f"{status.st_uid}:{status.st_gid}")


def _without_kind(found: list[Any]) -> list[Any]:
    assert found[0] == "f", found
    return found[1:]

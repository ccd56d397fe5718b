"""A disk that is full, read-only, or whose quota is used up, and files that may not be written."""

import errno
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from unittest import mock

import pytest

from tests.faults.base import CHANGES, DOMAINS, Disk, as_user, check, differences
from tests.fidelity import snapshot
from tests.store import Store
from vpopmail.engines.base import Unavailable

BELOW_DOMAINS = ("vadddomain", "vdeldomain", "vadduser", "vdeluser", "vsetuserquota")
BROKEN = {"full": "full", "read-only": "read-only"}


def broken(disk: Disk, how: str) -> AbstractContextManager[None]:
    return disk.full() if how == "full" else disk.read_only()


@pytest.mark.stores("many", "perdomain")
@pytest.mark.parametrize("how", BROKEN)
@pytest.mark.parametrize("change", BELOW_DOMAINS)
def test_the_mail(store: Store, disks: dict[str, Disk], change: str, how: str) -> None:
    check(store, broken(disks["domains"], how), CHANGES[change], BROKEN[how])


@pytest.mark.stores("many", "perdomain", "sqlite")
@pytest.mark.parametrize("how", BROKEN)
@pytest.mark.parametrize("change", DOMAINS)
def test_qmails_files(store: Store, disks: dict[str, Disk], change: str, how: str) -> None:
    check(store, broken(disks["qmail"], how), CHANGES[change], BROKEN[how])


@pytest.mark.stores("sqlite")
@pytest.mark.parametrize("how", BROKEN)
@pytest.mark.parametrize("change", sorted(set(CHANGES) - {"vaddaliasdomain", "vdelaliasdomain"}))
def test_mail_and_tables_on_one_disk(store: Store, disks: dict[str, Disk], change: str, how: str) -> None:
    """SQLite's file lies beside the mail."""
    check(store, broken(disks["domains"], how), CHANGES[change], "")


@pytest.mark.stores("many", "sqlite")
@pytest.mark.parametrize("how", BROKEN)
@pytest.mark.parametrize("change", CHANGES)
def test_the_panels_own_state(store: Store, disks: dict[str, Disk], change: str, how: str) -> None:
    """Without its own state the helper refuses, or does the whole of it; nothing in between."""
    before = snapshot.take(store)
    try:
        with broken(disks["state"], how):
            CHANGES[change]()
    except Unavailable as error:
        assert error.message.endswith(".")
        assert differences(before, snapshot.take(store)) == []
        CHANGES[change]()
    assert snapshot.take(store) != before


@contextmanager
def used_up(below: Path) -> Iterator[None]:
    """New directories, and files when they are written out, meet the quota below a directory."""
    fsync, mkdir = os.fsync, os.mkdir

    def check_place(place: str) -> None:
        if place.startswith(str(below)):
            raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))

    def fsync_or_fail(fd: int) -> None:
        check_place(os.readlink(f"/proc/self/fd/{fd}"))
        fsync(fd)

    def mkdir_or_fail(path: str, mode: int = 0o777, *, dir_fd: int | None = None) -> None:
        check_place(str(path) if dir_fd is None else os.readlink(f"/proc/self/fd/{dir_fd}"))
        mkdir(path, mode, dir_fd=dir_fd)

    with mock.patch.object(os, "fsync", fsync_or_fail), mock.patch.object(os, "mkdir", mkdir_or_fail):
        yield


@pytest.mark.stores("many", "perdomain", "sqlite")
@pytest.mark.parametrize("change", DOMAINS)
def test_a_quota_used_up(example: Store, change: str) -> None:
    check(example, used_up(example.qmail), CHANGES[change], "the disk quota is used up")


@pytest.mark.stores("many", "sqlite")
@pytest.mark.parametrize("change", ["vadddomain", "vadduser", "vdeluser", "vdeldomain", "vsetuserquota"])
def test_a_quota_of_the_mail_used_up(example: Store, change: str) -> None:
    check(example, used_up(example.home / "domains"), CHANGES[change], "the disk quota is used up")


@contextmanager
def without_rights(store: Store, path: Path) -> Iterator[None]:
    """The helper is not root, and nobody may write a directory."""
    mode = path.stat().st_mode & 0o7777
    path.chmod(0o555)
    try:
        with as_user(int(store.environ["VPOPMAIL_UID"]), store.state / "helper"):
            yield
    finally:
        path.chmod(mode)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes somebody else")
@pytest.mark.stores("many", "sqlite")
@pytest.mark.parametrize(
    ("change", "place"),
    [
        *((change, "qmail/control") for change in DOMAINS),
        *((change, "qmail/users") for change in DOMAINS),
        ("vadddomain", "vpopmail/domains"),
        ("vdeldomain", "vpopmail/domains"),
        ("vadduser", "vpopmail/domains/example.com"),
        ("vdeluser", "vpopmail/domains/example.com"),
        ("vsetuserquota", "vpopmail/domains/example.com/bob/Maildir"),
    ],
)
def test_permission_denied(example: Store, change: str, place: str) -> None:
    check(example, without_rights(example, example.root / place), CHANGES[change], "permission denied")

"""What tests of faults start from: a domain with everything, and small file systems that can be broken."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engines.cast import add_domain
from tests.faults.base import Disk
from tests.mariadb import MariaDB, running
from tests.store import Store
from vpopmail.engines import get_engine


@pytest.fixture(scope="package")
def mariadb() -> Iterator[MariaDB]:
    """A server of their own, which ends with these tests: locks, full disks and cut connections are hard on
    it."""
    with running() as server:
        yield server


@pytest.fixture
def example(store: Store) -> Store:
    """example.com with bob, an alias, an alias domain and limits of its own."""
    return furnish(store)


def furnish(store: Store) -> Store:
    add_domain("example.com", "bob")
    engine = get_engine()
    engine.vaddaliasdomain("example.com", "alias.example")
    engine.valias_insert("example.com", "sales", "&a@elsewhere.example")
    engine.vmoddomlimits("example.com", {"maxaliases": 5})
    engine.vsetuserquota("example.com", "bob", "1000000S")
    return store


@pytest.fixture
def disks(store: Store, tmp_path: Path) -> Iterator[dict[str, Disk]]:
    """`domains`, `qmail` and `state` of the store, each on a file system of its own of two megabytes; the
    domain is in it."""
    if os.geteuid() != 0:
        pytest.skip("only root mounts file systems")
    from vpopmail import assigned, helper, schema

    mounted: dict[str, Disk] = {}
    try:
        for name, path in (
            ("domains", store.home / "domains"),
            ("qmail", store.qmail),
            ("state", store.state),
        ):
            kept = tmp_path / f"kept-{name}"
            shutil.copytree(path, kept)
            options = "size=2m,nr_inodes=400,mode=755"
            command = ["mount", "-t", "tmpfs", "-o", options, "vqweb-test", str(path)]
            if subprocess.run(command, capture_output=True).returncode:
                pytest.skip("file systems cannot be mounted here")
            mounted[name] = Disk(path)
            subprocess.run(["cp", "-a", f"{kept}/.", str(path)], check=True)
            shutil.chown(path, *_owner(kept, name, store))
        store.activate()
        furnish(store)
        yield mounted
    finally:
        from tests.store import forget

        forget()
        for disk in reversed(mounted.values()):
            subprocess.run(["umount", "-l", str(disk.path)], check=True)
        for module in (assigned, helper, schema):
            module.reset()


def _owner(kept: Path, name: str, store: Store) -> tuple[int, int]:
    if name == "domains":
        return int(store.environ["VPOPMAIL_UID"]), int(store.environ["VPOPMAIL_GID"])
    return kept.stat().st_uid, kept.stat().st_gid

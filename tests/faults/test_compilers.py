"""qmail's compilers fail."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.faults.base import CHANGES, DOMAINS, check
from tests.store import Store


@contextmanager
def failing(store: Store, program: str, how: str) -> Iterator[None]:
    path = store.qmail / "bin" / program
    good = path.read_bytes()
    scripts = {
        "status": "#!/bin/sh\necho 'fatal: no luck' >&2\nexit 111\n",
        "killed": "#!/bin/sh\nkill -9 $$\n",
        "silent": "#!/bin/sh\nexit 0\n",
    }
    path.write_text(scripts[how])
    try:
        yield
    finally:
        path.write_bytes(good)


@pytest.mark.stores("many", "perdomain", "sqlite")
@pytest.mark.parametrize("how", ["status", "killed", "silent"])
@pytest.mark.parametrize("change", DOMAINS)
def test_qmail_newu_fails(example: Store, change: str, how: str) -> None:
    check(example, failing(example, "qmail-newu", how), CHANGES[change], "qmail-newu")


@pytest.mark.stores("many", "sqlite")
@pytest.mark.parametrize("change", ["vadddomain", "vaddaliasdomain"])
def test_qmail_newmrh_fails(example: Store, change: str) -> None:
    hosts = example.qmail / "control" / "rcpthosts"
    hosts.write_text(hosts.read_text() + "".join(f"h{n}.example\n" for n in range(60)))
    check(example, failing(example, "qmail-newmrh", "status"), CHANGES[change], "qmail-newmrh")

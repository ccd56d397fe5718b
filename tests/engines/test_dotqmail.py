"""dotqmail: an account's own `.qmail` is written and removed as it was seen, or not at all."""

import shutil
from pathlib import Path

import pytest

from tests.engines.cast import KINDS, add_domain, fail_at_every_step, set_values
from tests.store import Store
from vpopmail import forwarding
from vpopmail.engines import get_engine
from vpopmail.engines.base import Changed, NotFound, Refused
from vpopmail.models import find_account


def _file(store: Store) -> Path:
    return store.directory("example.com") / "alice/.qmail"


def _text(store: Store) -> str | None:
    return _file(store).read_text() if _file(store).exists() else None


def _read(store: Store) -> forwarding.Forwarding:
    account = find_account("example.com", "alice")
    assert account is not None
    return forwarding.read(account)


def _write(lines: list[str], expected: dict[str, object] | None) -> None:
    get_engine().dotqmail("example.com", "alice", lines, expected=expected)


@pytest.mark.stores("sqlite", "many", "perdomain")
@pytest.mark.ways("in-process", "command", "socket")
def test_written_read_and_removed(store: Store) -> None:
    add_domain("example.com", "alice")
    assert _read(store).keeps_copy and _read(store).fingerprint is None
    _write(["&bob@elsewhere.example"], None)
    found = _read(store)
    assert (found.destinations, found.keeps_copy) == (("bob@elsewhere.example",), False)
    _write([], found.fingerprint)
    assert _text(store) is None and _read(store).keeps_copy


def test_what_the_person_saw_no_longer_stands(store: Store) -> None:
    add_domain("example.com", "alice")
    _write(["&bob@elsewhere.example"], None)
    seen = _read(store).fingerprint
    _file(store).write_text("&eve@elsewhere.example\n")
    for lines, expected in ((["&a@b.test"], seen), (["&a@b.test"], None), ([], seen)):
        with pytest.raises(Changed):
            _write(lines, expected)
    assert _text(store) == "&eve@elsewhere.example\n"


def test_a_mailbox_elsewhere_is_left_alone(store: Store) -> None:
    add_domain("example.com", "alice")
    set_values(store, "alice", pw_dir="/somewhere/else")
    with pytest.raises(Refused):
        _write(["&a@b.test"], None)
    assert _read(store).elsewhere and not _read(store).readable


def test_no_mailbox_no_account(store: Store) -> None:
    add_domain("example.com", "alice")
    shutil.rmtree(store.directory("example.com") / "alice")
    with pytest.raises(NotFound):
        _write(["&a@b.test"], None)
    with pytest.raises(NotFound):
        get_engine().dotqmail("example.com", "nobody", ["&a@b.test"], expected=None)


@pytest.mark.stores(*KINDS)
def test_a_failure_at_any_step_leaves_the_old_file(store: Store) -> None:
    add_domain("example.com", "alice")
    _write(["&old@b.test"], None)
    seen = _read(store).fingerprint
    assert (
        fail_at_every_step(
            store, lambda: get_engine().dotqmail("example.com", "alice", ["&new@b.test"], expected=seen)
        )
        >= 1
    )
    assert _text(store) == "&new@b.test\n"

"""vmakedotqmail: the domain's `.qmail-default`, in one step or not at all."""

import pytest

from tests.engines.cast import add_domain
from tests.store import Store
from vpopmail import delivery
from vpopmail.engines import get_engine
from vpopmail.engines.base import Changed, NotFound, Refused


@pytest.mark.ways("in-process", "command", "socket")
def test_the_file_is_written(store: Store) -> None:
    add_domain()
    found = delivery.read("example.com")
    lines = [f"| {store.home}/bin/vdelivermail '' delete"]
    get_engine().vmakedotqmail("example.com", lines, expected=found.fingerprint)
    assert (store.directory("example.com") / ".qmail-default").read_text() == lines[0] + "\n"
    assert delivery.read("example.com").kind == "delete"
    with pytest.raises(Changed):
        get_engine().vmakedotqmail("example.com", ["|x"][:0] + lines * 2, expected=found.fingerprint)
    assert delivery.read("example.com").lines == tuple(lines)


@pytest.mark.stores("sqlite")
def test_what_is_refused(store: Store) -> None:
    add_domain()
    found = delivery.read("example.com")
    with pytest.raises(Refused):
        get_engine().vmakedotqmail("example.com", ["|/bin/sh"], expected=found.fingerprint)
    with pytest.raises(NotFound):
        get_engine().vmakedotqmail("unknown.example", list(found.lines), expected=None)
    assert delivery.read("example.com") == found

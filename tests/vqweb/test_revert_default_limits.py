"""A change of the default limits is taken back, as long as what it wrote still stands."""

from pathlib import Path
from typing import Any

import pytest

from audit.models import Entry
from domains import services
from tests.store import Store
from vpopmail.engines.base import Changed
from vqweb.revert import revert

pytestmark = pytest.mark.stores("sqlite")
TEXT = "# ours\nmaxaliases 3\n#default_quota 10\n"


@pytest.fixture
def file(store: Store) -> Path:
    path = store.home / "etc" / "vlimits.default"
    path.write_text(TEXT)
    return path


def test_what_the_file_said_comes_back(file: Path) -> None:
    services.change_default_limits(
        actor=None, changes={"maxaliases": 5, "defaultquota": 1024, "disable_pop": 1}
    )
    entry = Entry.objects.latest("id")
    file.write_text(file.read_text() + "maxforwards 9\n")  # by somebody else
    revert(actor=None, key=entry.key)
    assert file.read_text() == TEXT + "maxforwards 9\n"
    again = Entry.objects.latest("id")
    assert again.changes["maxaliases"] == [5, 3] and again.changes["defaultquota"] == [1024, None]


def test_not_when_it_was_changed_again(file: Path, admin: Any) -> None:
    services.change_default_limits(actor=admin, changes={"maxaliases": 5})
    entry = Entry.objects.latest("id")
    services.change_default_limits(actor=admin, changes={"maxaliases": 6})
    with pytest.raises(Changed):
        revert(actor=admin, key=entry.key)
    assert "maxaliases 6" in file.read_text()

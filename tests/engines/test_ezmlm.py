"""ezmlm-make and ezmlm-sub: settled when they were stopped, bound by the limit under the lock."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests import fake_ezmlm
from tests.engines.cast import add_domain
from tests.store import Store
from vpopmail import helper, lists
from vpopmail.engines import get_engine
from vpopmail.engines.base import Refused

pytestmark = pytest.mark.stores("sqlite", "many")


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    yield from fake_ezmlm.directory_for_everybody()


@pytest.fixture(autouse=True)
def ezmlm(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_ezmlm.install(tmp_path / "ezmlm")
    monkeypatch.setattr(settings, "VPOPMAIL_EZMLM", str(tmp_path / "ezmlm"))
    helper.reset()
    add_domain()


def names(store: Store) -> set[str]:
    return {path.name for path in store.directory("example.com").iterdir()}


def test_a_list_that_is_whole_stands(store: Store) -> None:
    get_engine().ezmlm_make("example.com", "news", "a")
    note = {"kind": "list", "domain": "example.com", "name": "news"}
    assert get_engine().settle([note], entry="e" * 32).done
    assert lists.exists("example.com", "news")


def test_a_list_that_is_half_made_goes(store: Store) -> None:
    before = names(store)
    get_engine().ezmlm_make("example.com", "news", "a")
    for link in store.directory("example.com").glob(".qmail-news-*"):
        link.unlink()
    note = {"kind": "list", "domain": "example.com", "name": "news"}
    assert not get_engine().settle([note], entry="e" * 32).done
    assert names(store) == before
    note["name"] = "postmaster"
    assert not get_engine().settle([note], entry="f" * 32).done
    assert names(store) == before


def test_who_is_on_it_is_read(store: Store) -> None:
    get_engine().ezmlm_make("example.com", "news", "a")
    get_engine().ezmlm_sub("example.com", "news", "", ["a@x.test"])
    note = {"kind": "subscribers", "domain": "example.com", "name": "news", "part": ""}
    assert get_engine().settle([note | {"add": ["a@x.test"], "remove": ["b@x.test"]}], entry="e" * 32).done
    assert not get_engine().settle([note | {"add": ["b@x.test"], "remove": []}], entry="f" * 32).done
    assert (
        not get_engine()
        .settle([note | {"add": [], "remove": ["a@x.test"], "name": "gone"}], entry="d" * 32)
        .done
    )


def test_the_limit_holds_under_the_lock(store: Store) -> None:
    get_engine().vmoddomlimits("example.com", {"maxmailinglists": 1})
    get_engine().ezmlm_make("example.com", "news", "a", bound=True)
    with pytest.raises(Refused):
        get_engine().ezmlm_make("example.com", "more", "a", bound=True)
    assert [found.name for found in lists.lists_of("example.com").rows] == ["news"]

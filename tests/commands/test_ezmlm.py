"""`manage.py ezmlm`: shows and makes mailing lists, and changes who is on them."""

import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from audit.models import Entry
from tests import fake_ezmlm
from tests.commands.base import done, run
from tests.store import Store

pytestmark = pytest.mark.stores("sqlite")


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    yield from fake_ezmlm.directory_for_everybody()


@pytest.fixture(autouse=True)
def ezmlm(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from vpopmail import helper

    fake_ezmlm.install(tmp_path / "ezmlm")
    monkeypatch.setattr(settings, "VPOPMAIL_EZMLM", str(tmp_path / "ezmlm"))
    helper.reset()


def test_a_list_from_beginning_to_end(store: Store, domain: str) -> None:
    assert done("ezmlm", "example.com").out == ""
    done("ezmlm", "--make", "--owner", "Anna@x.test", "--with", "archived", "news@example.net")
    entry = Entry.objects.latest("id")
    assert entry.command == "manage.py ezmlm --make --owner anna@x.test --with archived news@example.com"
    done("ezmlm", "--subscribe", "b@x.test", "--subscribe", "A@x.test", "news@example.com")
    assert done("ezmlm", "example.com").out == "news@example.com: 2\n"
    assert done("ezmlm", "news@example.com").out == "a@x.test\nb@x.test\n"
    done("ezmlm", "--unsubscribe", "a@x.test", "news@example.com")
    assert done("ezmlm", "news@example.com", "--json").json["addresses"] == ["b@x.test"]
    done(*shlex.split(Entry.objects.latest("id").command.replace("--un", "--"))[1:])
    done("ezmlm", "--part", "mod", "--subscribe", "m@x.test", "news@example.com")
    assert done("ezmlm", "--part", "mod", "news@example.com").out == "m@x.test\n"
    assert done("ezmlm", "example.com", "--json").json["lists"] == [
        {"address": "news@example.com", "subscribers": 2}
    ]


def test_what_is_refused_changes_nothing(store: Store, domain: str) -> None:
    entries = Entry.objects.count()
    assert run("ezmlm", "news@example.com").status == 3
    assert run("ezmlm", "--subscribe", "x@y.test", "news@example.com").status == 3
    assert run("ezmlm", "unknown.example").status == 3
    assert run("ezmlm", "--make", "a@example.com").status == 1
    assert run("ezmlm", "--make", "--owner", "nobody", "news@example.com").status == 1
    assert Entry.objects.count() == entries
    assert run("ezmlm", "--make", "postmaster@example.com").status == 1
    done("ezmlm", "--make", "news@example.com")
    assert run("ezmlm", "--subscribe", "x", "news@example.com").status == 1
    assert done("ezmlm", "news@example.com").out == ""

"""`manage.py dotqmail`."""

import pytest

from audit.models import Entry
from tests.commands.base import done, run
from tests.store import Store

TO = ("--to", "a@x.example", "--to", "b@x.example")


def lines(store: Store) -> list[str] | None:
    file = store.directory("example.com") / "bob/.qmail"
    return file.read_text().splitlines() if file.exists() else None


def test_where_mail_goes(store: Store, bob: str) -> None:
    maildir = f"{store.directory('example.com')}/bob/Maildir/"
    done("dotqmail", *TO, "bob@example.net")
    assert lines(store) == ["&a@x.example", "&b@x.example", maildir]
    entry = Entry.objects.latest("id")
    assert (entry.action, entry.target) == ("dotqmail", bob)
    assert entry.command == "manage.py dotqmail --to a@x.example --to b@x.example --copy bob@example.com"
    done("dotqmail", "--no-copy", bob)
    assert lines(store) == ["&a@x.example", "&b@x.example"]
    done("dotqmail", "--to", "c@x.example", "--copy", bob)
    assert lines(store) == ["&c@x.example", maildir]
    done("dotqmail", "--discard", bob)
    assert lines(store) == ["# delete"]
    done("dotqmail", "--off", bob)
    assert lines(store) is None


@pytest.mark.stores("sqlite")
def test_showing(store: Store, bob: str) -> None:
    assert "goes into the mailbox" in done("dotqmail", bob).out
    done("dotqmail", *TO, bob)
    before = Entry.objects.count()
    out = done("dotqmail", bob).out.splitlines()
    assert out == ["Keeps a copy and forwards to:", "a@x.example", "b@x.example"]
    answer = done("dotqmail", "--json", bob).json
    assert (answer["kind"], answer["destinations"], answer["keeps_copy"]) == (
        "copy",
        ["a@x.example", "b@x.example"],
        True,
    )
    done("dotqmail", *TO, bob)  # the same again
    assert Entry.objects.count() == before


@pytest.mark.stores("sqlite")
def test_what_is_refused(store: Store, bob: str) -> None:
    for wrong in (
        ("--to", "nobody"),
        ("--to", "|/bin/sh"),
        ("--to", bob),
        ("--to", "a@x.example\n/etc/mail/"),
        ("--no-copy",),
        ("--off", "--copy"),
    ):
        assert run("dotqmail", *wrong, bob).status == 1, wrong
    assert run("dotqmail", "--off", "nobody@example.com").status == 3
    assert lines(store) is None

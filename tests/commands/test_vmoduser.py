"""`manage.py vmoduser`."""

from typing import Any

import pytest

from audit.models import Entry
from tests.commands.base import done, run
from tests.store import Store
from vpopmail import flags, passwords

HASH = "$6$abcdefgh$" + "z" * 86


def row(store: Store, name: str = "bob") -> dict[str, Any]:
    return next(row for row in store.accounts("example.com") if row["pw_name"] == name)


def test_flags_are_added(store: Store, bob: str) -> None:
    done("vmoduser", "-p", bob)
    done("vmoduser", "-wi", "bob@example.net")
    assert row(store)["pw_gid"] == 0x2 | 0x4 | 0x8
    entry = Entry.objects.latest("id")
    assert (entry.action, entry.target, entry.changes) == ("vmoduser", bob, {"flags": [2, 14]})
    assert entry.command == "manage.py vmoduser -w -i bob@example.com"


def test_clearing_keeps_exactly_the_bits_named(store: Store, bob: str) -> None:
    done("vmoduser", "-p", "-w", bob)
    done("vmoduser", "-x", "-i", bob)
    assert row(store)["pw_gid"] == 0x8
    assert Entry.objects.latest("id").command == "manage.py vmoduser -x -i bob@example.com"
    done("vmoduser", "-x", bob)
    assert row(store)["pw_gid"] == 0


@pytest.mark.stores("sqlite")
@pytest.mark.parametrize("flag", flags.FLAGS, ids=lambda flag: flag.letter)
def test_every_letter(store: Store, bob: str, flag: flags.Flag) -> None:
    done("vmoduser", f"-{flag.letter}", bob)
    assert row(store)["pw_gid"] == flag.bit


@pytest.mark.stores("sqlite")
def test_a_bit_without_a_name_stays_until_all_are_cleared(store: Store, bob: str) -> None:
    from vpopmail.models import Account

    Account.objects.filter(name="bob").update(gid=0x400000)
    done("vmoduser", "-p", bob)
    assert row(store)["pw_gid"] == 0x400002
    done("vmoduser", "-x", "-p", bob)
    assert row(store)["pw_gid"] == 0x2


def test_name_quota_and_password_at_once(store: Store, bob: str) -> None:
    done("vmoduser", "-c", "Bob B. Example", "-q", "20MB", "-C", bob, stdin="Other.Pass3\n")
    bob_row = row(store)
    assert (bob_row["pw_gecos"], bob_row["pw_shell"]) == ("Bob B. Example", "20971520S")
    assert passwords.verify("Other.Pass3", bob_row["pw_passwd"])
    assert [entry.action for entry in Entry.objects.order_by("-id")[:3]] == [
        "vsetuserquota",
        "vmoduser",
        "vpasswd",
    ]


@pytest.mark.stores("sqlite")
def test_a_ready_hash(store: Store, bob: str) -> None:
    done("vmoduser", "-e", bob, stdin=HASH + "\n")
    assert row(store)["pw_passwd"] == HASH


def test_every_account_of_a_domain(store: Store, bob: str) -> None:
    answer = done("vmoduser", "--json", "-x", "-d", "example.net").json
    assert answer["addresses"] == [bob, "postmaster@example.com"]
    assert [account["pw_gid"] for account in store.accounts("example.com")] == [1, 1]


@pytest.mark.stores("sqlite")
def test_saving_what_is_there_changes_nothing(store: Store, bob: str) -> None:
    done("vmoduser", "-p", "-c", "Bob", "-q", "10MB", bob)
    before = Entry.objects.count()
    done("vmoduser", "-p", "-c", "Bob", "-q", "10MB", bob)
    assert Entry.objects.count() == before


@pytest.mark.stores("sqlite")
@pytest.mark.parametrize(
    ("argv", "status"),
    [
        (["bob@example.com"], 1),
        (["-q", "rubbish", "-p", "bob@example.com"], 1),
        (["-q", "", "-p", "bob@example.com"], 1),
        (["-c", "x" * 65, "bob@example.com"], 1),
        (["-D", "/srv/bob", "bob@example.com"], 1),
        (["-C", "-e", "bob@example.com"], 1),
        (["-C", "bob@example.com"], 1),
        (["-p", "nobody@example.com"], 3),
        (["-p", "unknown.example"], 3),
        (["-p", "bob@unknown.example"], 3),
    ],
)
def test_what_is_refused_changes_nothing(store: Store, bob: str, argv: list[str], status: int) -> None:
    before, entries = row(store), Entry.objects.count()
    assert run("vmoduser", *argv).status == status
    assert (row(store), Entry.objects.count()) == (before, entries)

"""`manage.py vadduser`."""

from typing import Any

import pytest

from audit.models import Entry
from tests.commands.base import done, run
from tests.store import Store
from vpopmail import passwords

HASH = "$6$abcdefgh$" + "x" * 86


def row(store: Store, name: str) -> dict[str, Any]:
    return next(row for row in store.accounts("example.com") if row["pw_name"] == name)


def test_an_account_with_everything(store: Store, domain: str) -> None:
    done("vadduser", "-q", "10MB,500C", "-c", "Alice Example", "Alice@Example.com", stdin="Secret.Pass2\n")
    alice = row(store, "alice")
    assert (alice["pw_gecos"], alice["pw_shell"]) == ("Alice Example", "10485760S,500C")
    assert passwords.verify("Secret.Pass2", alice["pw_passwd"])
    assert (store.directory(domain) / "alice" / "Maildir" / "new").is_dir()
    entry = Entry.objects.latest("id")
    assert (entry.state, entry.action, entry.target) == ("ok", "vadduser", "alice@example.com")
    assert entry.command == "manage.py vadduser -q 10485760S,500C -c 'Alice Example' alice@example.com"
    assert entry.changes["quota"] == [None, "10485760S,500C"]
    assert "Secret" not in f"{entry.changes}{entry.command}{entry.warnings}"


@pytest.mark.stores("sqlite")
def test_the_recorded_line_does_the_same(store: Store, domain: str) -> None:
    """Also for a display name that looks like an option."""
    import shlex

    done("vadduser", "-c", "-q 'x' ", "alice@example.com", stdin="Secret.Pass2\n")
    line = shlex.split(Entry.objects.latest("id").command)
    done("vdeluser", "alice@example.com")
    done(*line[1:], stdin="Secret.Pass2\n")
    assert row(store, "alice")["pw_gecos"] == "-q 'x' "


def test_an_alias_domain_means_the_real_one(store: Store, domain: str) -> None:
    assert (
        done("vadduser", "--json", "carol@example.net", stdin="x1\n").json["address"] == "carol@example.com"
    )
    assert row(store, "carol")["pw_gecos"] == "carol"
    assert Entry.objects.latest("id").target == "carol@example.com"


@pytest.mark.stores("sqlite")
def test_a_ready_hash_from_standard_input(store: Store, domain: str) -> None:
    done("vadduser", "-e", "alice@example.com", stdin=HASH + "\n")
    assert row(store, "alice")["pw_passwd"] == HASH
    assert row(store, "alice")["pw_clear_passwd"] == ""
    assert Entry.objects.latest("id").command == "manage.py vadduser -e alice@example.com"


@pytest.mark.stores("sqlite")
def test_two_gigabytes(store: Store, domain: str) -> None:
    done("vadduser", "-q2G", "alice@example.com", stdin="x1\n")
    assert row(store, "alice")["pw_shell"] == "2147483648S"


@pytest.mark.stores("sqlite")
def test_nothing_is_stripped_from_a_password(store: Store, domain: str) -> None:
    done("vadduser", "alice@example.com", stdin="  two words \n  two words \n")
    assert passwords.verify("  two words ", row(store, "alice")["pw_passwd"])


@pytest.mark.stores("sqlite")
@pytest.mark.parametrize(
    ("argv", "stdin"),
    [
        (["alice@example.com"], ""),
        (["alice@example.com"], "one\ntwo\n"),
        (["alice@example.com"], "x" * 129 + "\n"),
        (["-q", "rubbish", "alice@example.com"], "x1\n"),
        (["-q", "2X", "alice@example.com"], "x1\n"),
        (["-c", "a:b", "alice@example.com"], "x1\n"),
        (["-c", "x" * 65, "alice@example.com"], "x1\n"),
        (["-c", "a\nb", "alice@example.com"], "x1\n"),
        (["-e", "alice@example.com"], "a hash\n"),
        (["-e", "-r", "alice@example.com"], HASH + "\n"),
        (["a@example.com"], "x1\n"),
        (["alice"], "x1\n"),
        (["@example.com"], "x1\n"),
        (["alice@"], "x1\n"),
        ([" alice@example.com"], "x1\n"),
        (["a/b@example.com"], "x1\n"),
        (["..@example.com"], "x1\n"),
        (["älice@example.com"], "x1\n"),
        (["--", "-alice@example.com"], "x1\n"),
        (["x" * 65 + "@example.com"], "x1\n"),
        (["postmaster@example.com"], "x1\n"),
        (["POSTMASTER@example.net"], "x1\n"),
    ],
)
def test_what_is_refused_changes_nothing(store: Store, domain: str, argv: list[str], stdin: str) -> None:
    before = Entry.objects.count()
    ran = run("vadduser", *argv, stdin=stdin)
    assert ran.status == 1 and ran.err
    assert [account["pw_name"] for account in store.accounts("example.com")] == ["postmaster"]
    assert Entry.objects.count() == before


def test_an_unknown_domain(store: Store) -> None:
    assert run("vadduser", "alice@example.com", stdin="x1\n").status == 3


def test_an_alias_of_that_name_gets_the_mail(store: Store, domain: str) -> None:
    done("valias", "-i", "&anna@elsewhere.example", "sales@example.com")
    assert run("vadduser", "sales@example.com", stdin="x1\n").status == 1
    done("vadduser", "--beside-alias", "sales@example.com", stdin="x1\n")
    assert row(store, "sales")
    assert Entry.objects.latest("id").command == "manage.py vadduser --beside-alias sales@example.com"


def test_the_command_line_may_exceed_the_limits_and_is_told(store: Store, domain: str) -> None:
    done("vmoddomlimits", "-P", "2", "example.com")
    assert not done("vadduser", "--json", "one@example.com", stdin="x1\n").json["warnings"]
    ran = done("vadduser", "two@example.com", stdin="x1\n")
    assert "Warning: " in ran.err and "2 accounts" in ran.err
    assert row(store, "two")
    assert "2 accounts" in Entry.objects.latest("id").warnings[0]


@pytest.mark.stores("sqlite")
def test_json_tells_a_refusal(store: Store, domain: str) -> None:
    ran = run("vadduser", "--json", "-q", "rubbish", "alice@example.com", stdin="x1\n")
    assert ran.json["ok"] is False and ran.json["error"]["field"] == "quota"
    assert ran.json["error"]["message"] in ran.err

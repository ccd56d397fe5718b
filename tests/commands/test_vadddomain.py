"""`manage.py vadddomain`."""

import pytest

from audit.models import Entry
from tests.commands.base import done, run
from tests.store import Store


def default_line(store: Store, domain: str) -> str:
    return (store.directory(domain) / ".qmail-default").read_text().rstrip("\n").rpartition("'' ")[2]


def test_a_domain_with_its_postmaster(store: Store) -> None:
    ran = done("vadddomain", "Example.COM", stdin="Secret.Pass1\n")
    assert [row["pw_name"] for row in store.accounts("example.com")] == ["postmaster"]
    assert store.accounts("example.com")[0]["pw_gecos"] == "Postmaster"
    assert default_line(store, "example.com") == "bounce-no-mailbox"
    assert "example.com" in store.control("rcpthosts").split()
    assert "Secret" not in ran.out + ran.err


def test_the_entry_tells_what_was_done_and_how_to_do_it_again(store: Store) -> None:
    done("vadddomain", "-q", "2G", "--alias", "example.net", "example.com", stdin="Secret.Pass1\n")
    entry = Entry.objects.get()
    assert (entry.state, entry.action, entry.target, entry.domain) == (
        "ok",
        "vadddomain",
        "example.com",
        "example.com",
    )
    assert entry.via == "command" and entry.actor_name
    assert entry.command == (
        "manage.py vadddomain -q 2147483648S --unknown bounce --alias example.net example.com"
    )
    assert entry.changes["alias_domains"] == [None, ["example.net"]]
    assert entry.changes["password"] == "changed"
    assert "Secret" not in str(entry.changes) + entry.command


@pytest.mark.stores("sqlite")
@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["--unknown", "bounce"], "bounce-no-mailbox"),
        (["-b"], "bounce-no-mailbox"),
        (["--unknown", "delete"], "delete"),
        (["--unknown", "anna@example.net"], "anna@example.net"),
        (["-e", "anna@example.net"], "anna@example.net"),
        (["-O", "-e", "anna@example.net"], "anna@example.net"),
    ],
)
def test_what_happens_to_mail_for_unknown_people(store: Store, options: list[str], line: str) -> None:
    done("vadddomain", *options, "example.com", stdin="Secret.Pass1\n")
    assert default_line(store, "example.com") == line


@pytest.mark.stores("sqlite")
@pytest.mark.parametrize(
    "options",
    [
        ["-e", "postmaster"],
        ["--unknown", "nowhere"],
        ["-e", "a b@example.net"],
        ["-e", "a;reboot@example.net"],
        ["-e", "a$(reboot)@example.net"],
        ["-e", "-f@example.net"],
        ["-e", "a@example.net", "--unknown", "delete"],
        ["-b", "-e", "a@example.net"],
        ["-d", "/srv"],
        ["-u", "alias"],
        ["-i", "1000"],
        ["-g", "1000"],
        ["-q", "rubbish"],
        ["-q", "0"],
        ["--alias", "example.com"],
        ["--alias", "example.net", "--alias", "example.net"],
        ["--alias", "no_such"],
        ["-r0"],
        ["-r129"],
    ],
)
def test_what_is_refused_changes_nothing(store: Store, options: list[str]) -> None:
    ran = run("vadddomain", *options, "example.com", stdin="Secret.Pass1\n")
    assert ran.status == 1 and ran.err
    assert not store.directory("example.com").exists()
    assert not Entry.objects.exists()


def test_an_existing_domain_is_refused(store: Store) -> None:
    done("vadddomain", "--alias", "example.net", "example.com", stdin="Secret.Pass1\n")
    for name in ("example.com", "example.net"):
        ran = run("vadddomain", name, stdin="Secret.Pass1\n")
        assert ran.status == 1 and name in ran.err


@pytest.mark.stores("sqlite")
@pytest.mark.parametrize(
    "name", ["x", "no-dot", "-dash.example", "a..b", "a_b.example", "a/b.example", "", " a.example"]
)
def test_names_that_are_none(store: Store, name: str) -> None:
    assert run("vadddomain", "--", name, stdin="Secret.Pass1\n").status == 1
    assert store.control("assign") == ""


@pytest.mark.stores("sqlite")
def test_an_international_name_is_stored_as_ascii(store: Store) -> None:
    done("vadddomain", "Müller.example", stdin="Secret.Pass1\n")
    assert store.accounts("xn--mller-kva.example")


@pytest.mark.stores("sqlite")
def test_a_random_password(store: Store) -> None:
    ran = done("vadddomain", "-r20", "example.com")
    password = ran.out.partition("Random password: ")[2].strip()
    assert len(password) == 20
    assert len(done("vadddomain", "--random", "example.net").out.split()[-1]) == 12
    assert len(done("vadddomain", "-r", "example.org").out.split()[-1]) == 12


@pytest.mark.stores("sqlite")
@pytest.mark.parametrize("stdin", ["", "\n", "one\ntwo\n", "one\n\n"])
def test_a_password_that_is_missing_or_not_repeated(store: Store, stdin: str) -> None:
    assert run("vadddomain", "example.com", stdin=stdin).status == 1
    assert not store.directory("example.com").exists()


def test_when_an_alias_domain_fails_nothing_is_left(store: Store) -> None:
    long = "a" * 60 + "." + "b" * 40 + ".example"  # longer than any table of alias domains
    ran = run("vadddomain", "--alias", "example.net", "--alias", long, "example.com", stdin="Secret.Pass1\n")
    assert ran.status == 1
    assert "example" not in store.control("assign") and "example" not in store.control("rcpthosts")
    assert not store.directory("example.com").exists()

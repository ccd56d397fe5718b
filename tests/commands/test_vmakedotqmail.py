"""`manage.py vmakedotqmail`: shows and says what happens to mail for unknown addresses."""

import shlex

import pytest

from audit.models import Entry
from tests.commands.base import done, run
from tests.store import Store


def text(store: Store) -> str:
    return (store.directory("example.com") / ".qmail-default").read_text()


def line(store: Store, argument: str) -> str:
    return f"| {store.home}/bin/vdelivermail '' {argument}"


@pytest.mark.parametrize(
    ("given", "argument"),
    [
        ("default", "bounce-no-mailbox"),
        ("delete", "delete"),
        ("Postmaster@example.com", "postmaster@example.com"),
        ("@other.example", "$EXT@other.example"),
    ],
)
@pytest.mark.stores("sqlite")
def test_each_delivery(store: Store, domain: str, given: str, argument: str) -> None:
    done("vmakedotqmail", "-d", "example.com", "-q", "x@elsewhere.example")
    assert done("vmakedotqmail", "-d", "example.net", "-q", given).out.startswith("example.com: ")
    assert text(store) == line(store, argument) + "\n"
    command = Entry.objects.latest("id").command
    done("vmakedotqmail", "-d", "example.com", "-q", "x@elsewhere.example")
    done(*shlex.split(command)[1:])
    assert text(store) == line(store, argument) + "\n"


def test_it_is_shown(store: Store, domain: str) -> None:
    entries = Entry.objects.count()
    shown = done("vmakedotqmail", "-d", "example.com")
    assert shown.out.startswith("It is bounced") and line(store, "bounce-no-mailbox") in shown.out
    answer = done("vmakedotqmail", "-d", "example.com", "--json").json
    assert (answer["delivery"], answer["kind"]) == ("bounce", "bounce")
    assert Entry.objects.count() == entries


@pytest.mark.stores("sqlite")
def test_what_is_there_already_and_a_test_write_nothing(store: Store, domain: str) -> None:
    before, entries = text(store), Entry.objects.count()
    done("vmakedotqmail", "-d", "example.com", "-q", "bounce")
    done("vmakedotqmail", "-d", "example.com", "-q", "delete", "-t")
    assert run("vmakedotqmail", "-d", "example.com", "-q", "nobody@example.com", "-t").status == 1
    assert (text(store), Entry.objects.count()) == (before, entries)


@pytest.mark.stores("sqlite")
def test_whole_lines_take_the_place_of_the_file(store: Store, domain: str) -> None:
    lines = f"# note\n{line(store, 'delete')}"
    assert run("vmakedotqmail", "-d", "example.com", "-q", lines).status == 1
    done("vmakedotqmail", "-d", "example.com", "-q", lines, "--replace")
    assert text(store) == lines + "\n"
    refused = run("vmakedotqmail", "-d", "example.com", "-q", "|/bin/lda", "--replace")
    assert refused.status == 1 and "does not allow" in refused.err
    (store.directory("example.com") / ".qmail-default").write_text("|/bin/lda\n")
    assert run("vmakedotqmail", "-d", "example.com", "-q", "bounce").status == 1
    done("vmakedotqmail", "-d", "example.com", "-q", "bounce", "--replace")
    assert text(store) == line(store, "bounce-no-mailbox") + "\n"


@pytest.mark.parametrize(
    "given", ["", "nobody", "a b@c.test", "$(id)@c.test", "@", "@example.net", "-x@c.test"]
)
@pytest.mark.stores("sqlite")
def test_what_is_refused_changes_nothing(store: Store, domain: str, given: str) -> None:
    before, entries = text(store), Entry.objects.count()
    assert run("vmakedotqmail", "-d", "example.com", f"--delivery={given}").status == 1
    assert (text(store), Entry.objects.count()) == (before, entries)


def test_an_unknown_domain(store: Store) -> None:
    assert run("vmakedotqmail", "-d", "unknown.example", "-q", "bounce").status == 3

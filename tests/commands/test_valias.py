"""`manage.py valias`."""

import pytest

from audit.models import Entry
from tests.commands.base import done, run
from tests.store import Store

pytestmark = pytest.mark.stores("sqlite", "many", "clear", "old")


def lines(store: Store, name: str = "sales") -> list[str]:
    """As they are stored: in rows, or in a file."""
    path = store.directory("example.com") / f".qmail-{name}"
    if store.kind == "clear":
        return path.read_text().splitlines() if path.exists() else []
    found = store.rows("SELECT valias_line FROM valias WHERE alias = %s AND domain = 'example.com'", [name])
    return [row["valias_line"] for row in found]


def test_lines_are_added_shown_and_removed(store: Store, domain: str) -> None:
    done("valias", "-i", "&anna@elsewhere.example", "sales@example.com")
    done("valias", "-i", "berta@elsewhere.example", "Sales@example.net")
    assert lines(store) == ["&anna@elsewhere.example", "berta@elsewhere.example"]
    assert done("valias", "sales@example.com").out.splitlines() == [
        "sales@example.com -> &anna@elsewhere.example",
        "sales@example.com -> berta@elsewhere.example",
    ]
    done("valias", "--remove", "&anna@elsewhere.example", "sales@example.com")
    assert lines(store) == ["berta@elsewhere.example"]
    entry = Entry.objects.latest("id")
    assert (entry.action, entry.target) == ("valias", "sales@example.com")
    assert entry.changes == {"line": ["&anna@elsewhere.example", None]}
    assert entry.command == "manage.py valias --remove '&anna@elsewhere.example' sales@example.com"


def test_an_alias_is_deleted_with_all_its_lines(store: Store, domain: str) -> None:
    for line in ("&anna@elsewhere.example", "&berta@elsewhere.example"):
        done("valias", "-i", line, "sales@example.com")
    assert done("valias", "--json", "-d", "sales@example.net").json["address"] == "sales@example.com"
    assert lines(store) == []
    assert Entry.objects.latest("id").changes == {
        "lines": [["&anna@elsewhere.example", "&berta@elsewhere.example"], None]
    }


def test_names_and_lines_of_a_domain(store: Store, domain: str) -> None:
    for alias in ("sales", "info", "a.b"):
        done("valias", "-i", "&anna@elsewhere.example", f"{alias}@example.com")
    done("valias", "-i", "&berta@elsewhere.example", "info@example.com")
    assert done("valias", "-n", "example.net").out.split() == ["a.b", "info", "sales"]
    assert len(done("valias", "-s", "example.com").out.splitlines()) == 4
    assert len(done("valias", "--json", "-s", "example.com").json["lines"]) == 4


def test_an_account_of_that_name(store: Store, bob: str) -> None:
    ran = run("valias", "-i", "&anna@elsewhere.example", bob)
    assert ran.status == 1 and bob in ran.err
    done("valias", "-i", "&anna@elsewhere.example", "--beside-account", bob)
    done("valias", "-i", "&berta@elsewhere.example", bob)  # the alias is there now, and takes the mail anyway
    assert lines(store, "bob") == ["&anna@elsewhere.example", "&berta@elsewhere.example"]


@pytest.mark.parametrize(
    ("argv", "status"),
    [
        (["-i", "&anna@elsewhere.example", "sales@example.com"], 1),
        (["-i", "", "info@example.com"], 1),
        (["-i", "&nobody", "info@example.com"], 1),
        (["-i", "&a@elsewhere.example\n|rm", "info@example.com"], 1),
        (["-i", "&info@example.com", "info@example.com"], 1),
        (["-i", "&info@example.net", "info@example.com"], 1),
        (["-i", "&anna@elsewhere.example", "default@example.com"], 1),
        (["-i", "&anna@elsewhere.example", "a/b@example.com"], 1),
        (["-i", "&anna@elsewhere.example", "info"], 1),
        (["-i", "&anna@elsewhere.example", "info@unknown.example"], 3),
        (["--remove", "&other@elsewhere.example", "sales@example.com"], 3),
        (["-d", "info@example.com"], 3),
        (["-s", "info@example.com"], 3),
        (["-s", "unknown.example"], 3),
        (["-n", "info@example.com"], 1),
    ],
)
@pytest.mark.stores("sqlite")
def test_what_is_refused_changes_nothing(store: Store, domain: str, argv: list[str], status: int) -> None:
    done("valias", "-i", "&anna@elsewhere.example", "sales@example.com")
    entries = Entry.objects.count()
    assert run("valias", *argv).status == status
    assert lines(store) == ["&anna@elsewhere.example"] and lines(store, "info") == []
    assert Entry.objects.count() == entries


@pytest.mark.stores("sqlite")
def test_the_limits_warn_the_command_line(store: Store, domain: str) -> None:
    done("vmoddomlimits", "-F", "1", "-A", "0", "example.com")
    assert not done("valias", "-i", "&anna@elsewhere.example", "sales@example.com").err
    assert not done("valias", "-i", "&berta@elsewhere.example", "sales@example.com").err  # the same name
    assert "1 forward," in done("valias", "-i", "&anna@elsewhere.example", "info@example.com").err
    assert "0 aliases" in done("valias", "-i", "#", "nothing@example.com").err

"""`manage.py vdeldomain`."""

from audit.models import Entry
from tests.commands.base import done, run
from tests.store import Store


def add(*aliases: str) -> None:
    options = [word for alias in aliases for word in ("--alias", alias)]
    done("vadddomain", *options, "example.com", stdin="Secret.Pass1\n")


def test_a_domain_is_deleted_and_its_directory_kept(store: Store) -> None:
    add()
    answer = done("vdeldomain", "--json", "example.com").json
    assert answer["ok"] and answer["kept_until"] and answer["trash"]
    assert not store.directory("example.com").exists()
    assert "example.com" not in store.control("assign") + store.control("rcpthosts")
    entry = Entry.objects.latest("id")
    assert (entry.state, entry.action, entry.command) == (
        "ok",
        "vdeldomain",
        "manage.py vdeldomain example.com",
    )


def test_alias_domains_need_force_and_are_listed(store: Store) -> None:
    add("example.net", "example.org")
    ran = run("vdeldomain", "example.com")
    assert ran.status == 1 and "example.net, example.org" in ran.err and "-f" in ran.err
    assert store.directory("example.com").exists()
    ran = done("vdeldomain", "-f", "example.com")
    assert "example.net" in ran.out
    assert "example" not in store.control("assign")
    assert Entry.objects.latest("id").command == "manage.py vdeldomain -f example.com"


def test_an_alias_domain_alone(store: Store) -> None:
    add("example.net")
    done("vdeldomain", "example.net")
    assert "example.net" not in store.control("assign") and "example.com" in store.control("assign")
    assert store.directory("example.com").exists()
    assert Entry.objects.latest("id").domain == "example.com"


def test_an_unknown_domain(store: Store) -> None:
    ran = run("vdeldomain", "example.com")
    assert ran.status == 3 and "example.com" in ran.err
    assert not Entry.objects.exists()

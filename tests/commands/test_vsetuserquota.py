"""`manage.py vsetuserquota`."""

import pytest

from audit.models import Entry
from tests.commands.base import done, run
from tests.store import Store


def quotas(store: Store) -> list[str]:
    return [row["pw_shell"] for row in store.accounts("example.com")]


def test_an_account(store: Store, bob: str) -> None:
    done("vsetuserquota", "bob@example.net", "20mb,1000c")
    assert quotas(store) == ["20971520S,1000C", "NOQUOTA"]
    size = store.directory("example.com") / "bob" / "Maildir" / "maildirsize"
    assert size.read_text().splitlines()[0] == "20971520S,1000C"
    entry = Entry.objects.latest("id")
    assert (entry.action, entry.changes) == ("vsetuserquota", {"quota": ["NOQUOTA", "20971520S,1000C"]})
    assert entry.command == "manage.py vsetuserquota bob@example.com 20971520S,1000C"
    done("vsetuserquota", bob, "NOQUOTA")
    assert quotas(store)[0] == "NOQUOTA" and not size.exists()


def test_every_account_of_a_domain(store: Store, bob: str) -> None:
    answer = done("vsetuserquota", "--json", "example.net", "2G").json
    assert answer["addresses"] == [bob, "postmaster@example.com"] and answer["quota"] == "2147483648S"
    assert quotas(store) == ["2147483648S", "2147483648S"]
    assert Entry.objects.filter(action="vsetuserquota", state="ok").count() == 2


@pytest.mark.stores("sqlite")
def test_the_same_quota_in_other_words_changes_nothing(store: Store, bob: str) -> None:
    done("vsetuserquota", bob, "1G")
    before = Entry.objects.count()
    done("vsetuserquota", bob, "1024 MB")
    assert Entry.objects.count() == before


@pytest.mark.stores("sqlite")
@pytest.mark.parametrize("quota", ["rubbish", "0", "", "2X", "-5", "1G,2G", "9" * 30])
def test_rubbish_is_refused(store: Store, bob: str, quota: str) -> None:
    assert run("vsetuserquota", "--", bob, quota).status == 1
    assert quotas(store) == ["NOQUOTA", "NOQUOTA"]


@pytest.mark.stores("sqlite")
def test_who_is_not_there(store: Store, bob: str) -> None:
    assert run("vsetuserquota", "nobody@example.com", "1G").status == 3
    assert run("vsetuserquota", "unknown.example", "1G").status == 3
    assert run("vsetuserquota", bob).status != 0


@pytest.mark.stores("sqlite")
def test_an_error_in_the_middle_of_a_domain_says_how_far_it_got(
    store: Store, bob: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from accounts import account_services
    from vpopmail.engines.base import Changed

    engine = account_services.get_engine()
    real = type(engine).vsetuserquota

    def fail(self: object, domain: str, name: str, quota: str, **options: object) -> object:
        if name == "postmaster":
            raise Changed("somebody was faster.")
        return real(engine, domain, name, quota, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(type(engine), "vsetuserquota", fail)
    ran = run("vsetuserquota", "example.com", "1G")
    assert ran.status == 4
    assert "postmaster@example.com: somebody was faster. 1 account before it was changed." in ran.err
    assert quotas(store) == ["1073741824S", "NOQUOTA"]

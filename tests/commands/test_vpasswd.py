"""`manage.py vpasswd`."""

import pytest
from django.conf import settings

from audit.models import Entry
from tests.commands.base import done, run
from tests.store import Store
from vpopmail import passwords

HASH = "$6$abcdefgh$" + "y" * 86


def stored(store: Store) -> str:
    return str(next(row for row in store.accounts("example.com") if row["pw_name"] == "bob")["pw_passwd"])


def test_a_new_password(store: Store, bob: str) -> None:
    ran = done("vpasswd", "bob@example.net", stdin="Other.Pass3\nOther.Pass3\n")
    assert passwords.verify("Other.Pass3", stored(store))
    entry = Entry.objects.latest("id")
    assert (entry.action, entry.target, entry.changes) == ("vpasswd", bob, {"password": "changed"})
    assert entry.command == "manage.py vpasswd bob@example.com"
    assert "Other" not in ran.out + ran.err


@pytest.mark.stores("sqlite")
def test_a_ready_hash(store: Store, bob: str) -> None:
    done("vpasswd", "-e", bob, stdin=HASH + "\n")
    assert stored(store) == HASH
    assert HASH not in Entry.objects.latest("id").command


@pytest.mark.stores("sqlite")
@pytest.mark.parametrize("option", ["-r", "-r12", "--random"])
def test_a_random_password_is_printed(store: Store, bob: str, option: str) -> None:
    password = done("vpasswd", option, bob).out.split()[-1]
    assert len(password) == 12 and passwords.verify(password, stored(store))


@pytest.mark.stores("sqlite")
def test_what_is_refused_changes_nothing(store: Store, bob: str) -> None:
    before, entries = stored(store), Entry.objects.count()
    assert run("vpasswd", bob).status == 1
    assert run("vpasswd", bob, stdin="one\ntwo\n").status == 1
    assert run("vpasswd", "-e", bob, stdin="no hash\n").status == 1
    assert run("vpasswd", "nobody@example.com", stdin="x1\n").status == 3
    assert run("vpasswd", bob, "Secret.Argument", stdin="x1\n").status != 0
    assert (stored(store), Entry.objects.count()) == (before, entries)


@pytest.mark.stores("sqlite")
def test_the_site_policy_is_applied(store: Store, bob: str) -> None:
    (store.home / "etc" / "password_strength.conf").write_text(
        "Policy = At least ten characters.\nLength >= 10\n"
    )
    before = stored(store)
    ran = run("vpasswd", bob, stdin="short\n")
    assert ran.status == 1 and "At least ten characters." in ran.err
    assert stored(store) == before


@pytest.mark.stores("clear")
def test_the_clear_password_never_outlives_the_hash(
    store: Store, bob: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def clear() -> str:
        return str(
            next(row for row in store.accounts("example.com") if row["pw_name"] == "bob")["pw_clear_passwd"]
        )

    monkeypatch.setattr(settings, "VPOPMAIL_CLEAR_PASSWORDS", "keep")
    done("vpasswd", bob, stdin="Kept.Pass1\n")
    assert clear() == "Kept.Pass1"
    monkeypatch.setattr(settings, "VPOPMAIL_CLEAR_PASSWORDS", "off")
    done("vpasswd", bob, stdin="Other.Pass1\n")
    assert clear() == ""


@pytest.mark.stores("sqlite")
def test_a_name_that_begins_with_a_dash(store: Store, bob: str) -> None:
    """vpopmail's own vadduser makes such accounts; they are reached after `--`."""
    from vpopmail.models import Account

    Account.objects.filter(name="bob").update(name="-bob")
    done("vpasswd", "--", "-bob@example.com", stdin="Other.Pass3\n")
    assert Entry.objects.latest("id").command == "manage.py vpasswd -- -bob@example.com"


@pytest.mark.stores("sqlite", "many")
@pytest.mark.parametrize(
    "lock", [["vmoduser", "-d", "bob@example.com"], ["vmoddomlimits", "-g", "d", "example.com"]]
)
def test_a_password_that_must_not_be_changed(store: Store, bob: str, lock: list[str]) -> None:
    """As vpopmail's vpasswd; vmoduser sets it all the same, there as here."""
    done(*lock)
    before = stored(store)
    ran = run("vpasswd", bob, stdin="Other.Pass3\n")
    assert ran.status == 1 and "vmoduser -C" in ran.err and stored(store) == before
    done("vmoduser", "-C", bob, stdin="Other.Pass3\n")
    assert passwords.verify("Other.Pass3", stored(store))
    assert Entry.objects.latest("id").command == "manage.py vmoduser -C bob@example.com"

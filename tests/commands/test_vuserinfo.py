"""`manage.py vuserinfo`."""

import pytest

from tests.commands.base import done, run
from tests.store import Store


def test_an_account(store: Store, bob: str) -> None:
    done("vmoduser", "-c", "Bob B.", "-i", "-q", "10MB", bob)
    directory = store.directory("example.com") / "bob"
    shown = done("vuserinfo", "bob@example.net").out
    assert shown.startswith(
        "name:   bob\ncomment/gecos: Bob B.\nuid:    0\ngid:    8\nflags:  8\ngecos: Bob B.\n"
    )
    assert "limits:\n        imap access closed\n" in shown
    assert f"dir:       {directory}\nquota:     10485760S\nusage:     0%\naccount created: " in shown
    assert shown.endswith("last auth: Never logged in\n")


def test_nothing_secret_is_shown(store: Store, bob: str) -> None:
    stored = next(row for row in store.accounts("example.com") if row["pw_name"] == "bob")["pw_passwd"]
    for argv in (["-a", bob], ["--json", bob], ["-D", "example.com"]):
        ran = done("vuserinfo", *argv)
        assert stored not in ran.out and "passwd" not in ran.out and "Secret" not in ran.out
    assert run("vuserinfo", "-p", bob).status == 1
    assert run("vuserinfo", "-C", bob).status == 1


@pytest.mark.stores("many")
def test_single_fields_and_the_limits_of_the_domain(store: Store, bob: str) -> None:
    done("vmoddomlimits", "-g", "p", "example.com")
    done("vmoduser", "-i", bob)
    assert done("vuserinfo", "-n", "-g", "-q", bob).out == "bob\n8\nNOQUOTA\n"
    shown = done("vuserinfo", bob).out
    assert "flags:  10\n" in shown and "pop access closed (*)\n" in shown
    assert "imap access closed\n" in shown and "* = set by domain-wide limits\n" in shown


def test_use_of_the_quota(store: Store, bob: str) -> None:
    done("vsetuserquota", bob, "1000000,10C")
    maildir = store.directory("example.com") / "bob" / "Maildir"
    (maildir / "new" / "1.x").write_bytes(b"x" * 250_000)
    size_file = maildir / "maildirsize"
    size_file.write_text(size_file.read_text() + "500000 1\n")
    assert done("vuserinfo", "-Q", bob).out == "50%\n", "what maildirsize says, as vpopmail's own believes it"
    size_file.unlink()
    assert done("vuserinfo", "-Q", bob).out == "25%\n", "what is there, where it says nothing"


def test_the_last_sign_in(store: Store, bob: str) -> None:
    from vpopmail.models import LastAuth

    LastAuth.objects.filter(user="bob", domain="example.com").update(remote_ip="192.0.2.7", timestamp=86400)
    shown = done("vuserinfo", "-l", bob).out
    assert shown == "last auth: Fri Jan  2 00:00:00 1970\nlast auth ip: 192.0.2.7\n"


def test_a_whole_domain(store: Store, bob: str) -> None:
    shown = done("vuserinfo", "-D", "example.net", "-n").out
    assert shown == "-" * 42 + "\nbob\n" + "-" * 42 + "\npostmaster\n"
    accounts = done("vuserinfo", "-D", "example.com", "--json").json["accounts"]
    assert [account["address"] for account in accounts] == [bob, "postmaster@example.com"]


@pytest.mark.stores("sqlite")
def test_who_is_not_there(store: Store, bob: str) -> None:
    assert run("vuserinfo", "nobody@example.com").status == 3
    assert run("vuserinfo", "-D", "unknown.example").status == 3
    assert run("vuserinfo").status == 1
    assert run("vuserinfo", "-D", "example.com", bob).status == 1
    assert run("vuserinfo", "bob").status == 1

"""make_domain and unmake_domain."""

import os

import pytest

from tests.mailhost.base import UID

BOX = {"name": "postmaster", "quota": "NOQUOTA"}
BOXES = [f"postmaster{part}" for part in ("", "/Maildir", "/Maildir/cur", "/Maildir/new", "/Maildir/tmp")]


def test_the_directory_is_what_vadddomain_makes(any_host):
    made = any_host.call(
        "make_domain", entry="e", domain="example.com", hash="", unknown="delete", mailboxes=[BOX]
    )
    assert made == {"directory": str(any_host.domains / "example.com")}
    assert any_host.tree() == {
        "example.com": ["d", "0o700", "vpopmail"],
        "example.com/.qmail-default": ["f", "0o600", "vpopmail", "| {V}/bin/vdelivermail '' delete\n"],
        **{f"example.com/{name}": ["d", "0o700", "vpopmail"] for name in BOXES},
    }


def test_a_quota_is_written(host):
    host.call("make_domain", domain="a.com", mailboxes=[{"name": "postmaster", "quota": "10485760S"}])
    assert (host.domains / "a.com/postmaster/Maildir/maildirsize").read_text() == "10485760S\n0 0\n"


@pytest.mark.parametrize(("unknown", "end"), [("bounce", "bounce-no-mailbox"), ("all@b.test", "all@b.test")])
def test_unknown_recipients(host, unknown, end):
    host.call("make_domain", domain="a.com", unknown=unknown)
    assert (host.domains / "a.com/.qmail-default").read_text() == f"| {host.home}/bin/vdelivermail '' {end}\n"


@pytest.mark.parametrize("unknown", ["a'b@c.test", "a|b@c.test", "nobody", "a;b@c.test", "a@c$d", "|x"])
def test_nothing_for_a_shell_gets_into_the_default_line(host, unknown):
    assert host.error("make_domain", domain="a.com", unknown=unknown).code == "refused"


def test_twice_is_once(any_host):
    for entry in ("", "e", "e", "f"):
        any_host.call("make_domain", entry=entry, domain="example.com", hash="0/z", mailboxes=[BOX])
    assert sorted(path.name for path in (any_host.domains / "0/z").iterdir()) == ["example.com"]
    assert any_host.tree()["0"] == ["d", "0o700", "vpopmail"]


def test_a_directory_with_anything_in_it_is_not_taken_over(host):
    host.call("make_domain", domain="a.com", mailboxes=[BOX])
    host.mail(host.domains / "a.com/postmaster")
    error = host.error("make_domain", domain="a.com")
    assert error.code == "exists" and (host.domains / "a.com/postmaster/Maildir/new").iterdir()


def test_unmake_takes_back_everything(any_host):
    before = any_host.tree()
    any_host.call("make_domain", entry="e", domain="a.com", hash="0/1", mailboxes=[BOX])
    answer = any_host.call("unmake_domain", entry="e", domain="a.com", hash="0/1")
    assert any_host.tree() == before and answer["parked"] is False
    assert any_host.call("unmake_domain", entry="f", domain="a.com", hash="0/1")["parked"] is False


def test_make_after_unmake_under_the_same_entry_makes_again(host):
    for _ in range(2):
        host.call("make_domain", entry="e", domain="a.com", hash="")
        assert (host.domains / "a.com").is_dir()
        host.call("unmake_domain", entry="e", domain="a.com", hash="")
        assert not (host.domains / "a.com").exists()


def test_unmake_parks_a_directory_in_which_mail_has_arrived(any_host):
    any_host.call("make_domain", entry="e", domain="a.com", mailboxes=[BOX])
    any_host.mail(any_host.domains / "a.com/postmaster")
    answer = any_host.call("unmake_domain", entry="e", domain="a.com")
    assert answer["parked"] and not (any_host.domains / "a.com").exists()
    message = any_host.domains / ".vqweb-trash/e/a.com/postmaster/Maildir/new/1.host,S=5"
    assert message.read_text() == "hello"


def test_unmake_refuses_a_connected_domain(host):
    host.add_domain("a.com")
    assert host.error("unmake_domain", entry="e", domain="a.com").code == "refused"


def test_leftovers_of_a_died_process_go_with_the_next_unmake(host):
    host.domains.joinpath(".vqweb-new-a.com-0123456789abcdef").mkdir()
    other = host.domains / ".vqweb-new-a.com-x.org-0123456789abcdef"
    other.mkdir()
    host.own(*host.domains.iterdir())
    host.call("unmake_domain", entry="e", domain="a.com")
    assert list(host.domains.iterdir()) == [other]


def test_nothing_is_left_when_the_place_is_a_file(host):
    host.write(host.domains / "0")
    error = host.error("make_domain", domain="a.com", hash="0")
    assert error.code == "refused"
    assert [path.name for path in host.domains.iterdir()] == ["0"]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: such a umask shuts everybody else out")
def test_the_umask_does_not_matter(host):
    old = os.umask(0)
    try:
        host.call("make_domain", domain="a.com", mailboxes=[BOX])
        os.umask(0o777)
        host.call("make_domain", domain="b.com", mailboxes=[{"name": "postmaster", "quota": "1S"}])
    finally:
        os.umask(old)
    trees = [host.tree(host.domains / name) for name in ("a.com", "b.com")]
    del trees[1]["postmaster/Maildir/maildirsize"]
    assert trees[0] == trees[1]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
@pytest.mark.parametrize("mode", [0o755, 0o777])
def test_root_makes_the_directory_only_where_nobody_else_can_write(make_host, mode):
    host = make_host("command")
    os.chown(host.domains, 0, 0)
    host.domains.chmod(mode)
    host.call("make_domain", entry="e", domain="a.com", mailboxes=[BOX])
    assert host.tree()["a.com"] == ["d", "0o700", "vpopmail"]
    assert (host.domains / "a.com").stat().st_uid == UID
    assert sorted(path.name for path in host.domains.iterdir()) == ["a.com"]

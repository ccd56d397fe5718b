"""put_dotqmail_aside and put_dotqmail_back: the `.qmail` of a disabled account, moved and not changed."""

import os

from mailhost.verbs_aside import ASIDE

BOXES = [{"name": "alice", "hash": ""}, {"name": "bob", "hash": "0"}, {"name": "gone", "hash": ""}]


def aside(host, boxes=BOXES, **more):
    return host.call("put_dotqmail_aside", domain="example.com", mailboxes=boxes, **more)


def back(host, boxes=BOXES, **more):
    return host.call("put_dotqmail_back", domain="example.com", mailboxes=boxes, **more)


def test_the_same_file_goes_and_comes_back(any_host):
    D = any_host.add_domain()
    any_host.add_mailbox("alice")
    any_host.add_mailbox("bob", hash="0")
    file = any_host.write(D / "alice/.qmail")
    file.write_bytes(b"&x@elsewhere.example\n\xff odd\n")
    before = os.stat(file)
    look = {"domain": "example.com", "mailboxes": BOXES}
    assert any_host.call("look_aside", **look) == {"here": ["alice"], "aside": []}
    assert aside(any_host, entry="a") == {"moved": ["alice"], "left": []}
    assert not file.exists()
    assert any_host.call("look_aside", **look) == {"here": [], "aside": ["alice"]}
    assert aside(any_host, entry="a") == {"moved": ["alice"], "left": []}
    assert aside(any_host, entry="b") == {"moved": [], "left": []}
    assert back(any_host, entry="c") == {"moved": ["alice"], "left": []}
    after = os.stat(file)
    for what in ("st_ino", "st_mtime_ns", "st_mode"):
        assert getattr(after, what) == getattr(before, what)
    assert file.read_bytes() == b"&x@elsewhere.example\n\xff odd\n"
    assert not (D / "alice" / ASIDE).exists()


def test_nothing_is_replaced(host):
    D = host.add_domain()
    host.add_mailbox("alice")
    host.write(D / "alice/.qmail", "&old@x.example\n")
    aside(host)
    host.write(D / "alice/.qmail", "&new@x.example\n")
    assert aside(host) == {"moved": [], "left": ["alice"]}
    assert back(host) == {"moved": [], "left": ["alice"]}
    assert (D / "alice/.qmail").read_text() == "&new@x.example\n"
    assert (D / "alice" / ASIDE).read_text() == "&old@x.example\n"


def test_a_move_that_was_stopped_between_its_two_steps_is_finished(host):
    D = host.add_domain()
    host.add_mailbox("alice")
    host.write(D / "alice/.qmail", "&old@x.example\n")
    os.link(D / "alice/.qmail", D / "alice" / ASIDE)
    assert aside(host) == {"moved": ["alice"], "left": []}
    os.link(D / "alice" / ASIDE, D / "alice/.qmail")
    assert back(host) == {"moved": ["alice"], "left": []}
    assert os.stat(D / "alice/.qmail").st_nlink == 1


def test_a_link_goes_as_a_link_and_a_directory_stays(host):
    D = host.add_domain()
    host.add_mailbox("alice")
    host.add_mailbox("bob", hash="0")
    (D / "alice/.qmail").symlink_to("/etc/passwd")
    (D / "0/bob/.qmail").mkdir()
    assert aside(host) == {"moved": ["alice"], "left": []}
    assert os.readlink(D / "alice" / ASIDE) == "/etc/passwd"
    assert (D / "0/bob/.qmail").is_dir()


def test_hash_directories_that_are_links_are_not_followed(host, tmp_path):
    D = host.add_domain()
    (tmp_path / "bob").mkdir()
    (tmp_path / "bob/.qmail").write_text("&x@x.example\n")
    (D / "0").symlink_to(tmp_path)
    (D / "alice").symlink_to(tmp_path / "bob")
    assert aside(host) == {"moved": [], "left": []}
    assert (tmp_path / "bob/.qmail").exists()

"""take_slots and give_slots: the file of free places, as vpopmail's backfill keeps it."""

import os

import pytest

FREE, LOCK = ".dir_control_free", ".dir_control_free.lock"


def test_a_deletion_appends_and_the_next_addition_takes(any_host):
    D = any_host.add_domain()
    any_host.call("give_slots", entry="e", domain="example.com", hashes=["0", "", "0/z"])
    assert any_host.entry(D / FREE) == ["f", "0o600", "vpopmail", "0\n0/z\n"]
    assert any_host.entry(D / LOCK) == ["f", "0o600", "vpopmail", ""]
    assert any_host.call("take_slots", entry="f", domain="example.com", count=1) == {"hashes": ["0"]}
    assert any_host.entry(D / FREE) == ["f", "0o644", "vpopmail", "0/z\n"]
    assert any_host.call("take_slots", domain="example.com", count=5) == {"hashes": ["0/z"]}
    assert any_host.entry(D / FREE) == ["f", "0o644", "vpopmail", ""]
    assert any_host.call("take_slots", domain="example.com", count=5) == {"hashes": []}


def test_without_hash_directories_no_file_appears(host):
    D = host.add_domain()
    host.call("give_slots", entry="e", domain="example.com", hashes=[""])
    assert host.call("take_slots", domain="example.com", count=3) == {"hashes": []}
    assert [path.name for path in D.iterdir()] == [".qmail-default"]


def test_a_repeated_entry_takes_and_gives_once(host):
    D = host.add_domain()
    host.write(D / FREE, "0\n1\n")
    for _ in range(2):
        assert host.call("take_slots", entry="e", domain="example.com", count=1) == {"hashes": ["0"]}
    for _ in range(2):
        host.call("give_slots", entry="e", domain="example.com", hashes=["0"])
    assert (D / FREE).read_text() == "1\n0\n"
    assert host.call("take_slots", entry="e", domain="example.com", count=1) == {"hashes": ["1"]}


def test_comments_and_rubbish_stay(host):
    D = host.add_domain()
    host.write(D / FREE, "# places\n../../etc\n 0 # from bob\nlong\n\n1\n")
    assert host.call("take_slots", domain="example.com", count=9) == {"hashes": ["0", "1"]}
    assert (D / FREE).read_text() == "# places\n../../etc\nlong\n\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_a_file_that_only_root_may_read_is_passed_over(make_host):
    host = make_host("command")
    D = host.add_domain()
    host.write(D / FREE, "0\n")
    os.chown(D / FREE, 0, 0)
    assert host.call("take_slots", domain="example.com", count=1) == {"hashes": []}


def test_bad_hashes_are_refused(host):
    host.add_domain()
    assert host.error("give_slots", domain="example.com", hashes=["../x"]).code == "refused"
    assert host.error("take_slots", domain="example.com", count=0).code == "refused"

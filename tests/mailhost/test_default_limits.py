"""write_default_limits: vpopmail's own etc/vlimits.default."""

import os

import pytest

from tests.mailhost.base import UID

TEXT = "# ours\nmaxaliases 5\n"


def test_written_and_read_back(any_host):
    path = any_host.home / "etc/vlimits.default"
    seen = any_host.call("write_default_limits", entry="e", text=TEXT, expect=None)["fingerprint"]
    assert any_host.call("read_default_limits") == {"exists": True, "text": TEXT, "fingerprint": seen}
    assert (path.stat().st_uid, path.stat().st_mode & 0o777) == (UID, 0o644)
    again = any_host.call("write_default_limits", entry="f", text=TEXT, expect=None)
    assert again["fingerprint"] == seen, "the same again is no change"


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_it_keeps_its_mode(any_host):
    path = any_host.write(any_host.home / "etc/vlimits.default", "maxaliases 1\n", 0o640)
    os.chown(path, 0, 89)
    seen = any_host.call("read_default_limits")["fingerprint"]
    any_host.call("write_default_limits", text=TEXT, expect=seen)
    assert any_host.entry(path)[1:] == ["0o640", "vpopmail", TEXT]


def test_changed_meanwhile(host):
    path = host.write(host.home / "etc/vlimits.default", "maxaliases 1\n")
    seen = host.call("read_default_limits")["fingerprint"]
    path.write_text("maxaliases 2\n")
    assert host.error("write_default_limits", text=TEXT, expect=seen).code == "changed"
    assert host.error("write_default_limits", text=TEXT, expect=None).code == "changed"
    assert path.read_text() == "maxaliases 2\n"


@pytest.mark.parametrize("text", ["nonsense 1\n", "maxaliases\n", "#" * 2048, "maxaliases 1\0\n"])
def test_bad_texts_are_refused(host, text):
    assert host.error("write_default_limits", text=text, expect=None).code == "refused"
    assert not (host.home / "etc/vlimits.default").exists()


def test_what_is_not_understood_stays_byte_for_byte(host):
    path = host.home / "etc/vlimits.default"
    path.write_bytes(b"# caf\xe9\nour_own_word 5\nmaxaliases 1\n")
    found = host.call("read_default_limits")
    text = found["text"].replace("maxaliases 1", "maxaliases 2")
    host.call("write_default_limits", text=text, expect=found["fingerprint"])
    assert path.read_bytes() == b"# caf\xe9\nour_own_word 5\nmaxaliases 2\n"


def test_a_link_or_a_huge_file_is_left_alone(host):
    path, other = host.home / "etc/vlimits.default", host.home / "other"
    other.write_text("maxaliases 1\n")
    path.symlink_to(other)
    assert host.error("write_default_limits", text=TEXT, expect=None).code == "refused"
    path.unlink()
    path.write_bytes(b"#" * 10 * 1024 * 1024)
    assert host.error("write_default_limits", text=TEXT, expect=None).code == "refused"
    assert other.read_text() == "maxaliases 1\n"


def test_only_where_the_group_allows(make_host):
    host = make_host(groups=frozenset({"read", "domains"}))
    assert host.error("write_default_limits", text=TEXT, expect=None).code == "refused"

"""read_limits, write_limits, remove_limits, read_default_limits."""

import os

import pytest

from mailhost import limitsfile

TEXT = limitsfile.write({"maxpopaccounts": 5, "disable_pop": 1})


def test_written_0600_with_the_domains_owner_and_removed(any_host):
    D = any_host.add_domain()
    assert any_host.call("read_limits", domain="example.com") == {
        "exists": False,
        "text": "",
        "fingerprint": None,
    }
    seen = any_host.call("write_limits", entry="e", domain="example.com", text=TEXT, expect=None)[
        "fingerprint"
    ]
    assert any_host.entry(D / ".qmailadmin-limits") == ["f", "0o600", "vpopmail", TEXT]
    assert any_host.call("read_limits", domain="example.com") == {
        "exists": True,
        "text": TEXT,
        "fingerprint": seen,
    }
    any_host.call("remove_limits", entry="f", domain="example.com", expect=seen)
    assert not (D / ".qmailadmin-limits").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_a_read_never_changes_the_file_a_write_mends_it(any_host):
    D = any_host.add_domain()
    path = any_host.write(D / ".qmailadmin-limits", TEXT, 0o644)
    os.chown(path, 0, 0)
    seen = any_host.call("read_limits", domain="example.com")["fingerprint"]
    assert any_host.entry(path)[1:3] == ["0o644", "root"]
    any_host.call("write_limits", domain="example.com", text=TEXT, expect=seen)
    assert any_host.entry(path)[1:3] == ["0o600", "vpopmail"]


def test_changed_meanwhile(host):
    D = host.add_domain()
    seen = host.call("write_limits", domain="example.com", text=TEXT, expect=None)["fingerprint"]
    host.write(D / ".qmailadmin-limits", "maxaliases: 1\n")
    assert (
        host.error("write_limits", domain="example.com", text="maxaliases: 2\n", expect=seen).code
        == "changed"
    )
    assert host.error("remove_limits", domain="example.com", expect=seen).code == "changed"


@pytest.mark.parametrize("text", ["nonsense 1\n", "maxaliases\n", "maxaliases: 1\n" * 300, "x\0y"])
def test_bad_texts_are_refused(host, text):
    host.add_domain()
    assert host.error("write_limits", domain="example.com", text=text, expect=None).code == "refused"


def test_the_default_limits(any_host):
    assert any_host.call("read_default_limits")["exists"] is False
    (any_host.home / "etc/vlimits.default").write_text("maxaliases 5\n")
    assert any_host.call("read_default_limits")["text"] == "maxaliases 5\n"

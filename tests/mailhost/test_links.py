"""Symbolic links, hard links, fifos and foreign owners below D are refused; nothing outside is touched."""

import os
import shutil

import pytest

from tests.mailhost.base import Host

LINES = {"lines": ["a@b.test"], "expect": None}


def plant(host: Host, kind: str, path):
    """Something at `path` that is no plain file of the domain's; returns the victim it leads to."""
    victim = host.root / "victim"
    victim.write_text("maxaliases: 7\n")
    victim.chmod(0o644)
    if kind == "symlink":
        os.symlink(victim, path)
    elif kind == "dangling":
        os.symlink(host.root / "not-there", path)
    elif kind == "hardlink":
        host.own(victim)
        os.link(victim, path)
    elif kind == "fifo":
        os.mkfifo(path)
        host.own(path)
    elif kind == "directory":
        path.mkdir()
        host.own(path)
    elif kind == "foreign":
        shutil.copy(victim, path)
        os.chown(path, 4321, 4321)
    return victim


KINDS = [
    "symlink",
    "dangling",
    "hardlink",
    "fifo",
    "directory",
    pytest.param("foreign", marks=pytest.mark.skipif(os.geteuid() != 0, reason="needs root")),
]


@pytest.mark.parametrize("kind", KINDS)
def test_odd_files_are_neither_read_nor_written(any_host, kind):
    host = any_host
    D = host.add_domain()
    victim = plant(host, kind, D / ".qmailadmin-limits")
    for verb, args in (
        ("read_limits", {}),
        ("write_limits", {"text": "maxaliases: 1\n", "expect": None}),
        ("remove_limits", {"expect": None}),
    ):
        error = host.error(verb, domain="example.com", **args)
        assert error.code == "refused", verb
    assert victim.read_text() == "maxaliases: 7\n" and os.path.lexists(D / ".qmailadmin-limits")
    assert not (host.root / "not-there").exists()


@pytest.mark.parametrize("kind", ["symlink", "hardlink", "fifo", "directory"])
def test_odd_aliases_are_shown_as_unreadable(any_host, kind):
    D = any_host.add_domain()
    victim = plant(any_host, kind, D / ".qmail-sales")
    read = any_host.call("read_dotqmail", domain="example.com", name="sales")
    assert read == {"exists": True, "lines": [], "fingerprint": None, "readable": False}
    assert any_host.error("write_dotqmail", domain="example.com", name="sales", **LINES).code == "refused"
    assert (
        any_host.error("remove_dotqmail", domain="example.com", name="sales", expect=None).code == "refused"
    )
    assert victim.read_text() == "maxaliases: 7\n"


def test_a_linked_hash_directory_is_not_followed(any_host):
    D = any_host.add_domain()
    outside = any_host.root / "outside"
    outside.mkdir()
    any_host.own(outside)
    os.symlink(outside, D / "0")
    box = {"name": "alice", "hash": "0", "quota": ""}
    assert any_host.error("make_mailboxes", domain="example.com", mailboxes=[box]).code == "refused"
    (outside / "alice/Maildir/cur").mkdir(parents=True)
    bare = [{"name": "alice", "hash": "0"}]
    assert (
        any_host.call("mailbox_state", domain="example.com", mailboxes=bare)["states"][0]["exists"] is False
    )
    assert (
        any_host.error("park_mailbox", entry="e", domain="example.com", name="alice", hash="0").code
        == "refused"
    )
    assert any_host.call("unmake_mailboxes", entry="f", domain="example.com", mailboxes=bare)["parked"] == []
    assert (outside / "alice").is_dir()


def test_the_slots_file_may_be_no_link(any_host):
    D = any_host.add_domain()
    victim = plant(any_host, "symlink", D / ".dir_control_free")
    assert any_host.error("give_slots", domain="example.com", hashes=["0"]).code == "refused"
    assert any_host.error("take_slots", domain="example.com", count=1).code == "refused"
    assert victim.read_text() == "maxaliases: 7\n"


def test_control_files_may_be_no_links(any_host):
    any_host.call("make_domain", domain="a.com")
    path = any_host.qmail / "control/virtualdomains"
    victim = plant(any_host, "symlink", path)
    assert any_host.error("connect_domain", domain="a.com", real="a.com").code == "refused"
    assert any_host.error("read_control", name="virtualdomains").code == "refused"
    assert any_host.control("assign") in (None, ".\n") and any_host.control("rcpthosts") == "mailhost.test\n"
    assert victim.read_text() == "maxaliases: 7\n"


@pytest.mark.parametrize("where", ["home", "domains", "D"])
def test_links_that_root_made_lead_to_the_real_directory(any_host, where):
    host = any_host
    D = host.add_domain()
    path = {"home": host.home, "domains": host.domains, "D": D}[where]
    path.rename(host.root / "moved")
    os.symlink(host.root / "moved", path)
    host.add_mailbox("alice")
    assert (D / "alice/Maildir/cur").is_dir()
    assert host.call("measure", domain="example.com")["exists"]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_a_link_that_somebody_else_made_is_refused(any_host):
    D = any_host.add_domain()
    D.rename(any_host.root / "moved")
    os.symlink(any_host.root / "moved", D)
    os.lchown(D, 4321, 4321)
    error = any_host.error("read_limits", domain="example.com")
    assert error.code == "refused" and "root did not make" in error.message


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_owners_and_ids(any_host):
    host = any_host
    D = host.add_domain()
    os.chown(D, 4321, 4321)
    assert "4321" in host.error("read_limits", domain="example.com").message
    assign = host.qmail / "users/assign"
    for uid in ("0", "65534", "99999999"):
        assign.write_text(f"+example.com-:example.com:{uid}:{uid}:{D}:-::\n.\n")
        error = host.error("read_limits", domain="example.com")
        assert error.code == "refused" and "outside the range" in error.message
    for directory in ("/etc/../etc", f"{D}/../x", "/"):
        assign.write_text(f"+example.com-:example.com:89:89:{directory}:-::\n.\n")
        assert host.error("read_limits", domain="example.com").code == "refused"


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_the_helper_never_works_below_a_domain_as_root(make_host):
    """A directory of the domain's that its user may not write shows who was at work."""
    host = make_host("command")
    D = host.add_domain()
    host.add_mailbox("alice")
    D.chmod(0o500)
    error = host.error("write_limits", domain="example.com", text="maxaliases: 1\n", expect=None)
    assert error.code == "io" and "permission denied" in error.message
    error = host.error("park_mailbox", entry="e", domain="example.com", name="alice", hash="")
    assert error.code == "io" and (D / "alice").is_dir()

"""list_dotqmail, read_dotqmail, write_dotqmail, remove_dotqmail, check_names."""

import pytest


def write(host, name, lines, expect=None, **more):
    return host.call("write_dotqmail", domain="example.com", name=name, lines=lines, expect=expect, **more)[
        "fingerprint"
    ]


def test_an_alias_is_written_as_by_valias(any_host):
    D = any_host.add_domain()
    seen = write(any_host, "info.sales", ["&dave@elsewhere.example"], entry="e")
    assert any_host.entry(D / ".qmail-info:sales") == ["f", "0o600", "vpopmail", "&dave@elsewhere.example\n"]
    read = any_host.call("read_dotqmail", domain="example.com", name="info.sales")
    assert read == {
        "exists": True,
        "lines": ["&dave@elsewhere.example"],
        "fingerprint": seen,
        "readable": True,
    }
    assert set(seen) == {"inode", "mtime_ns", "size", "sha256"}
    again = write(any_host, "info.sales", ["&dave@elsewhere.example", "bob@example.com"], seen, entry="f")
    assert (D / ".qmail-info:sales").read_text() == "&dave@elsewhere.example\nbob@example.com\n"
    any_host.call("remove_dotqmail", entry="g", domain="example.com", name="info.sales", expect=again)
    assert [path.name for path in D.iterdir()] == [".qmail-default"]
    assert any_host.call("read_dotqmail", domain="example.com", name="info.sales")["exists"] is False


def test_what_somebody_else_changed_is_not_overwritten(any_host):
    D = any_host.add_domain()
    seen = write(any_host, "sales", ["a@b.test"])
    any_host.write(D / ".qmail-sales", "c@d.test\n")
    error = any_host.error(
        "write_dotqmail", domain="example.com", name="sales", lines=["e@f.test"], expect=seen
    )
    assert error.code == "changed" and error.details["fingerprint"]["size"] == 9
    assert (
        any_host.error(
            "write_dotqmail", domain="example.com", name="sales", lines=["e@f.test"], expect=None
        ).code
        == "changed"
    )
    assert (
        any_host.error("remove_dotqmail", domain="example.com", name="sales", expect=seen).code == "changed"
    )
    assert (D / ".qmail-sales").read_text() == "c@d.test\n"


def test_repeats_are_no_conflict(host):
    host.add_domain()
    first = write(host, "sales", ["a@b.test"], entry="e")
    assert write(host, "sales", ["a@b.test"], entry="e") == first
    assert write(host, "sales", ["a@b.test"]) == first
    host.call("remove_dotqmail", domain="example.com", name="sales", expect=first)
    host.call("remove_dotqmail", domain="example.com", name="sales", expect=first)
    assert write(host, "sales", ["a@b.test"], entry="e")["inode"]


def test_commands_and_foreign_paths_are_refused_unless_allowed(make_host):
    host = make_host()
    D = host.add_domain()
    for line in ("|/bin/sh", "/etc/mail/", "/var/mbox"):
        error = host.error("write_dotqmail", domain="example.com", name="list", lines=[line], expect=None)
        assert error.code == "refused" and line in error.message
    write(host, "own", [f"{D}/alice/Maildir/", "./bob/Maildir/", "# note"])
    host.write(D / ".qmail-list", "|/bin/ezmlm-send x\nlocaluser\n")
    seen = host.call("read_dotqmail", domain="example.com", name="list")["fingerprint"]
    write(host, "list", ["|/bin/ezmlm-send x", "localuser", "&a@b.test"], seen)
    host.configure(allow_programs=True)
    write(host, "new", ["|/bin/sh"])


@pytest.mark.parametrize(
    "lines", [[], ["a@b.test\nc@d.test"], ["nobody"], [""], ["-x@y.test"], ["a@b.test", 3]]
)
def test_bad_lines_are_refused(host, lines):
    host.add_domain()
    assert (
        host.error("write_dotqmail", domain="example.com", name="sales", lines=lines, expect=None).code
        == "refused"
    )


def test_the_domains_own_default_can_be_read_but_not_written(host):
    host.add_domain()
    read = host.call("read_dotqmail", domain="example.com", name="default")
    assert read["lines"] == [f"| {host.home}/bin/vdelivermail '' bounce-no-mailbox"]
    for verb, args in (("write_dotqmail", {"lines": ["a@b.test"]}), ("remove_dotqmail", {})):
        assert (
            host.error(verb, domain="example.com", name="default", expect=read["fingerprint"], **args).code
            == "refused"
        )


def test_pages_of_aliases(any_host):
    D = any_host.add_domain()
    for number in range(5):
        any_host.write(D / f".qmail-name{number}:x", f"&to{number}@b.test\n")
    any_host.write(D / ".qmail-Upper", "&never@found.test\n")
    (D / ".qmail-dir").mkdir()
    any_host.own(D / ".qmail-dir")
    page = any_host.call("list_dotqmail", domain="example.com", limit=3)
    assert [file["name"] for file in page["files"]] == ["dir", "name0.x", "name1.x"] and page["more"]
    assert [file["readable"] for file in page["files"]] == [False, True, True]
    page = any_host.call("list_dotqmail", domain="example.com", limit=3, after="name1.x")
    assert [file["name"] for file in page["files"]] == ["name2.x", "name3.x", "name4.x"] and not page["more"]
    page = any_host.call("list_dotqmail", domain="example.com", contains="to3@")
    assert [(file["name"], file["lines"]) for file in page["files"]] == [("name3.x", ["&to3@b.test"])]
    assert set(page["files"][0]) == {"name", "lines", "fingerprint", "readable"}


def test_what_of_a_name_is_taken(any_host):
    D = any_host.add_domain()
    any_host.add_mailbox("alice")
    any_host.add_mailbox("bob")
    any_host.mail(D / "bob")
    any_host.write(D / ".qmail-sales", "&a@b.test\n")
    any_host.write(D / "plain")
    found = any_host.call(
        "check_names", domain="example.com", names=["alice", "bob", "sales", "plain", "free"]
    )["names"]
    assert {
        name: (taken["dotqmail"], taken["directory"], taken["mail"]) for name, taken in found.items()
    } == {
        "alice": (False, True, False),
        "bob": (False, True, True),
        "sales": (True, False, False),
        "plain": (False, True, False),
        "free": (False, False, False),
    }

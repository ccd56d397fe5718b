"""disconnect_domain: the mirror of connecting."""

import pytest

from mailhost import qmail

NAMES = ("assign", "rcpthosts", "morercpthosts", "virtualdomains", "locals")


def files(host):
    return {name: host.control(name) for name in NAMES}


def test_everything_goes_with_the_alias_domains(any_host):
    host = any_host
    host.add_domain("other.test")
    before = files(host)
    host.add_domain("a.com")
    host.call("connect_domain", domain="z.com", real="a.com")
    answer = host.call("disconnect_domain", entry="e", domains=["a.com", "z.com"])
    assert answer["removed"] == ["a.com", "z.com"] and files(host) == before
    data = (host.qmail / "users/cdb").read_bytes()
    assert qmail.read_cdb(data, b"!a.com-") is None and qmail.read_cdb(data, b"!other.test-")


def test_an_alias_domain_alone(host):
    host.add_domain("a.com")
    before = files(host)
    host.call("connect_domain", domain="z.com", real="a.com")
    assert host.call("disconnect_domain", domains=["z.com"])["removed"] == ["z.com"]
    assert files(host) == before


def test_a_domain_does_not_leave_its_alias_domains_behind(host):
    host.add_domain("a.com")
    host.call("connect_domain", domain="z.com", real="a.com")
    before = files(host)
    error = host.error("disconnect_domain", domains=["a.com"])
    assert error.code == "refused" and error.details["alias_domains"] == ["z.com"] and files(host) == before


def test_names_of_two_domains_are_refused(host):
    host.add_domain("a.com")
    host.add_domain("b.com")
    assert host.error("disconnect_domain", domains=["a.com", "b.com"]).code == "refused"


def test_both_rcpthosts_and_morercpthosts_are_cleaned(any_host):
    host = any_host
    host.add_domain("a.com")
    (host.qmail / "control/rcpthosts").write_text("a.com\n" + "".join(f"h{i:02}.test\n" for i in range(49)))
    host.call("connect_domain", domain="z.com", real="a.com")
    host.add_domain("b.com")
    assert host.control("morercpthosts") == "b.com\nz.com\n"
    host.call("disconnect_domain", domains=["a.com", "z.com"])
    assert "a.com" not in host.control("rcpthosts") and host.control("morercpthosts") == "b.com\n"
    data = (host.qmail / "control/morercpthosts.cdb").read_bytes()
    assert qmail.read_cdb(data, b"z.com") is None and qmail.read_cdb(data, b"b.com") == b""
    host.call("disconnect_domain", domains=["b.com"])
    assert host.control("morercpthosts") is None and not (host.qmail / "control/morercpthosts.cdb").exists()


@pytest.mark.parametrize("left", ["b.com\n", None])
def test_a_name_that_only_the_compiled_file_still_accepts_is_compiled_away(host, left):
    """Whoever took it out of the text was stopped before qmail-newmrh, or between the two files' removal."""
    (host.qmail / "control/rcpthosts").write_text("".join(f"h{i:02}.test\n" for i in range(50)))
    host.add_domain("a.com")
    if left:
        host.add_domain("b.com")
    text, cdb = (host.qmail / "control" / name for name in ("morercpthosts", "morercpthosts.cdb"))
    assert qmail.read_cdb(cdb.read_bytes(), b"a.com") == b""
    text.write_text(left) if left else text.unlink()
    host.call("disconnect_domain", domains=["a.com"])
    assert host.control("morercpthosts") == left
    assert qmail.read_cdb(cdb.read_bytes(), b"a.com") is None if left else not cdb.exists()


def test_names_that_are_no_virtual_domains_stay(host):
    (host.qmail / "control/rcpthosts").write_text("mailhost.test\nrelayed.test\n")
    before = files(host)
    assert host.call("disconnect_domain", domains=["relayed.test", "mailhost.test"]) == {
        "warnings": [],
        "removed": [],
    }
    assert files(host) == before


@pytest.mark.parametrize("way", ["in-process", "command"])
def test_a_failing_compiler_puts_everything_back(make_host, way):
    host = make_host(way)
    host.add_domain("a.com")
    before = files(host)
    (host.qmail / "bin/fail-qmail-newu").touch()
    error = host.error("disconnect_domain", entry="e", domains=["a.com"])
    assert error.code == "io" and files(host) == before
    assert qmail.read_cdb((host.qmail / "users/cdb").read_bytes(), b"!a.com-")


def test_the_entry_can_connect_it_again_where_it_was(any_host):
    host = any_host
    host.add_domain("a.com", hash="0")
    host.call("connect_domain", domain="z.com", real="a.com")
    before = files(host)
    for _ in range(2):
        host.call("disconnect_domain", entry="e", domains=["a.com", "z.com"])
        assert host.control("assign") == ".\n"
        host.call("connect_domain", entry="e", domain="a.com", real="a.com")
        host.call("connect_domain", entry="e", domain="z.com", real="a.com")
        assert files(host) == before


def test_repeating_the_entry_answers_the_same(host):
    host.add_domain("a.com")
    first = host.call("disconnect_domain", entry="e", domains=["a.com"])
    assert host.call("disconnect_domain", entry="e", domains=["a.com"]) == first
    assert host.call("disconnect_domain", entry="f", domains=["a.com"])["removed"] == []


@pytest.mark.parametrize(("entry", "local"), [("e", True), ("later", False)])
def test_a_local_name_is_local_again_for_who_takes_its_connection_back(any_host, entry, local):
    host = any_host
    host.add_domain("a.com")
    (host.qmail / "control/locals").write_text("mail.test\nz.com\n")
    before = files(host)
    host.call("connect_domain", entry="e", domain="z.com", real="a.com")
    assert host.control("locals") == "mail.test\n"
    host.call("disconnect_domain", entry=entry, domains=["z.com"])
    assert files(host) == (before if local else before | {"locals": "mail.test\n"})

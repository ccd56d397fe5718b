"""Mailing lists: recognised, counted, made and changed by ezmlm's programs, damaged by nothing else."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailhost import ezmlm
from tests import fake_ezmlm


@pytest.fixture
def tmp_path():
    yield from fake_ezmlm.directory_for_everybody()


@pytest.fixture
def list_host(make_host, tmp_path):
    """A mail host with ezmlm and a domain."""
    host = make_host(ezmlm=str(tmp_path / "ezmlm"), allow_programs=True)
    fake_ezmlm.install(tmp_path / "ezmlm")
    host.add_domain()
    return host


def make(host, name="news", letters="aud", owner="anna@example.com", **more):
    return host.call("make_list", domain="example.com", name=name, letters=letters, owner=owner, **more)


def lists(host, **more):
    return host.call("list_mailing_lists", domain="example.com", **more)


def subscribe(host, *add, remove=(), part="", name="news", **more):
    args = {"domain": "example.com", "name": name, "part": part, "add": list(add), "remove": list(remove)}
    return host.call("subscribe", **args, **more)


def read(host, **more):
    return host.call("read_mailing_list", domain="example.com", name="news", **more)


def tree(D: Path):
    return {
        str(path.relative_to(D)): os.readlink(path)
        if path.is_symlink()
        else path.is_file() and path.read_bytes()
        for path in D.rglob("*")
    }


def test_a_list_is_made_shown_and_subscribed(list_host):
    D = list_host.domains / "example.com"
    assert lists(list_host) == {"lists": [], "more": False, "programs": "idx"}
    assert make(list_host, entry="e") == {"directory": f"{D}/news"}
    assert make(list_host, entry="e") == {"directory": f"{D}/news"}
    assert (D / "news" / "inlocal").read_text() == "example.com-news"
    assert list_host.entry(D / "news")[2] == "vpopmail" and list_host.entry(D / "news" / "lock")[1] == "0o600"
    subscribe(list_host, "carl@x.test", "bea@x.test", entry="f")
    subscribe(list_host, "Dora@x.test", part="mod")
    [found] = lists(list_host)["lists"]
    assert found == {
        "name": "news",
        "directory": f"{D}/news",
        "owner": "anna@example.com",
        "switches": ["archived", "subpostonly", "digested"],
        "database": False,
        "numbers": {"": 2, "digest": 0, "mod": 1, "allow": 0, "deny": 0},
        "complete": True,
    }
    assert read(list_host)["addresses"] == ["bea@x.test", "carl@x.test"]
    page = read(list_host, limit=1)
    assert (page["addresses"], page["more"]) == (["bea@x.test"], True)
    assert read(list_host, after="bea@x.test")["addresses"] == ["carl@x.test"]
    assert read(list_host, these=["Carl@x.test", "nobody@x.test"])["on"] == ["Carl@x.test"]
    assert read(list_host, part="mod")["addresses"] == ["Dora@x.test"]
    assert read(list_host, part="mod", these=["dora@x.test"])["on"] == ["dora@x.test"]
    subscribe(list_host, remove=["bea@x.test", "nobody@x.test"])
    assert read(list_host)["addresses"] == ["carl@x.test"]


@pytest.mark.parametrize("way", ["command", "socket"])
def test_it_works_the_other_ways_as_well(make_host, tmp_path, way):
    host = make_host(way, ezmlm=str(tmp_path / "ezmlm"))
    fake_ezmlm.install(tmp_path / "ezmlm")
    host.add_domain()
    make(host)
    subscribe(host, "carl@x.test")
    assert read(host)["addresses"] == ["carl@x.test"]
    assert host.entry(host.domains / "example.com" / "news" / "lock")[2] == "vpopmail"


def test_a_failed_making_leaves_nothing(list_host, tmp_path):
    D = list_host.domains / "example.com"
    before = tree(D)
    (tmp_path / "ezmlm" / "fail-ezmlm-make").touch()
    error = list_host.error("make_list", domain="example.com", name="news", letters="a")
    assert error.code == "io" and "disk full" in error.message
    assert tree(D) == before


def test_what_is_there_already_is_no_new_list(list_host):
    list_host.add_mailbox("alice")
    list_host.write(list_host.domains / "example.com" / ".qmail-sales-owner", "&a@b.test\n")
    before = tree(list_host.domains / "example.com")
    for name in ("alice", "sales"):
        error = list_host.error("make_list", domain="example.com", name=name, letters="a")
        assert error.code == "exists"
    assert tree(list_host.domains / "example.com") == before


def test_only_an_empty_list_is_taken_back(list_host):
    D = list_host.domains / "example.com"
    before = tree(D)
    make(list_host)
    subscribe(list_host, "carl@x.test")
    kept = tree(D)
    assert list_host.error("unmake_list", domain="example.com", name="news").code == "refused"
    assert tree(D) == kept
    subscribe(list_host, remove=["carl@x.test"])
    list_host.call("unmake_list", domain="example.com", name="news")
    list_host.call("unmake_list", domain="example.com", name="news")
    assert tree(D) == before
    list_host.add_mailbox("alice")
    assert list_host.error("unmake_list", domain="example.com", name="alice").code == "refused"


def test_without_the_programs_lists_are_only_shown(list_host):
    make(list_host)
    list_host.configure(ezmlm="/nowhere")
    assert lists(list_host)["programs"] == "" and len(lists(list_host)["lists"]) == 1
    for verb, args in (
        ("make_list", {"letters": "a"}),
        ("subscribe", {"part": "", "add": ["a@b.test"], "remove": []}),
    ):
        error = list_host.error(verb, domain="example.com", name="news2"[: 5 - (verb == "subscribe")], **args)
        assert error.code == "refused" and "not installed" in error.message


@pytest.mark.parametrize(
    "address", ["-x@y.test", "x", "a b@c.test", "x@y.test\n", "|id@y.test", "x@-y", "a'b@c.test", 3]
)
def test_bad_addresses_are_refused(list_host, address):
    make(list_host)
    args = {"domain": "example.com", "name": "news", "part": "", "remove": []}
    assert list_host.error("subscribe", add=[address], **args).code == "refused"
    assert read(list_host)["addresses"] == []


@pytest.mark.parametrize("more", [{"part": "../x"}, {"name": "nolist"}])
def test_other_bad_arguments_are_refused(list_host, more):
    make(list_host)
    args = {"domain": "example.com", "name": "news", "part": "", "add": ["a@b.test"], "remove": []} | more
    assert list_host.error("subscribe", **args).code in ("refused", "missing")
    assert list_host.error("make_list", domain="example.com", name="x", letters="-x /y").code == "refused"


def test_a_mail_host_may_forbid_it(list_host):
    make(list_host)
    list_host.configure(groups=frozenset({"read"}))
    assert lists(list_host)["programs"] == "" and len(lists(list_host)["lists"]) == 1


# --- recognised in every form, and damaged by nothing else ---


def as_plain_files(host, name="news"):
    """The list as ezmlm before idx 6 and copies have it: files with lines instead of links."""
    D = host.domains / "example.com"
    make(host, name)
    for link in D.glob(f".qmail-{name}*"):
        link.unlink()
        program = "ezmlm-manage" if link.name.endswith("-default") else "ezmlm-send"
        host.write(
            link, f"|/usr/bin/ezmlm/ezmlm-reject '{D}/{name}'\n|/usr/bin/ezmlm/{program} '{D}/{name}'\n"
        )
    return D


def test_a_list_of_plain_files_is_one(list_host):
    as_plain_files(list_host)
    assert [found["name"] for found in lists(list_host)["lists"]] == ["news"]


def test_what_only_looks_like_one_is_none(list_host):
    D = list_host.domains / "example.com"
    list_host.add_mailbox("alice")
    list_host.write(D / ".qmail-alice", f"|/usr/bin/ezmlm/ezmlm-send '{D}/alice'\n")
    list_host.write(D / ".qmail-alice-default", "&a@b.test\n")
    list_host.write(D / ".qmail-out", "|/usr/bin/ezmlm/ezmlm-send '/etc'\n")
    list_host.write(D / ".qmail-out-default", "|/usr/bin/ezmlm/ezmlm-send '/etc'\n")
    (D / ".qmail-up").symlink_to(f"{D}/../other/editor")
    (D / ".qmail-up-default").symlink_to(f"{D}/../other/manager")
    assert lists(list_host)["lists"] == []


def test_pages_of_lists(list_host):
    for name in ("aa", "b.b", "cc"):
        make(list_host, name)
    page = lists(list_host, limit=2)
    assert ([found["name"] for found in page["lists"]], page["more"]) == (["aa", "b.b"], True)
    assert [found["name"] for found in lists(list_host, after="b.b")["lists"]] == ["cc"]


def test_addresses_in_a_database_are_not_counted(list_host):
    make(list_host)
    list_host.write(
        list_host.domains / "example.com" / "news" / "subdb", "sub-mysql:localhost::u:p:db:news\n"
    )
    [found] = lists(list_host)["lists"]
    assert found["database"] and found["numbers"][""] is None


def test_files_that_cannot_be_read_are_told(list_host):
    make(list_host)
    place = list_host.domains / "example.com" / "news" / "subscribers"
    (place / "A").symlink_to("/etc/passwd")
    (place / "B").write_bytes(b"Tcaf\xe9@x.test\0Ttorn@x.te")
    [found] = lists(list_host)["lists"]
    assert not found["complete"] and found["numbers"][""] == 2
    assert read(list_host)["addresses"] == ["caf�@x.test", "torn@x.te"]


def test_a_link_of_a_list_says_whose_it_is(list_host):
    make(list_host)
    (list_host.domains / "example.com" / ".qmail-news-letter").symlink_to("/etc/passwd")
    page = list_host.call("list_dotqmail", domain="example.com")["files"]
    behind = {file["name"]: file.get("list", "") for file in page}
    assert behind.pop("news-letter") == ""
    assert set(behind.values()) == {"news"} and "news-return-default" in behind
    read = list_host.call("read_dotqmail", domain="example.com", name="news-owner")
    assert (read["readable"], read["list"]) == (False, "news")


@pytest.mark.parametrize("plain", [False, True])
def test_nothing_else_damages_a_list(list_host, plain):
    D = as_plain_files(list_host) if plain else list_host.domains / "example.com"
    if not plain:
        make(list_host)
    before = tree(D)
    for name in ("news", "news-default", "news-owner"):
        seen = list_host.call("read_dotqmail", domain="example.com", name=name)["fingerprint"]
        for verb, args in (("write_dotqmail", {"lines": ["&a@b.test"]}), ("remove_dotqmail", {})):
            error = list_host.error(verb, domain="example.com", name=name, expect=seen, **args)
            assert error.code == "refused"
    box = {"name": "news", "hash": "", "quota": "NOQUOTA"}
    for park in (False, True):
        error = list_host.error(
            "make_mailboxes", entry="e", domain="example.com", mailboxes=[box], park_existing=park
        )
        assert error.code == "refused" and "mailing list" in error.message
    assert tree(D) == before


def test_a_line_may_be_added_beside_those_of_a_list(list_host):
    D = as_plain_files(list_host)
    lines = [*(D / ".qmail-news").read_text().splitlines(), "&archive@x.test"]
    seen = list_host.call("read_dotqmail", domain="example.com", name="news")["fingerprint"]
    list_host.call("write_dotqmail", domain="example.com", name="news", lines=lines, expect=seen)
    assert (D / ".qmail-news").read_text().splitlines() == lines


@given(directory=st.from_regex(r"/[A-Za-z0-9./_-]{1,30}", fullmatch=True), quoted=st.booleans())
def test_the_directory_of_a_line(directory, quoted):
    argument = f"'{directory}'" if quoted else directory
    for line in (
        f"|/usr/bin/ezmlm/ezmlm-send {argument}",
        f"| /usr/local/bin/ezmlm/ezmlm-return -D {argument}",
        f"|if test ! -f '/x/sublist'; then /usr/bin/ezmlm-reject {argument}; fi",
        f"|/usr/bin/ezmlm/ezmlm-clean {argument} || exit 0",
    ):
        assert ezmlm.names_directory(line) == directory
    assert ezmlm.names_directory(f"&ezmlm-send {argument}") == ""
    assert ezmlm.names_directory("|/usr/bin/ezmlm-weed") == ""

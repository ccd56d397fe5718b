"""Lines and names of dot-qmail files."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailhost import dotqmail

TEXT = st.text(st.characters(blacklist_characters="\n\0", blacklist_categories=("Cs",)), max_size=60)


@given(st.lists(TEXT))
def test_lines_read_back_as_they_were_written(lines):
    assert dotqmail.parse(dotqmail.write(lines)) == lines


@given(st.binary(max_size=200))
def test_bytes_survive_up_to_the_last_newline(data):
    again = dotqmail.write(dotqmail.parse(data))
    assert again == (data if data.endswith(b"\n") or not data else data + b"\n")


@given(
    st.from_regex(r"[a-z0-9!#$&'*+=?^_{|}~][a-z0-9.-]{0,20}", fullmatch=True).filter(lambda n: n != "default")
)
def test_a_name_comes_back_from_its_file(name):
    assert dotqmail.name_of(dotqmail.file_name(name)) == name


@pytest.mark.parametrize(
    "file",
    [".qmail", ".qmail-", ".qmail-default", ".qmail-a.b", ".qmail-Sales", "qmail-x", ".qmailadmin-limits"],
)
def test_files_that_are_no_aliases(file):
    assert dotqmail.name_of(file) is None


@pytest.mark.parametrize(
    ("text", "kind", "target"),
    [
        ("&a@b.test", "forward", "a@b.test"),
        ("a@b.test", "forward", "a@b.test"),
        ("& a@b.test  ", "forward", "a@b.test"),
        ("| /usr/bin/x y", "program", "/usr/bin/x y"),
        ("|x", "program", "x"),
        ("/d/a/Maildir/", "maildir", "/d/a/Maildir/"),
        ("./Maildir/", "maildir", "./Maildir/"),
        ("/var/mbox", "mbox", "/var/mbox"),
        ("# swallow", "comment", "swallow"),
        ("#", "comment", ""),
        ("", "empty", ""),
        ("   ", "empty", ""),
    ],
)
def test_kinds(text, kind, target):
    line = dotqmail.parse_line(text)
    assert (line.kind, line.target) == (kind, target)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " a@b.test",
        "a@b.test ",
        "nobody",
        "&a b@c.test",
        "|",
        "/d/../etc/",
        "a@b\tc",
        "-a@b.test",
        "a" * 501 + "@b.test",
        "a@b@c.test",
    ],
)
def test_bad_lines(text):
    with pytest.raises(dotqmail.BadLine):
        dotqmail.check_line(text)


def test_a_known_odd_line_may_stay():
    with pytest.raises(dotqmail.BadLine):
        dotqmail.check_lines(["localuser", "&a@b.test"])
    assert len(dotqmail.check_lines(["localuser", "&a@b.test"], {"localuser"})) == 2


def test_an_empty_file_is_no_alias():
    with pytest.raises(dotqmail.BadLine):
        dotqmail.check_lines([])


def test_own_deliveries():
    def own(text):
        return dotqmail.is_own(dotqmail.parse_line(text), "/v/domains/a.test")

    assert own("/v/domains/a.test/bob/Maildir/") and own("./bob/Maildir/")
    assert not own("/v/domains/a.test.evil/bob/Maildir/") and not own("/etc/")


@pytest.mark.parametrize(
    ("unknown", "end"), [("bounce", "bounce-no-mailbox"), ("delete", "delete"), ("a@b.test", "a@b.test")]
)
def test_the_default_line(unknown, end):
    assert dotqmail.default_line("/v", unknown) == f"| /v/bin/vdelivermail '' {end}"

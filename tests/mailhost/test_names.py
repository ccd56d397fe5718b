"""Which names may become file names."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailhost import names

LABEL = st.from_regex(r"[a-z0-9](?:[a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True)


@given(st.lists(LABEL, min_size=1, max_size=4), st.from_regex(r"[a-z]{2,10}", fullmatch=True))
def test_ordinary_domains_are_accepted_unchanged(labels, ending):
    name = ".".join([*labels, ending])
    assert names.check_domain(name) == name
    assert names.check_known_domain(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "a",
        "com",
        "a..b.com",
        ".example.com",
        "example.com.",
        "-a.com",
        "a.com-",
        "a_b.com",
        "Example.com",
        "a.b",
        "a/b.com",
        "exa mple.com",
        "exämple.com",
        "a.com\n",
        "a." + "b" * 64,
        "a" * 64 + ".com",
        "a." * 48 + "com",
    ],
)
def test_what_vpopmail_would_not_take_is_refused(name):
    with pytest.raises(names.BadName):
        names.check_domain(name)


@pytest.mark.parametrize("name", ["123.45", "xn--bcher-kva.example", "1e5.com", "a-.com", "x" * 63 + ".de"])
def test_odd_but_valid_domains(name):
    assert names.check_domain(name) == name


def test_a_domain_has_96_characters_at_most():
    name = "a" * 44 + "." + "b" * 47 + ".com"
    assert len(name) == 96 and names.check_domain(name) == name
    with pytest.raises(names.BadName, match="96"):
        names.check_domain("a" + name)


@pytest.mark.parametrize(
    "name", ["a'b", "a$b", "a&b", ".dot", "a..b", "0a", "maildir", "a" * 64, "list-default", "a+b"]
)
def test_awkward_local_parts_that_vpopmail_takes(name):
    assert names.check_local_part(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "x",
        "a/b",
        "..",
        "-dash",
        "Alice",
        "a b",
        "a@b",
        "ä",
        "a\0b",
        "a\n",
        "a" * 65,
        ".qmail-default",
        ".vqweb-trash",
        ".qmailadmin-limits",
        ".dir_control_free",
        'a"b',
        "a%b",
        "a\\b",
        "a(b",
    ],
)
def test_local_parts_that_are_refused(name):
    with pytest.raises(names.BadName):
        names.check_local_part(name)


def test_aliases_may_have_one_character():
    assert names.check_local_part("x", shortest=1) == "x"


@given(st.text(max_size=70))
def test_an_accepted_local_part_is_a_plain_file_name(name):
    try:
        names.check_local_part(name)
    except names.BadName as error:
        assert str(error)
        return
    assert "/" not in name and name not in (".", "..") and not name.startswith("-")
    assert name == name.lower() and set(name) <= set(string.printable) - set(string.whitespace)


@given(st.lists(st.sampled_from(names.HASH_LETTERS), max_size=3))
def test_hash_directories(letters):
    assert names.check_hash("/".join(letters)) == "/".join(letters)


@given(
    st.text(max_size=8).filter(
        lambda text: not re.fullmatch(r"([0-9A-Za-z](/[0-9A-Za-z]){0,2})?", text, re.ASCII)
    )
)
def test_anything_else_is_no_hash_directory(text):
    with pytest.raises(names.BadName):
        names.check_hash(text)


@pytest.mark.parametrize("text", ["../x", "a/b", ".hidden", "", "x" * 65, "a b", "-x"])
def test_an_entry_is_a_plain_name(text):
    if text:
        with pytest.raises(names.BadName):
            names.check_entry(text)
    else:
        assert names.check_entry(text) == ""

"""users/assign and the other control files: grammar, order, adding, removing."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailhost import qmail
from mailhost.qmail import AssignLine
from tests import recorded

LABEL = st.from_regex(r"[a-z0-9]{1,6}", fullmatch=True)
DOMAIN = st.lists(LABEL, min_size=2, max_size=5).map(".".join)
NUMBER = st.integers(1, 65000)
LINE = st.builds(
    AssignLine, DOMAIN, DOMAIN, NUMBER, NUMBER, DOMAIN.map(lambda name: f"/home/vpopmail/domains/{name}")
)


@given(LINE)
def test_a_line_reads_back_as_it_was_written(line):
    assert qmail.parse_line(str(line)) == line


@given(st.lists(LINE, unique_by=lambda line: line.domain))
def test_a_file_reads_back_and_is_in_vpopmails_order(lines):
    data = b""
    for line in lines:
        data = qmail.add_assign(data, line)
    assert set(qmail.parse_assign(data.decode())) == set(lines)
    assert not lines or data.endswith(b"\n.\n")
    keys = [qmail.assign_key(text) for text in qmail.control_lines(data) if text != "."]
    assert keys == sorted(keys)
    for line in lines:
        assert qmail.find_assign(data, line.domain) == line


@given(st.lists(LINE, unique_by=lambda line: line.domain, min_size=1), st.randoms())
def test_adding_then_removing_gives_the_file_back(lines, chance):
    data = b"=joe:joe:1000:1000:/home/joe:::\n.\n"
    order = lines[:]
    for line in order:
        data = qmail.add_assign(data, line)
    chance.shuffle(order)
    for line in order:
        data = qmail.remove_assign(data, [line.domain])
    assert data == b"=joe:joe:1000:1000:/home/joe:::\n.\n"


@given(
    st.lists(DOMAIN, unique=True),
    st.binary(max_size=60).map(lambda raw: raw.replace(b"\n", b"").replace(b"\r", b"")),
)
def test_foreign_bytes_survive(names, raw):
    data = raw + b"\n" if raw else b""
    for name in names:
        data = qmail.add_line(data, name)
    assert not raw or raw in data.split(b"\n")
    kept = qmail.remove_lines(data, [name for name in names if name.encode() != raw])
    assert set(kept.split(b"\n")) - {b""} == ({raw} - {b""})


def test_the_key_has_the_last_two_labels_in_front():
    assert qmail.domain_key("mail.aaa.test") == b"aaa.test.mail"
    assert qmail.domain_key("a.b.c.d.example.com") == b"example.com.a.b.c.d"
    assert qmail.domain_key("localhost") == b"localhost"
    assert qmail.assign_key("+mail.aaa.test-:x:1:1:/d:-::") == b"aaa.test.mail"
    assert qmail.line_key("mail.aaa.test:mail.aaa.test") == b"aaa.test.mail"


def test_a_file_out_of_order_is_sorted_as_a_whole_when_a_line_is_added():
    assert qmail.add_line(b"z.test\nb.test\n", "m.test") == b"b.test\nm.test\nz.test\n"


def test_a_line_that_is_there_already_is_not_added_again():
    data = b"b.test\na.test\n"
    assert qmail.add_line(data, "a.test") is data


def test_everything_after_the_dot_and_what_is_no_domain_is_ignored():
    text = "".join(
        f"{line}\n"
        for line in (
            "+a.test-:a.test:89:89:/d:-::",
            "=joe:joe:1:1:/h:::",
            "+list-:joe:1:1:/h:-::",
            "+bad.test-:x:y:89:/d:-::",
            ".",
            "+b.test-:b.test:89:89:/d:-::",
        )
    )
    assert [line.domain for line in qmail.parse_assign(text)] == ["a.test"]


def test_spacing_does_not_save_a_line_from_removal_but_others_stay():
    data = b"+a.test-:a.test:89:89:/elsewhere/a.test:-::\n+aa.test-:aa.test:89:89:/d:-::\n.\n"
    assert qmail.remove_assign(data, ["a.test"]) == b"+aa.test-:aa.test:89:89:/d:-::\n.\n"


def test_a_line_that_vpopmail_could_not_read_is_refused():
    with pytest.raises(ValueError, match="longer"):
        qmail.add_assign(b"", AssignLine("a.test", "a.test", 89, 89, "/" + "d" * 300))


def test_names_of_a_domain():
    lines = [AssignLine(n, "a.test", 89, 89, "/d/a.test") for n in ("a.test", "z.test")]
    data = b"".join(
        str(line).encode() + b"\n" for line in [*lines, AssignLine("b.test", "b.test", 89, 89, "/d/b.test")]
    )
    assert [line.domain for line in qmail.names_of(data, "a.test")] == ["a.test", "z.test"]


@pytest.mark.parametrize("build", ["many", "old"])
def test_what_the_programs_wrote_is_what_we_write(build):
    """Every file of the recordings, rebuilt in any order, is byte for byte the same."""
    chance = random.Random(1)
    for name in ("daily", "many_domains"):
        for step in recorded.load(f"{name}.{build}")["steps"]:
            for file, add in (
                ("users/assign", None),
                ("control/virtualdomains", qmail.add_line),
                ("control/rcpthosts", qmail.add_line),
            ):
                text = step.get("control", {}).get(file, ["", "", ""])[2].replace("{V}", "/v")
                rebuilt, lines = b".\n" if file == "users/assign" else b"", qmail.control_lines(text.encode())
                chance.shuffle(lines)
                for line in lines:
                    if add:
                        rebuilt = add(rebuilt, line)
                    elif line != ".":
                        rebuilt = qmail.add_assign(rebuilt, qmail.parse_line(line))
                assert rebuilt.decode() == text or not text

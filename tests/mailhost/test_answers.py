"""Message files of autorespond and qmail-autoresponder, and the lines that run them: written, read back."""

from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailhost import answers
from mailhost.answers import AUTORESPOND, QMAIL_AUTORESPONDER, Answer, BadAnswer

PROGRAMS = st.sampled_from([AUTORESPOND, QMAIL_AUTORESPONDER])
ONE_LINE = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=200
).filter(lambda text: text.strip(" ") == text)
TEXT = st.text(
    st.characters(
        exclude_categories=("Cs",), exclude_characters="".join(map(chr, [*range(9), *range(11, 32), 127]))
    ),
    min_size=1,
).filter(lambda text: text.strip())


def written(subject: str, text: str, program: str = AUTORESPOND, **more) -> bytes:
    return answers.write(Answer(subject, text, more.pop("sender", "anna@example.com"), **more), program)


@given(subject=ONE_LINE, text=TEXT, program=PROGRAMS)
def test_subject_and_text_come_back_as_they_were(subject, text, program):
    answer = Answer(subject, text, "anna@example.com")
    data = answers.write(answer, program)
    assert answers.parse(data) == answers.checked(answer)
    # A mail program reads the same, and nothing in it is taken for a header.
    message = message_from_bytes(data, policy=policy.default)
    assert set(message.keys()) <= {
        "From",
        "Subject",
        "MIME-Version",
        "Content-Type",
        "Content-Transfer-Encoding",
    }
    assert message["From"] == "anna@example.com"
    assert message.get_content().rstrip("\n") == answers.plain(text)
    if program == QMAIL_AUTORESPONDER:  # it replaces %S, %s and %r wherever they stand
        assert not any(mark in data for mark in (b"%S", b"%s", b"%r", b"%%"))


@given(data=st.binary(max_size=300))
def test_whatever_stands_in_a_file_is_read_without_an_error(data):
    answer = answers.parse(data)
    assert answer is None or isinstance(answer.text, str)


def test_ascii_is_written_as_qmailadmin_does():
    assert written("Out of office", "Back in May.\r\n\r\nAnna\r\n") == (
        b"From: anna@example.com\nSubject: Out of office\n\nBack in May.\n\nAnna\n"
    )


def test_other_letters_get_mime_headers():
    assert written("Bürozeit", "Grüße – bis Mai.") == (
        b"From: anna@example.com\nSubject: =?utf-8?b?QsO8cm96ZWl0?=\nMIME-Version: 1.0\n"
        b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
        + "Grüße – bis Mai.\n".encode()
    )


def test_headers_that_somebody_added_stay():
    data = (
        b"From: Help <help@example.com>\nSubject: Hi\nReply-To: x@y.test\nX-Loop: a\n b\n"
        b"MIME-Version: 1.0\n\nText\n"
    )
    answer = answers.parse(data)
    assert answer is not None and answer.more == ("Reply-To: x@y.test", "X-Loop: a\n b")
    again = answers.parse(answers.write(Answer("New", "Text", answer.sender, answer.more), AUTORESPOND))
    assert again == Answer("New", "Text", "Help <help@example.com>", answer.more)


@pytest.mark.parametrize(
    ("body", "text"),
    [(b"Gr\xfc\xdfe\n", "Grüße"), ("Grüße\n".encode(), "Grüße"), (b"", ""), (b"\n\nlate\n\n", "\n\nlate")],
)
def test_files_of_other_programs_are_read(body, text):
    answer = answers.parse(b"From: a@b.test\nSubject: Gr\xfc\xdfe\n\n" + body)
    assert answer == Answer("Grüße", text, "a@b.test")


def test_what_is_no_text_is_left_to_whoever_wrote_it():
    assert (
        answers.parse(b"Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--\n") is None
    )
    assert answers.parse(b"Subject: x\nContent-Type: image/png\n\n....") is None


@pytest.mark.parametrize(
    ("subject", "text", "field"),
    [
        ("", "text", "subject"),
        ("  ", "text", "subject"),
        ("two\nlines", "text", "subject"),
        ("two\r\nBcc: x@y.test", "text", "subject"),
        ("x" * 201, "text", "subject"),
        ("subject", "", "text"),
        ("subject", "\n \n", "text"),
        ("subject", "a\0b", "text"),
        ("subject", "x" * 1024 * 1024, "text"),
    ],
)
def test_what_cannot_be_sent_is_refused_by_name(subject, text, field):
    with pytest.raises(BadAnswer) as caught:
        written(subject, text)
    assert caught.value.field == field


def test_eleven_kilobytes_are_no_trouble():
    text = "\n".join(["A line of sixty characters, as people type them into a form."] * 190)
    assert len(text) > 11_000
    parsed = answers.parse(written("Long", text))
    assert parsed is not None and parsed.text == text


def test_lines_are_qmailadmins():
    directory = "/home/vpopmail/domains/example.com/anna"
    assert answers.vacation_line("/usr/local/bin/autorespond", directory) == (
        f"| /usr/local/bin/autorespond 86400 3 {directory}/vacation/message {directory}/vacation"
    )
    assert answers.vacation_line("/usr/bin/qmail-autoresponder", directory) == (
        f"| /usr/bin/qmail-autoresponder {directory}/vacation"
    )
    domain = "/home/vpopmail/domains/example.com"
    assert answers.robot_line("/usr/local/bin/autorespond", domain, "help") == (
        f"|/usr/local/bin/autorespond 10000 5 {domain}/HELP/message {domain}/HELP"
    )
    assert answers.robot_line("/usr/bin/qmail-autoresponder", domain, "help") == (
        f"|/usr/bin/qmail-autoresponder {domain}/HELP"
    )


@pytest.mark.parametrize(
    ("line", "program"),
    [
        ("| /usr/local/bin/autorespond 86400 3 /d/vacation/message /d/vacation", AUTORESPOND),
        ("|/opt/x/qmail-autoresponder /d/HELP", QMAIL_AUTORESPONDER),
        ("|/bin/autorespond.sh x", ""),
        ("|/bin/true /usr/bin/autorespond 1", ""),
        ("&autorespond@example.com", ""),
        ("# | /usr/bin/autorespond 1", ""),
    ],
)
def test_lines_that_answer_are_recognised(line, program):
    assert answers.program_of(line) == program


def test_names_that_a_shell_knows_are_quoted():
    line = answers.vacation_line("/usr/bin/qmail-autoresponder", "/d/a'b$c")
    assert line == """| /usr/bin/qmail-autoresponder '/d/a'"'"'b$c/vacation'"""

"""Automatic answers: the message file, and the line that has a program send it.

Two programs are known, in the forms that qmailadmin writes for them. `autorespond` reads `message` and keeps
its record in the directory beside it; `qmail-autoresponder` reads `message.txt` in the directory it is given,
and replaces `%S`, `%s` and `%r` in it. Both leave bounces, lists and bulk mail without an answer.
"""

import re
import shlex
from collections.abc import Collection
from dataclasses import dataclass, replace
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import Header, decode_header, make_header
from email.message import Message

AUTORESPOND = "autorespond"
QMAIL_AUTORESPONDER = "qmail-autoresponder"
FILES = {AUTORESPOND: "message", QMAIL_AUTORESPONDER: "message.txt"}
FOLDER = "vacation"  # of an account's answer, below its directory
LONGEST_SUBJECT = 200  # characters
LONGEST_TEXT = 32_000  # characters
LONGEST_FILE = 256 * 1024  # bytes; what LONGEST_TEXT can become at the most
_LONGEST_LINE = 900  # bytes; SMTP allows 998, and a program may add some
_NOT_IN_A_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_NOT_IN_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_RUNS = re.compile(r"\|\s*\S*/(autorespond|qmail-autoresponder)(?=\s|\Z)")
_REPLACED = re.compile(r"%[Ssr%]")  # by qmail-autoresponder
_OUR_HEADERS = frozenset(
    {"from", "subject", "mime-version", "content-type", "content-transfer-encoding", "content-disposition"}
)


class BadAnswer(ValueError):
    """A subject or text that cannot be sent; the text is a sentence for people, `field` which of the two."""

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered. `sender` is the From header's content; `more` are header lines that the panel does
    not write itself, kept as they are."""

    subject: str
    text: str
    sender: str = ""
    more: tuple[str, ...] = ()


# --- the message file ---


def checked(answer: Answer) -> Answer:
    """The answer as it will be read back: one line of subject, lines of text that end alike.

    Raises BadAnswer.
    """
    subject = answer.subject.strip(" ")
    if not subject:
        raise BadAnswer("The answer needs a subject.", "subject")
    if len(subject) > LONGEST_SUBJECT:
        raise BadAnswer(f"A subject has at most {LONGEST_SUBJECT} characters.", "subject")
    if _NOT_IN_A_LINE.search(subject):
        raise BadAnswer("A subject is one line, without control characters.", "subject")
    text = plain(answer.text)
    if not text.strip():
        raise BadAnswer("The answer needs a text.", "text")
    if len(text) > LONGEST_TEXT:
        raise BadAnswer(f"The text has {len(text)} characters; at most {LONGEST_TEXT} can be sent.", "text")
    if _NOT_IN_TEXT.search(text):
        raise BadAnswer("The text holds control characters, which mail programs do not show.", "text")
    if _NOT_IN_A_LINE.search(answer.sender):
        raise BadAnswer("The sender is one line, without control characters.", "subject")
    return replace(answer, subject=subject, text=text)


def plain(text: str) -> str:
    """Lines that end alike, and no empty ones at the end."""
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")


def write(answer: Answer, program: str) -> bytes:
    """The file for one of the two programs.

    Plain ASCII is written as qmailadmin does; for anything else MIME says that it is UTF-8. Raises BadAnswer.
    """
    answer = checked(answer)
    body = (answer.text + "\n").encode("utf-8")
    quoted = max(map(len, body.split(b"\n"))) > _LONGEST_LINE or _is_replaced(answer.text, program)
    lines = [f"From: {_header('From', answer.sender)}", f"Subject: {_subject(answer.subject, program)}"]
    lines += answer.more
    if quoted or not body.isascii():
        lines += ["MIME-Version: 1.0", f"Content-Type: text/plain; charset={_charset(body)}"]
        lines.append(f"Content-Transfer-Encoding: {'quoted-printable' if quoted else '8bit'}")
    head = "\n".join([*lines, "", ""])
    return head.encode("utf-8", "surrogateescape") + (_quoted(body) if quoted else body)


def _charset(body: bytes) -> str:
    return "us-ascii" if body.isascii() else "utf-8"


def _is_replaced(text: str, program: str) -> bool:
    return program == QMAIL_AUTORESPONDER and bool(_REPLACED.search(text))


def _subject(text: str, program: str) -> str:
    if text.isascii() and "=?" not in text and not _is_replaced(text, program):
        return text
    return _encoded("Subject", text)


def _header(name: str, text: str) -> str:
    return text if text.isascii() else _encoded(name, text)


def _encoded(name: str, text: str) -> str:
    """Encoded words (RFC 2047), as many lines as they need."""
    return Header(text, "utf-8", header_name=name, maxlinelen=76).encode()


def _quoted(body: bytes) -> bytes:
    """Quoted-printable, with `%` quoted as well, so that qmail-autoresponder replaces nothing in it."""
    return b"\n".join(_quoted_line(line) for line in body.split(b"\n"))


def _quoted_line(line: bytes) -> bytes:
    out, width = bytearray(), 0
    for at, byte in enumerate(line):
        last = at == len(line) - 1
        safe = 33 <= byte <= 126 and byte not in b"=%"
        piece = bytes([byte]) if safe or (byte in b" \t" and not last) else b"=%02X" % byte
        if width + len(piece) > 75:
            out += b"=\n"
            width = 0
        out += piece
        width += len(piece)
    return bytes(out)


def parse(data: bytes) -> Answer | None:
    """What a file says; None when it is no plain text (several parts, a picture)."""
    message = message_from_bytes(data)
    if message.get_content_maintype() != "text":
        return None
    body = message.get_payload(decode=True)
    if not isinstance(body, bytes):
        return None
    text = plain(_decoded(body, message.get_content_charset()))
    more = tuple(_raw(name, value) for name, value in message.raw_items() if name.lower() not in _OUR_HEADERS)
    return Answer(_words(message, "subject"), text, _words(message, "from"), more)


def _raw(name: str, value: object) -> str:
    return f"{name}: {value}"


def _words(message: Message, name: str) -> str:
    """A header in words: encoded words decoded, and raw bytes read as UTF-8 or Latin-1."""
    values = [str(value) for key, value in message.raw_items() if key.lower() == name]
    if not values:
        return ""
    raw = _decoded(values[0].encode("utf-8", "surrogateescape"), None)
    line = re.sub(r"\s*\n\s*", " ", raw).strip()
    if "=?" not in line:
        return line
    try:
        return str(make_header(decode_header(line)))
    except (HeaderParseError, LookupError, UnicodeError, ValueError):
        return line


def _decoded(data: bytes, charset: str | None) -> str:
    for one in (charset, "utf-8"):
        try:
            return data.decode(one or "utf-8")
        except (LookupError, UnicodeError):
            continue
    return data.decode("latin-1")


# --- the line ---


def program_of(line: str) -> str:
    """Which of the two programs a line of `.qmail` or valias runs, or ""."""
    found = _RUNS.match(line.strip())
    return found[1] if found else ""


def vacation_line(path: str, directory: str) -> str:
    """The line of an account's `.qmail`; `path` is the program's, `directory` the account's."""
    folder = f"{directory.rstrip('/')}/{FOLDER}"
    if path.endswith(f"/{QMAIL_AUTORESPONDER}"):
        return f"| {shlex.quote(path)} {shlex.quote(folder)}"
    message = f"{folder}/{FILES[AUTORESPOND]}"
    return f"| {shlex.quote(path)} 86400 3 {shlex.quote(message)} {shlex.quote(folder)}"


def robot_folder(name: str) -> str:
    """The directory of an autoresponder's message, below the domain's: the name in capitals.

    Raises BadAnswer for a name whose directory could be an account's, or one that others are spread over.
    """
    if len(name) < 2 or name.startswith(".") or name.upper() == name:
        told = "An autoresponder's name has two characters or more, a letter among them, and no dot in front."
        raise BadAnswer(told, "name")
    return name.upper()


def robot_line(path: str, directory: str, name: str) -> str:
    """The line of a domain's autoresponder; `directory` is the domain's."""
    folder = f"{directory.rstrip('/')}/{robot_folder(name)}"
    if path.endswith(f"/{QMAIL_AUTORESPONDER}"):
        return f"|{shlex.quote(path)} {shlex.quote(folder)}"
    message = f"{folder}/{FILES[AUTORESPOND]}"
    return f"|{shlex.quote(path)} 10000 5 {shlex.quote(message)} {shlex.quote(folder)}"


def is_robot(line: str, directory: str, name: str, programs: Collection[str]) -> bool:
    """True for the line of the domain's autoresponder `name`, run by one of `programs` (absolute paths)."""
    try:
        return any(line == robot_line(path, directory, name) for path in programs)
    except BadAnswer:
        return False

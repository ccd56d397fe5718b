"""Automatic answers as they stand on the mail host: an account's vacation, a domain's autoresponder.

Which of the two programs answers here says the setting VACATION_PROGRAM, or what the mail host has.
"""

import hashlib
import os
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from mailhost import answers
from mailhost.answers import Answer, BadAnswer
from vpopmail import forwarding, helper
from vpopmail.aliases import AliasLine, get_alias
from vpopmail.assigned import domains
from vpopmail.engines.base import Refused
from vpopmail.forwarding_parts import Forwarding
from vpopmail.mailboxes import box_of
from vpopmail.models import Account

OFF = "off"


@dataclass(frozen=True, slots=True)
class Program:
    """The program that answers: its full path; "" where there is none."""

    path: str = ""

    @property
    def name(self) -> str:
        return os.path.basename(self.path) or answers.AUTORESPOND

    def __bool__(self) -> bool:
        return bool(self.path)


def program() -> Program:
    """The program that this server answers with. Raises Unavailable when the helper cannot be asked."""
    wanted = settings.VACATION_PROGRAM
    if wanted == OFF:
        return Program()
    found = helper.call("find_autoresponders")["found"]
    return Program(next((path for path in found if wanted in ("auto", os.path.basename(path))), ""))


def check_program() -> Program:
    """The same; Refused where there is none."""
    found = program()
    if not found:
        raise Refused(
            _(
                "This mail server has no program that answers mail: autorespond or qmail-autoresponder has "
                "to be installed first."
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class Message:
    """A message file. `answer` is None where there is none, or where it is no plain text."""

    exists: bool = False
    readable: bool = True
    data: str = ""  # its bytes, each as the letter of its number
    fingerprint: dict[str, Any] | None = None

    @property
    def answer(self) -> Answer | None:
        return answers.parse(self.data.encode("latin-1")) if self.exists and self.readable else None

    @property
    def is_understood(self) -> bool:
        """May it be overwritten from a form without loss?"""
        return not self.exists or self.answer is not None


@dataclass(frozen=True, slots=True)
class Vacation:
    """An account's answer: what its `.qmail` does, and the message."""

    forwarding: Forwarding
    message: Message = field(default_factory=Message)

    @property
    def line(self) -> str:
        return self.forwarding.vacation

    @property
    def is_on(self) -> bool:
        return bool(self.line)

    @property
    def state(self) -> str:
        """Tells one state from another: the line, and the message's bytes."""
        print_ = self.message.fingerprint or {}
        return f"{self.line}\n{print_.get('sha256', '')}"


def read_message(domain: str, name: str, hash: str | None, with_program: str) -> Message:
    """The message of an account (`hash` is where its mailbox lies) or of an autoresponder (None)."""
    return Message(**helper.call("read_answer", domain=domain, name=name, hash=hash, program=with_program))


def vacation_of(account: Account, by: Program) -> Vacation:
    """What stands now. The message is that of the program which the line names, else of `by`."""
    found = forwarding.read(account)
    box = box_of(account)
    if box is None:
        return Vacation(found)
    name = answers.program_of(found.vacation) or by.name
    return Vacation(found, read_message(account.domain, box["name"], box["hash"], name))


@dataclass(frozen=True, slots=True)
class Robot:
    """An autoresponder of a domain. `line` runs the program, `forwards` also get the mail, `others` are lines
    that the panel leaves as they are."""

    domain: str
    name: str
    lines: tuple[AliasLine, ...]
    message: Message = field(default_factory=Message)

    @property
    def address(self) -> str:
        return f"{self.name}@{self.domain}"

    @property
    def line(self) -> str:
        return next((line.line for line in self.lines if answers.program_of(line.line)), "")

    @property
    def forwards(self) -> tuple[str, ...]:
        return tuple(line.destination for line in self.lines if line.kind == "forward")

    @property
    def others(self) -> tuple[str, ...]:
        """Lines that are neither, such as an account's Maildir."""
        return tuple(
            line.line for line in self.lines if line.kind != "forward" and not answers.program_of(line.line)
        )

    @property
    def is_ours(self) -> bool:
        """Does the line read the message where the panel would write it?"""
        domain = domains().get(self.domain)
        try:
            folder = f"{domain.directory}/{answers.robot_folder(self.name)}" if domain else ""
        except BadAnswer:
            return False
        words = self.line.replace("'", "").split()
        return bool(folder) and words[-1:] == [folder]

    @property
    def token(self) -> str:
        """Tells one state from another, as a form carries it."""
        print_ = self.message.fingerprint or {}
        text = "\n".join([*(line.line for line in self.lines), str(print_.get("sha256", ""))])
        return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def robot_of(domain: str, name: str) -> Robot | None:
    """The autoresponder of that name of a real domain, or None."""
    lines = tuple(get_alias(domain, name))
    program_name = next(filter(None, (answers.program_of(line.line) for line in lines)), "")
    if not program_name:
        return None
    try:
        answers.robot_folder(name)
    except BadAnswer:
        return Robot(domain, name, lines)
    return Robot(domain, name, lines, read_message(domain, name, None, program_name))


def file_of(answer: Answer, program_name: str) -> str:
    """The bytes of a message file as the helper takes them. Raises Refused, with the field in it."""
    try:
        return answers.write(answer, program_name).decode("latin-1")
    except BadAnswer as error:
        raise Refused(str(error), field=error.field) from error

"""Autoresponders: addresses of a domain that answer by themselves. Each change is an entry of the journal."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from accounts import gate
from accounts.account_services import real_name
from accounts.masks import CREATE, DELETE, MODIFY
from audit.change import command_line, perform
from audit.log import Actor
from mailhost import answers as files
from mailhost.answers import Answer
from vpopmail import answers, rules
from vpopmail.aliases import get_alias
from vpopmail.answers import Robot, robot_of
from vpopmail.assigned import domains
from vpopmail.engines import get_engine
from vpopmail.engines.base import AnswerChange, Changed, NotFound, Outcome, Refused
from vpopmail.models import find_account
from vpopmail.schema import schema


@dataclass(frozen=True, slots=True)
class Wanted:
    """What it answers, and the addresses that get the mail as well."""

    subject: str
    text: str
    forwards: tuple[str, ...] = ()


def find_robot(domain: str, name: str) -> Robot:
    """Raises NotFound."""
    robot = robot_of(domain, name)
    if robot is None:
        raise NotFound(_("There is no autoresponder %(address)s.") % {"address": f"{name}@{domain}"})
    return robot


def add_autoresponder(*, actor: Actor, domain: str, name: str, wanted: Wanted) -> Outcome:
    """Have an address answer that was free until now. Raises VpopmailError."""
    domain = real_name(domain)
    program = answers.check_program()
    _check_free(domain, name)
    line = _line(program.path, domain, name)
    check_forwards(domain, name, wanted.forwards)
    warnings = gate.autoresponder(actor, domain, name, CREATE)
    lines = [line, *(f"&{address}" for address in wanted.forwards)]
    # Words that an autoresponder of the name left behind are nobody's any more.
    there = answers.read_message(domain, name, None, program.name)
    change = AnswerChange(
        program.name,
        answers.file_of(Answer(wanted.subject, wanted.text, f"{name}@{domain}"), program.name),
        there.fingerprint,
        lines,
        seen_lines=[],
        store=schema().aliases,
    )
    return _perform(
        actor, domain, name, change, _pairs(None, wanted), _command(domain, name, wanted), warnings
    )


def change_autoresponder(
    *, actor: Actor, domain: str, name: str, wanted: Wanted, expected: str | None = None
) -> Outcome:
    """Change what it answers and who else gets the mail. Nothing is written, and no entry made, when it is so
    already. `expected` is the token that the person saw."""
    domain = real_name(domain)
    robot = find_robot(domain, name)
    warnings = gate.autoresponder(actor, domain, name, MODIFY)
    check_ours(robot)
    if expected is not None and expected != robot.token:
        raise changed(robot)
    new = [address for address in wanted.forwards if address not in robot.forwards]
    check_forwards(domain, name, new)
    now = present(robot)
    wanted = Wanted(wanted.subject.strip(" "), files.plain(wanted.text), wanted.forwards)
    if now == wanted:
        return Outcome()
    change = alteration(robot, wanted)
    return _perform(
        actor, domain, name, change, _pairs(now, wanted), _command(domain, name, wanted), warnings
    )


def delete_autoresponder(*, actor: Actor, domain: str, name: str) -> Outcome:
    """Mail to the address is treated as to any unknown one then."""
    domain = real_name(domain)
    robot = find_robot(domain, name)
    check_ours(robot)
    gate.autoresponder(actor, domain, name, DELETE)
    lines = [line.line for line in robot.lines]
    change = AnswerChange(
        files.program_of(robot.line),
        None,
        robot.message.fingerprint,
        (),
        seen_lines=lines,
        store=robot.lines[0].store,
    )
    changes = _pairs(present(robot), None)
    command = command_line("autoresponder", ["--delete"], robot.address)
    return _perform(actor, domain, name, change, changes, command, [])


def present(robot: Robot) -> Wanted:
    """What it answers now."""
    there = robot.message.answer or Answer("", "")
    return Wanted(there.subject, there.text, robot.forwards)


def alteration(robot: Robot, wanted: Wanted) -> AnswerChange:
    """What makes the autoresponder as it is wanted. Raises Refused for texts that cannot be sent."""
    program = answers.check_program()
    there = robot.message.answer or Answer("", "")
    answer = Answer(wanted.subject, wanted.text, there.sender or robot.address, there.more)
    former = [line.line for line in robot.lines]
    lines = _lines_after(robot, _line(program.path, robot.domain, robot.name), wanted.forwards)
    return AnswerChange(
        program.name,
        answers.file_of(answer, program.name),
        _message(robot, program).fingerprint,
        None if lines == former else lines,
        seen_lines=former,
        store=robot.lines[0].store,
    )


def changed(robot: Robot) -> Changed:
    return Changed(
        _("The autoresponder %(address)s was changed by somebody else meanwhile. Nothing was overwritten.")
        % {"address": robot.address}
    )


def _check_free(domain: str, name: str) -> None:
    address = {"address": f"{name}@{domain}"}
    if find_account(domain, name) is not None:
        raise Refused(
            _("There is an account %(address)s: it can answer by itself, on its own page.") % address,
            field="name",
        )
    if get_alias(domain, name):
        raise Refused(_("There is an alias %(address)s already.") % address, field="name")


def check_ours(robot: Robot) -> None:
    if not robot.is_ours or not robot.message.is_understood or not robot.message.readable:
        raise Refused(_("This autoresponder was made by hand in a way that the panel leaves alone."))


def check_forwards(domain: str, name: str, forwards: Sequence[str]) -> None:
    """Raises Refused for what is no address, or leads back here."""
    for address in forwards:
        try:
            rules.check_new_alias_line(domain, name, f"&{address}")
        except Refused as error:
            error.field = {"line": "forwards", "alias": "name"}.get(error.field, error.field)
            raise


def _line(path: str, domain: str, name: str) -> str:
    found = domains().get(domain)
    try:
        return files.robot_line(path, found.directory if found else "", name)
    except files.BadAnswer as error:
        raise Refused(str(error), field=error.field) from error


def _message(robot: Robot, program: answers.Program) -> answers.Message:
    """The file that will be written: another one when the program changes."""
    if files.program_of(robot.line) == program.name:
        return robot.message
    return answers.read_message(robot.domain, robot.name, None, program.name)


def _lines_after(robot: Robot, line: str, forwards: Sequence[str]) -> list[str]:
    """In their order; new addresses at the end."""
    after = []
    for former in robot.lines:
        if files.program_of(former.line):
            after.append(line)
        elif former.kind != "forward" or former.destination in forwards:
            after.append(former.line)
    return after + [f"&{address}" for address in forwards if address not in robot.forwards]


def _pairs(before: Wanted | None, after: Wanted | None) -> dict[str, Any]:
    """What the journal says."""
    found: dict[str, Any] = {}
    for name in ("subject", "text", "forwards"):
        old, new = (_plain(getattr(one, name)) if one else None for one in (before, after))
        if old != new:
            found[name] = [old, new]
    return found


def _plain(value: Any) -> Any:
    return (list(value) or None) if isinstance(value, tuple) else value


def _command(domain: str, name: str, wanted: Wanted) -> str:
    options: list[str | tuple[str, str]] = [("--subject", wanted.subject)]
    options += [("--to", address) for address in wanted.forwards]
    return command_line("autoresponder", options, f"{name}@{domain}")


def _perform(
    actor: Actor,
    domain: str,
    name: str,
    change: AnswerChange,
    changes: dict[str, Any],
    command: str,
    warnings: Sequence[str],
) -> Outcome:
    bound = gate.is_bound(actor)
    return perform(
        actor,
        "autoresponder",
        f"{name}@{domain}",
        lambda entry: get_engine().autoresponder(domain, name, change, bound=bound, entry=entry),
        domain=domain,
        changes=changes,
        command=command,
        warnings=warnings,
    )

"""How services make a change: one entry, one or several verbs of the engine under it, and what came of it."""

import shlex
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from audit.log import Actor, audit
from vpopmail.engines.base import Outcome


def perform(
    actor: Actor,
    action: str,
    target: str,
    change: Callable[[str], Outcome],
    *,
    domain: str = "",
    changes: Mapping[str, Any] | None = None,
    command: str = "",
    warnings: Iterable[str] = (),
) -> Outcome:
    """Run `change` with the id of a journal entry, and return its outcome with every warning in it.

    `warnings` are those known before; they stand in the entry also when the change fails. Raises
    VpopmailError.
    """
    with audit(actor, action, target, domain=domain, changes=changes, command=command) as entry:
        entry.warnings = list(warnings)
        outcome = change(entry.key)
        entry.warnings += outcome.warnings
        if outcome.kept_until is not None:
            entry.changes["kept_until"] = outcome.kept_until.isoformat()
            entry.changes["trash"] = outcome.trash
    return replace(outcome, warnings=tuple(entry.warnings))


def command_line(program: str, options: Iterable[str | tuple[str, str]], *arguments: str) -> str:
    """The line for `manage.py` that does the same; never give it a secret: commands read those from standard
    input.

    An option is a letter with its dash, or a pair with its value. A value or argument that starts with "-" is
    written so that it is not taken for an option.
    """
    words = ["manage.py", program]
    for option in options:
        if isinstance(option, str):
            words.append(option)
            continue
        name, value = option
        if not value.startswith("-"):
            words += [name, value]
        else:
            words.append(f"{name}={value}" if name.startswith("--") else name + value)
    if any(argument.startswith("-") for argument in arguments):
        words.append("--")
    return shlex.join([*words, *arguments])

"""Every recorded scenario, replayed through the commands: the same rows, trees and files after each step."""

from collections.abc import Sequence

import pytest
from django.conf import settings

from audit.models import Entry
from tests.commands.base import done
from tests.fidelity.test_engine import SCENARIOS, replay
from tests.store import Store
from vpopmail.schema import schema

# Programs that take a password as their last argument: with so many arguments before it.
PASSWORD_AFTER = {"vadddomain": 1, "vadduser": 1, "vpasswd": 1}
WITH_VALUE = {"-q", "-c", "-e", "-i"}
SHORT_HASH = "$1$abcdefgh$" + "x" * 22  # fits the narrow columns of 5.4


def translated(argv: Sequence[str], unknown: str) -> tuple[list[str], str]:
    """The recorded words as our commands take them, and standard input, where passwords and hashes go."""
    program, *words = argv
    options, rest, stdin = [], [], ""
    while words:
        word = words.pop(0)
        if word == "-e" and program in ("vadduser", "vmoduser"):
            stdin = words.pop(0)
            stdin = SHORT_HASH if schema().hash_prefix == "$1$" else stdin
            options.append("-e")
        elif word == "-C" and program == "vmoduser":
            stdin = words.pop(0)
            options.append("-C")
        elif word in WITH_VALUE:
            options += [word, words.pop(0)]
        elif word.startswith("-") and program != "vmoddomlimits":
            options.append(word)
        else:
            rest.append(word)
    if program == "vadddomain" and "-e" not in options:
        options += ["--unknown", unknown]
    if len(rest) > PASSWORD_AFTER.get(program, len(rest)):
        stdin = rest.pop()
    return [program, *options, *rest], stdin + "\n" if stdin else ""


def run(argv: list[str], unknown: str) -> None:
    """Do one recorded command line; it must succeed, and a step that changes something leaves an entry."""
    words, stdin = translated(argv, unknown)
    done(*words, stdin=stdin)


@pytest.mark.stores("many", "perdomain", "sqlite", "clear", "old")
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_recorded_scenario(store: Store, scenario: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "VPOPMAIL_CLEAR_PASSWORDS", "keep")
    replay(store, scenario, run)
    assert not Entry.objects.exclude(state="ok").exists()
    assert not Entry.objects.filter(command__contains="Secret.Pass").exists()

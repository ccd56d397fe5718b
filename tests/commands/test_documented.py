"""docs/commands.md and docs/settings.md tell what there is: every command, option and setting, no other."""

import ast
import re
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.core.management import get_commands, load_command_class

from tests.commands.base import ROOT

OURS = {config.name for config in apps.get_app_configs() if (ROOT / config.name).is_dir()}
COMMANDS = sorted(name for name, app in get_commands().items() if app in OURS)
OPTION = re.compile(r"`(--?[A-Za-z0-9][a-z-]*)(?:\[N\])?`")
READERS = {"env", "envint", "envbool", "envpath", "envchoice", "envtable"}
SETTING = re.compile(r"`([A-Z][A-Z0-9_]*)`")


def sections() -> dict[str, str]:
    """The text below each `## command` of docs/commands.md."""
    parts = re.split(r"^## (\w+)\n", (ROOT / "docs" / "commands.md").read_text(), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def own_options(command: str) -> set[str]:
    """A command's options without Django's and without --json, which all have."""
    from django.core.management.base import BaseCommand

    def options(parser: object) -> set[str]:
        return set(parser._option_string_actions)  # type: ignore[attr-defined]

    made = load_command_class(get_commands()[command], command)
    return (
        options(made.create_parser("manage.py", command))
        - options(BaseCommand().create_parser("", ""))
        - {"--json"}
    )


def test_every_command_has_a_section_and_every_section_a_command() -> None:
    assert sorted(name for name in sections()) == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_is_described_and_no_other(command: str) -> None:
    rows = [line for line in sections()[command].splitlines() if line.startswith("| `")]
    described = {option for row in rows for option in OPTION.findall(row.split(" | ")[0])}
    assert described == own_options(command)


def settings_read() -> Iterator[str]:
    """The names of environment variables that the panel's code asks for."""
    for app in (*OURS, "vqweb"):
        for path in (ROOT / app).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Name)
                    and node.func.id in READERS
                    and node.args
                    and isinstance(node.args[0], ast.Constant)
                ):
                    yield str(node.args[0].value)


def test_every_setting_is_described_and_no_other() -> None:
    page = (ROOT / "docs" / "settings.md").read_text()
    described = {
        name
        for line in page.splitlines()
        if line.startswith("| `")
        for name in SETTING.findall(line.split(" | ")[0])
    }
    assert described == set(settings_read())

"""The line in a journal entry does the same again: parsed back, it has the same values."""

import shlex

from django.core.management import load_command_class
from hypothesis import assume, example, given
from hypothesis import strategies as st

from audit.change import command_line

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)


@given(gecos=TEXT, quota=st.sampled_from(["", "10485760S", "NOQUOTA"]), name=TEXT, ready=st.booleans())
@example(gecos="-q 'x'", quota="10485760S", name="-dash", ready=True)
@example(gecos="=", quota="", name="", ready=False)
@example(gecos='$(reboot)`;"', quota="", name="a'b", ready=False)
def test_round_trip(gecos: str, quota: str, name: str, ready: bool) -> None:
    assume(gecos != "--")  # argparse cannot give that as a value
    options: list[str | tuple[str, str]] = [("-c", gecos), ("-q", quota)]
    options += ["-e"] * ready
    line = command_line("vadduser", options, f"{name}@example.com")
    program, command, *words = shlex.split(line)
    assert (program, command) == ("manage.py", "vadduser")
    parser = load_command_class("accounts", "vadduser").create_parser("manage.py", "vadduser")
    parsed = parser.parse_args(words)
    assert (parsed.gecos, parsed.quota, parsed.hash) == (gecos, quota, ready)
    assert parsed.address == f"{name}@example.com"
    assert parsed.random is None and not parsed.beside_alias


@given(line=TEXT)
@example(line="|/usr/bin/x 'y' -z")
@example(line="-")
def test_lines_of_aliases(line: str) -> None:
    assume(line != "--")
    parser = load_command_class("accounts", "valias").create_parser("manage.py", "valias")
    words = shlex.split(command_line("valias", [("--remove", line)], "sales@example.com"))[2:]
    assert parser.parse_args(words).remove == line
    words = shlex.split(command_line("valias", [("-i", line)], "sales@example.com"))[2:]
    assert parser.parse_args(words).insert == line

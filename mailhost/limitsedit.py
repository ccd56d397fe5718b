"""Changing single limits in a text that people keep: comments, order, blanks and unknown words stay."""

import re
from collections.abc import Mapping

from mailhost.limitsfile import COLUMN_OF, COUNTS, LONGEST_FILE, PERMISSIONS, SWITCHES, WORD, check

_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")
_VALUE = re.compile(r"([^ \t:]*)([ \t:]*)([+-]?[0-9]*)(.*)", re.DOTALL)
_KEYS = COUNTS | SWITCHES | {name: name for name in PERMISSIONS}


def said(text: str) -> frozenset[str]:
    """The limits, by column, about which the text says something; the others have vpopmail's initial
    value."""
    return frozenset(column for line, _end in _LINE.findall(text) if (column := _column(line)))


def _column(line: str) -> str:
    """The limit that a line says something about; "" for a comment, an unknown word, a key without a
    value."""
    match = WORD.match(line)
    column = "" if match is None or line.startswith("#") else COLUMN_OF.get(match[1], "")
    return column if match and (column in SWITCHES or match[2]) else ""


def edit(text: str, changes: Mapping[str, int | None]) -> str:
    """The text with these limits, by column; None takes what it says of one away, and so does 0 of a switch.

    A limit that the text does not mention gets a line of its own: behind a comment that shows it, or at the
    end. Raises KeyError for what is no limit.
    """
    wanted = {column: _said(column, value) for column, value in changes.items() if _KEYS[column]}
    lines = [found for found in _LINE.findall(text) if any(found)]
    present = {_column(line) for line, _end in lines}
    kept = [(_changed(line, wanted), end) for line, end in lines if not _goes(line, wanted)]
    for column, value in wanted.items():
        if value is not None and column not in present:
            _insert(kept, column, value)
    return "".join(line + end for line, end in kept)


def _said(column: str, value: int | None) -> int | None:
    return None if column in SWITCHES and not value else value


def _goes(line: str, wanted: Mapping[str, int | None]) -> bool:
    column = _column(line)
    return column in wanted and wanted[column] is None


def _changed(line: str, wanted: Mapping[str, int | None]) -> str:
    column = _column(line)
    match = _VALUE.match(line)
    if column not in wanted or column in SWITCHES or match is None:
        return line
    key, between, number, rest = match.groups()
    return (
        line if number == str(wanted[column]) else f"{key}{between}{wanted[column]}{rest if number else ''}"
    )


def _insert(lines: list[tuple[str, str]], column: str, value: int) -> None:
    key = _KEYS[column]
    new = key if column in SWITCHES else f"{key}: {value}"
    example = re.compile(rf"#[ \t]*{key}(?![\w-])")
    places = [number for number, (line, _end) in enumerate(lines) if example.match(line)]
    place = places[-1] + 1 if places else len(lines)
    if place and not lines[place - 1][1]:
        lines[place - 1] = (lines[place - 1][0], "\n")
    lines.insert(place, (new, "\n"))


def check_edited(text: str, former: str) -> str:
    """Return the text when each line of it is a limit, a comment, or stood there before, with another number
    at most.

    Raise ValueError with a sentence otherwise, and for a text that vpopmail's programs have no room for.
    """
    if len(text.encode("utf-8", "surrogateescape")) > LONGEST_FILE:
        raise ValueError(f"A limits file has at most {LONGEST_FILE} bytes.")
    before = {_shape(line) for line, _end in _LINE.findall(former)}
    for line, _end in _LINE.findall(text):
        if _shape(line) not in before:
            check(line)
    return text


def _shape(line: str) -> str:
    """The line with any number in the place of its own."""
    match = _VALUE.match(line)
    if not _column(line) or match is None or not match[3]:
        return line
    return f"{match[1]}{match[2]}0{match[4]}"

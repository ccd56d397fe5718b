"""Words of a command line as getopt(3) reads them, for argparse, which differs in two ways.

vpopmail's programs take what follows an option as its value even when it starts with "-"; and an option with
an optional value takes it only when attached (`-r20`), so that `-r ADDRESS` works.
"""

import argparse
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any

from django.core.management.base import CommandParser


class GetoptParser(CommandParser):
    """Django's parser, fed with words that it can't misread."""

    def parse_known_args(self, args: Sequence[str] | None = None, namespace: Any = None) -> Any:  # type: ignore[override]
        return super().parse_known_args(list(self._words(deque(args or ()))), namespace)

    def _action(self, option: str) -> argparse.Action | None:
        return self._option_string_actions.get(option)

    def _words(self, rest: deque[str]) -> Iterator[str]:
        while rest:
            word = rest.popleft()
            if word == "--":
                yield word
                yield from rest
                return
            if word.startswith("--"):
                yield from self._long(word, rest)
            elif word.startswith("-") and word != "-":
                yield from self._letters(word[1:], rest)
            else:
                yield word

    def _long(self, word: str, rest: deque[str]) -> Iterator[str]:
        action = self._action(word)
        if action is None or action.nargs == 0:
            yield word
        elif action.nargs == "?":
            yield f"{word}={rest.popleft() if rest and rest[0].isdecimal() else action.const}"
        else:
            yield from _with_value(word, rest.popleft() if rest else None)

    def _letters(self, letters: str, rest: deque[str]) -> Iterator[str]:
        """A cluster such as `-xp` or `-qNOQUOTA`; what is unknown is left to argparse to refuse."""
        for position, letter in enumerate(letters):
            action, attached = self._action("-" + letter), letters[position + 1 :]
            if action is not None and action.nargs == 0:
                yield "-" + letter
                continue
            if action is None:
                yield "-" + letters[position:]
            elif action.nargs == "?":
                yield f"{_long_name(action)}={attached or action.const}"
            else:
                yield from _with_value("-" + letter, attached or (rest.popleft() if rest else None))
            return


def _long_name(action: argparse.Action) -> str:
    return next(name for name in action.option_strings if name.startswith("--"))


def _with_value(option: str, value: str | None) -> Iterator[str]:
    """Option and value as two words, or as one where argparse would take the value for an option."""
    if value is None or not value.startswith("-"):
        yield option
        yield from () if value is None else (value,)
    else:
        yield f"{option}={value}" if option.startswith("--") else option + value

"""Words as vpopmail's programs read them (getopt), in spite of argparse."""

from typing import Any

import pytest
from django.core.management import CommandError

from audit.getopt import GetoptParser


def parse(*words: str) -> dict[str, Any]:
    parser = GetoptParser()
    parser.add_argument("-q", "--quota")
    parser.add_argument("-c", "--gecos")
    parser.add_argument("-P")
    parser.add_argument("-x", action="store_true")
    parser.add_argument("-0", dest="zero", action="store_true")
    parser.add_argument("-r", "--random", nargs="?", const=12, type=int)
    parser.add_argument("address", nargs="?")
    return {
        name: value
        for name, value in vars(parser.parse_args(list(words))).items()
        if value not in (None, False)
    }


@pytest.mark.parametrize(
    ("words", "result"),
    [
        (["-q", "10MB", "a@b.c"], {"quota": "10MB", "address": "a@b.c"}),
        (["-q10MB", "a@b.c"], {"quota": "10MB", "address": "a@b.c"}),
        (["a@b.c", "-q", "10MB"], {"quota": "10MB", "address": "a@b.c"}),
        (["-c", "-x", "a@b.c"], {"gecos": "-x", "address": "a@b.c"}),
        (["-c", "", "a@b.c"], {"gecos": "", "address": "a@b.c"}),
        (["-c", " two  words ", "a@b.c"], {"gecos": " two  words ", "address": "a@b.c"}),
        (["-c", "=a=b"], {"gecos": "=a=b"}),
        (["--gecos", "-x"], {"gecos": "-x"}),
        (["--gecos=-x"], {"gecos": "-x"}),
        (["-P", "-1"], {"P": "-1"}),
        (["-P-1"], {"P": "-1"}),
        (["-x0", "a@b.c"], {"x": True, "zero": True, "address": "a@b.c"}),
        (["-xqNOQUOTA"], {"x": True, "quota": "NOQUOTA"}),
        (["-r", "a@b.c"], {"random": 12, "address": "a@b.c"}),
        (["-r20", "a@b.c"], {"random": 20, "address": "a@b.c"}),
        (["-xr", "a@b.c"], {"x": True, "random": 12, "address": "a@b.c"}),
        (["--random", "20", "a@b.c"], {"random": 20, "address": "a@b.c"}),
        (["--random", "a@b.c"], {"random": 12, "address": "a@b.c"}),
        (["--random=20", "a@b.c"], {"random": 20, "address": "a@b.c"}),
        (["--", "-a@b.c"], {"address": "-a@b.c"}),
        (["-x", "--", "-q"], {"x": True, "address": "-q"}),
        (["-"], {"address": "-"}),
    ],
)
def test_words(words: list[str], result: dict[str, Any]) -> None:
    assert parse(*words) == result


@pytest.mark.parametrize(
    "words", [["-y"], ["-xy"], ["-q"], ["--quota"], ["-rabc"], ["a@b.c", "secret"], ["-a@b.c"]]
)
def test_what_is_wrong(words: list[str]) -> None:
    with pytest.raises(CommandError):
        parse(*words)

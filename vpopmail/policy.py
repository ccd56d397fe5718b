"""vpopmail's `etc/password_strength.conf`: its grammar, and its judgement in words (pwstr.c)."""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    ">": operator.gt,
    ">=": operator.ge,
}
_NUMBER = re.compile(r"[ \t]*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
RULES = ("alphabet", "upperlower", "numeric", "other", "length")


@dataclass(frozen=True, slots=True)
class Policy:
    """`rules` is name → (operator, number); `text` the site's own description, or ""."""

    rules: dict[str, tuple[str, float]] = field(default_factory=dict)
    text: str = ""

    def judge(self, password: str) -> str:
        """ "" when the policy allows the password, else why not, in a sentence. The first broken rule
        counts."""
        values = _measure(password)
        for name in ("length", "alphabet", "numeric", "other", "upperlower"):
            test, bound = self.rules.get(name, ("", 0.0))
            if test and not _OPERATORS[test](values[name], bound):
                reason = _reason(name, test, bound)
                return f"{reason} {self.text}".strip() if self.text else reason
        return ""


def _measure(password: str) -> dict[str, float]:
    """What the rules compare. vpopmail counts bytes, and takes the marks between Z and a for lower-case
    letters."""
    data = password.encode()
    upper = sum(65 <= byte <= 90 for byte in data)
    lower = sum(91 <= byte <= 122 for byte in data)
    digits = sum(48 <= byte <= 57 for byte in data)
    length = len(data)
    share = (lambda count: count / length) if length else (lambda count: float("nan"))
    letters = upper + lower
    return {
        "length": float(length),
        "alphabet": share(letters),
        "numeric": share(digits),
        "other": share(length - letters - digits),
        "upperlower": abs(upper - lower) / letters if letters else float("nan"),
    }


def _reason(name: str, test: str, bound: float) -> str:
    if name == "length":
        if test == "=":
            return _("The password must have exactly %(count)d characters.") % {"count": int(bound)}
        return _("The password needs more characters.") if ">" in test else _("The password is too long.")
    if name == "upperlower":
        return (
            _("The password needs more of both upper-case and lower-case letters.")
            if "<" in test
            else _("The password should have less of a mixture of upper-case and lower-case letters.")
        )
    things = {
        "alphabet": _("letters"),
        "numeric": _("digits"),
        "other": _("punctuation or other characters"),
    }[name]
    if test == "=":
        return _("The password has the wrong share of %(things)s.") % {"things": things}
    if ">" in test:
        return _("The password needs more %(things)s.") % {"things": things}
    return _("The password should have fewer %(things)s.") % {"things": things}


def parse(text: str) -> Policy:
    """The policy a file states. Lines that vpopmail cannot read are skipped; an unknown rule ends the file,
    as there."""
    rules: dict[str, tuple[str, float]] = {}
    description = ""
    for line in text.splitlines():
        name, test, value = _words(line)
        if not value:
            continue
        if name == "policy":
            description = value
            continue
        if name not in RULES or test not in _OPERATORS:
            break
        number = _NUMBER.match(value)
        rules[name] = (test, float(number[0]) if number else 0.0)
    return Policy(rules, description)


def _words(line: str) -> tuple[str, str, str]:
    """Rule, operator and the rest of a line; comments begin with # anywhere."""
    parts = re.split(r"[ \t]+", line.split("#", 1)[0].rstrip("\r"), maxsplit=2)
    name, test, value = (parts + ["", "", ""])[:3]
    return (
        name.lower(),
        test,
        value.strip() if name.lower() == "policy" else value.split(" ")[0].split("\t")[0],
    )

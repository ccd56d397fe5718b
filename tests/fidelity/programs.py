"""The recorded command lines, done by the engine: vpopmail's own options, as its programs read them."""

import getopt
from collections.abc import Callable
from typing import Any

from vpopmail import passwords, quota
from vpopmail.assigned import domains
from vpopmail.engines import get_engine
from vpopmail.engines.base import NewAccount
from vpopmail.flags import FLAGS
from vpopmail.schema import schema

ALL_BITS = 0x7FFFFFFF
COUNTS = {
    "-P": "maxpopaccounts",
    "-A": "maxaliases",
    "-F": "maxforwards",
    "-R": "maxautoresponders",
    "-L": "maxmailinglists",
    "-Q": "diskquota",
    "-q": "defaultquota",
    "-M": "maxmsgcount",
    "-m": "defaultmaxmsgcount",
}
SWITCHES = {
    "u": "disable_dialup",
    "d": "disable_passwordchanging",
    "p": "disable_pop",
    "w": "disable_webmail",
    "s": "disable_smtp",
    "i": "disable_imap",
    "r": "disable_relay",
    "c": "disable_spamassassin",
    "x": "delete_spam",
    "m": "disable_maildrop",
}


def run(argv: list[str], unknown: str) -> None:
    """Do one recorded command line; what the engine raises goes on upwards."""
    _RUN[argv[0]](argv[1:], unknown)


def repeated(step: dict[str, Any]) -> list[list[str]]:
    """The command lines of a step: one, or one for each number of its half-open range."""
    if not step.get("repeat"):
        return [step["run"]]
    return [[word.replace("{i}", str(i)) for word in step["run"]] for i in range(*step["repeat"])]


def _options(argv: list[str], letters: str) -> tuple[dict[str, str], list[str]]:
    found, rest = getopt.gnu_getopt(argv, letters)
    return dict(found), rest


def _account(name: str, password: str, options: dict[str, str]) -> NewAccount:
    ready = options.get("-e", "")
    if ready and schema().hash_prefix == "$1$":
        ready = "$1$abcdefgh$" + "x" * 22
    text = quota.parse_quota(options["-q"]) if "-q" in options else ""
    clear = password if schema().clear_passwords else ""
    return NewAccount(name, ready or passwords.make_hash(password), clear, options.get("-c", ""), text)


def _vadddomain(argv: list[str], unknown: str) -> None:
    options, (domain, password) = _options(argv, "q:e:Or:b")
    account = _account("postmaster", password, {k: v for k, v in options.items() if k == "-q"})
    get_engine().vadddomain(domain, account, unknown=options.get("-e", unknown))


def _vdeldomain(argv: list[str], unknown: str) -> None:
    options, (domain,) = _options(argv, "f")
    get_engine().vdeldomain(domain, with_alias_domains="-f" in options)


def _vaddaliasdomain(argv: list[str], unknown: str) -> None:
    first, second = argv
    real, alias = (first, second) if first in domains() else (second, first)
    get_engine().vaddaliasdomain(real, alias)


def _vadduser(argv: list[str], unknown: str) -> None:
    options, (address, *password) = _options(argv, "q:c:e:r:")
    name, _, domain = address.partition("@")
    get_engine().vadduser(domain, _account(name, "".join(password), options))


def _vdeluser(argv: list[str], unknown: str) -> None:
    name, _, domain = argv[0].partition("@")
    get_engine().vdeluser(domain, name)


def _vpasswd(argv: list[str], unknown: str) -> None:
    name, _, domain = argv[0].partition("@")
    clear = argv[1] if schema().clear_passwords else ""
    get_engine().vpasswd(domain, name, passwords.make_hash(argv[1]), clear)


def _vmoduser(argv: list[str], unknown: str) -> None:
    letters = {f"-{flag.letter}": flag.bit for flag in FLAGS if flag.letter}
    options, (address,) = _options(argv, "c:q:e:C:x" + "".join(letter[1] for letter in letters))
    name, _, domain = address.partition("@")
    bits = sum(letters[option] for option in options if option in letters)
    cleared = ALL_BITS & ~bits if "-x" in options else 0
    get_engine().vmoduser(domain, name, gecos=options.get("-c"), set_flags=bits, clear_flags=cleared)
    if "-q" in options:
        get_engine().vsetuserquota(domain, name, quota.parse_quota(options["-q"]))


def _vsetuserquota(argv: list[str], unknown: str) -> None:
    name, _, domain = argv[0].partition("@")
    get_engine().vsetuserquota(domain, name, quota.parse_quota(argv[1]))


def _valias(argv: list[str], unknown: str) -> None:
    options, (address,) = _options(argv, "i:d")
    name, _, domain = address.partition("@")
    if "-i" in options:
        get_engine().valias_insert(domain, name, options["-i"])
    else:
        get_engine().valias_delete(domain, name)


def _vmoddomlimits(argv: list[str], unknown: str) -> None:
    options, (domain,) = _options(argv, "P:A:F:R:L:Q:q:M:m:g:D")
    if "-D" in options:
        get_engine().vdellimits(domain)
        return
    changes = {COUNTS[option]: int(value) for option, value in options.items() if option in COUNTS}
    if "-g" in options:
        changes |= {column: int(letter in options["-g"]) for letter, column in SWITCHES.items()}
    get_engine().vmoddomlimits(domain, changes)


_RUN: dict[str, Callable[[list[str], str], None]] = {
    name.removeprefix("_"): function
    for name, function in list(globals().items())
    if name.startswith("_v") and callable(function)
}

"""The base of all commands: who acts, what they give, what comes out and how it ends.

Results go to standard output, warnings and reasons to standard error; the exit status tells the truth (EXIT
below).
"""

import contextlib
import io
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, TypedDict

from django.core.management.base import BaseCommand, CommandError, CommandParser, OutputWrapper
from django.db import DatabaseError, InterfaceError, connections
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import origin
from audit.arguments import read_line, read_password
from audit.getopt import GetoptParser
from audit.privilege import drop_root
from mailhost.errors import HelperError
from vpopmail import helper, passwords
from vpopmail.engines.base import Changed, Incomplete, NotFound, Outcome, Refused, Unavailable, VpopmailError

# 1: refused, nothing changed; 2: argparse's own, the line is wrong.
REFUSED, USAGE, NOT_FOUND, CHANGED, UNAVAILABLE, INCOMPLETE = 1, 2, 3, 4, 5, 6
EXIT: dict[type[VpopmailError], int] = {
    NotFound: NOT_FOUND,
    Changed: CHANGED,
    Unavailable: UNAVAILABLE,
    Incomplete: INCOMPLETE,
}
INTERRUPTED = 130
LONGEST_RANDOM = 128


class Failure(CommandError):
    """What a command ends with: a sentence, and the exit status as `returncode`."""


def _words(error: Exception) -> tuple[str, int]:
    """The sentence and the exit status for what went wrong."""
    if isinstance(error, VpopmailError):
        return error.message, next((code for kind, code in EXIT.items() if isinstance(error, kind)), REFUSED)
    if isinstance(error, HelperError):
        return error.message, UNAVAILABLE
    if isinstance(error, UnicodeError):
        return _("An argument holds bytes that are not text in UTF-8."), REFUSED
    if isinstance(error, OSError):
        return f"{error.filename or _('The operating system')}: {error.strerror or error}", UNAVAILABLE
    return _("The database refuses or cannot be reached: %(reason)s") % {"reason": error}, UNAVAILABLE


class Program(BaseCommand):
    """A command with the options of vpopmail's program of the same name.

    A subclass has `add_options` and `act`; `act` returns the Outcome, prints with `say`, and adds to
    `self.data` what `--json` shows beside it.
    """

    requires_system_checks: list[str] = []
    data: dict[str, Any]

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, allow_abbrev=False, **kwargs)
        parser.__class__ = GetoptParser  # Django has no setting for the class
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        self.add_options(parser)
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def add_options(self, parser: CommandParser) -> None:
        raise NotImplementedError

    def act(self, options: dict[str, Any]) -> Outcome | None:
        raise NotImplementedError

    def say(self, text: str) -> None:
        """Print a line, unless the result is wanted as JSON."""
        if not self.as_json:
            self.stdout.write(text)

    def handle(self, *args: Any, **options: Any) -> None:
        self.data, self.as_json = {}, bool(options["json"])
        token = origin.current.set(origin.Origin("command"))
        try:
            with helper.session():  # one connection for all its calls
                outcome = self.act(options) or Outcome()
        except (VpopmailError, HelperError, DatabaseError, InterfaceError, OSError, UnicodeError) as error:
            self._fail(error)
        else:
            self._report(outcome)
        finally:
            origin.current.reset(token)

    def _fail(self, error: Exception) -> None:
        message, code = _words(error)
        if self.as_json:
            where = getattr(error, "field", "")
            answer = {**self.data, "ok": False, "error": {"message": message, "field": where, "status": code}}
            self.stdout.write(json.dumps(answer))
        raise Failure(message, returncode=code) from error

    def _report(self, outcome: Outcome) -> None:
        if self.as_json:
            kept = outcome.kept_until
            answer = {**self.data, "ok": True, "warnings": list(outcome.warnings)}
            answer |= {"kept_until": kept.isoformat() if kept else None, "trash": outcome.trash}
            self.stdout.write(json.dumps(answer))
            return
        for warning in outcome.warnings:
            self.stderr.write(_("Warning: %(text)s") % {"text": warning})
        if outcome.kept_until:
            self.stdout.write(_kept(outcome.kept_until, outcome.trash))

    def run_from_argv(self, argv: list[str]) -> None:
        """Run as a process: every end is a sentence on standard error and an exit status, never a
        traceback."""
        self._called_from_command_line = True
        with _closing():
            try:
                drop_root()
                if isinstance(sys.stdout, io.TextIOWrapper):  # names and lines may hold any bytes
                    sys.stdout.reconfigure(errors="surrogateescape")
                parser = self.create_parser(argv[0], argv[1])
                options = vars(parser.parse_args(argv[2:]))
                if options["verbosity"] < 2:  # each call of the helper would be a line
                    logging.getLogger("mailhost").setLevel(logging.WARNING)
                self.execute(*options.pop("args", ()), **options)
                sys.stdout.flush()
            except CommandError as error:
                _leave(str(error), error.returncode)
            except BrokenPipeError:
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
                sys.exit(UNAVAILABLE)
            except OSError as error:
                _leave(*_words(error))
            except KeyboardInterrupt:
                _leave(_("Interrupted."), INTERRUPTED)


def _leave(message: str, code: int) -> None:
    OutputWrapper(sys.stderr).write(message)
    sys.exit(code)


@contextlib.contextmanager
def _closing() -> Iterator[None]:
    try:
        yield
    finally:
        connections.close_all()


def _kept(until: datetime, trash: str) -> str:
    when = timezone.localtime(until).strftime("%Y-%m-%d %H:%M")
    return _("What was deleted is kept until %(when)s in %(trash)s") % {"when": when, "trash": trash}


def add_random(parser: CommandParser) -> None:
    """The option `-r`: a password made by the program and printed, as vpopmail's programs do."""
    parser.add_argument(
        "-r",
        "--random",
        nargs="?",
        const=12,
        type=int,
        metavar="N",
        help="make a random password of N (12) characters and print it",
    )


def random_password(length: int) -> str:
    """A password for `--random`. Raises Refused for a length that is none."""
    if not 1 <= length <= LONGEST_RANDOM:
        raise Refused(_("A random password has 1 to %(most)d characters.") % {"most": LONGEST_RANDOM})
    try:
        return passwords.generate(length)
    except passwords.BadPassword as error:
        raise Refused(str(error), field="password") from error


class Secret(TypedDict, total=False):
    """How a service is given a new password: one of the two."""

    password: str
    password_hash: str


class NewPassword(Program):
    """A program that sets a password: `--random`, standard input, or (with `-e`) a ready hash from there."""

    def secret(self, options: dict[str, Any], check: Callable[[], object]) -> Secret:
        """The keyword arguments for the service.

        On a terminal `check` is called first, so that nobody types a password for a name that is refused
        anyway.
        """
        if sys.stdin.isatty():
            check()
        if options.get("hash") and options["random"] is not None:
            raise Refused(_("A random password and a ready hash exclude each other."))
        if options.get("hash"):
            return {"password_hash": read_line(_("Password hash"))}
        self.generated = "" if options["random"] is None else random_password(options["random"])
        return {"password": self.generated or read_password()}

    generated = ""

    def tell_generated(self) -> None:
        if self.generated:
            self.data["password"] = self.generated
            self.say(_("Random password: %(password)s") % {"password": self.generated})

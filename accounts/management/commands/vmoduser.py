"""`manage.py vmoduser`: change an account, or all accounts of a domain."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from accounts import each, services
from audit.arguments import read_line, read_password
from audit.command import Program, Secret
from vpopmail.engines.base import Outcome, Refused
from vpopmail.flags import FLAGS
from vpopmail.given import quota_text

ALL_FLAGS = -1


class Command(Program):
    help = "Change an account, or every account of a domain. Flags are added; -x clears all others."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("-c", "--gecos", help="the display name")
        parser.add_argument("-q", "--quota", help="10MB, 2G, 10MB,500C, NOQUOTA")
        parser.add_argument(
            "-C",
            "--clear",
            action="store_true",
            help="set the password that is the first line of standard input",
        )
        parser.add_argument(
            "-e",
            "--hash",
            action="store_true",
            help="set the ready hash that is the first line of standard input",
        )
        parser.add_argument("-x", "--clear-flags", action="store_true", help="clear all flags not named here")
        for flag in FLAGS:
            parser.add_argument(
                f"-{flag.letter}",
                dest=flag.name,
                action="store_const",
                const=flag.bit,
                default=0,
                help=str(flag.label),
            )
        parser.add_argument("-n", action="store_true", dest="no_index", help="of no effect here")
        parser.add_argument("-D", "--directory", help="not supported: refused")
        parser.add_argument("target", metavar="ADDRESS|DOMAIN")

    def act(self, options: dict[str, Any]) -> Outcome:
        if options["directory"] is not None:
            raise Refused(_("-D is not supported: the mailbox would stay where it is."))
        change = _Change(options)
        outcome, self.data["addresses"] = each.account(options["target"], change)
        return outcome


class _Change:
    """What the options ask for, checked before the first account is touched."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.gecos: str | None = options["gecos"]
        self.quota = quota_text(options["quota"]) if options["quota"] is not None else None
        if self.quota == "":
            raise Refused(_("A quota is needed: 10MB, 2G, 10MB,500C or NOQUOTA."), field="quota")
        self.set_flags = sum(options[flag.name] for flag in FLAGS)
        self.clear_flags = ALL_FLAGS if options["clear_flags"] else 0
        self.secret = self._secret(options)
        if self.gecos is self.quota is None and not (self.set_flags or self.clear_flags or self.secret):
            raise Refused(_("Nothing to change: give at least one option."))

    def _secret(self, options: dict[str, Any]) -> Secret:
        if options["clear"] and options["hash"]:
            raise Refused(_("-C and -e exclude each other."))
        if options["clear"]:
            return {"password": read_password()}
        if options["hash"]:
            return {"password_hash": read_line(_("Password hash"))}
        return {}

    def __call__(self, domain: str, name: str) -> Outcome:
        outcome = Outcome()
        if self.secret:
            outcome += services.change_password(actor=None, domain=domain, name=name, **self.secret)
        if self.gecos is not None or self.set_flags or self.clear_flags:
            outcome += services.change_account(
                actor=None,
                domain=domain,
                name=name,
                gecos=self.gecos,
                set_flags=self.set_flags,
                clear_flags=self.clear_flags,
            )
        if self.quota is not None:
            outcome += services.change_quota(actor=None, domain=domain, name=name, quota=self.quota)
        return outcome
